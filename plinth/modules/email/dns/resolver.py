# SPDX-License-Identifier: AGPL-3.0-or-later
"""The resolver all programs of this box use: whether it checks signatures (DNSSEC).

Without that Postfix cannot go by the keys other mail servers publish (DANE, RFC 7672).
"""

from ..errors import MailError
from ..system import systemd

_MANAGER = ('org.freedesktop.resolve1', '/org/freedesktop/resolve1')
_PROPERTY = ('org.freedesktop.resolve1.Manager', 'DNSSEC')
_SECONDS = 1.0


def validates() -> bool | None:
    """The setting of systemd-resolved, asked over D-Bus; None when it does not answer."""
    try:
        with systemd.connected(_SECONDS) as manager:
            return bool(manager.ask(*_MANAGER, *_PROPERTY) != 'no')
    except MailError:
        return None
