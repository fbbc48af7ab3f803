# SPDX-License-Identifier: AGPL-3.0-or-later
"""The resolver all programs of this box use: whether it checks signatures (DNSSEC).

Without that Postfix cannot go by the keys other mail servers publish (DANE, RFC 7672).
"""

from freedombox.utils import import_from_gi

_PROPERTY = ('org.freedesktop.resolve1.Manager', 'DNSSEC')
_PATIENCE_MS = 1000


def validates() -> bool | None:
    """The setting of systemd-resolved, asked over D-Bus; None when it does not answer."""
    gio = import_from_gi('Gio', '2.0')
    glib = import_from_gi('GLib', '2.0')
    try:
        reply = gio.bus_get_sync(gio.BusType.SYSTEM).call_sync(
            'org.freedesktop.resolve1', '/org/freedesktop/resolve1',
            'org.freedesktop.DBus.Properties', 'Get', glib.Variant('(ss)', _PROPERTY),
            glib.VariantType('(v)'), gio.DBusCallFlags.NONE, _PATIENCE_MS, None,
        )  # fmt: skip
    except glib.Error:
        return None
    return bool(reply.unpack()[0] != 'no')
