# SPDX-License-Identifier: AGPL-3.0-or-later
"""States of systemd's units, asked over D-Bus.

All users may ask, and an answer takes a millisecond where starting `systemctl` takes ten:
a page that shows eight states can afford the one but not the other.
"""

from collections.abc import Iterable

from freedombox.utils import import_from_gi

_MANAGER = (
    'org.freedesktop.systemd1',
    '/org/freedesktop/systemd1',
    'org.freedesktop.systemd1.Manager',
)
_PATIENCE_MS = 3000
_ACTIVE_STATE = 3  # position in the record ListUnitsByNames returns
_RUNNING = ('active', 'reloading', 'refreshing')


def _ask(method: str, kind: str, argument: object, answer: str) -> tuple[object, ...]:
    """Call a method of systemd and return its answer."""
    gio = import_from_gi('Gio', '2.0')
    glib = import_from_gi('GLib', '2.0')
    bus = gio.bus_get_sync(gio.BusType.SYSTEM)
    reply = bus.call_sync(
        *_MANAGER,
        method,
        glib.Variant(kind, (argument,)),
        glib.VariantType(answer),
        gio.DBusCallFlags.NONE,
        _PATIENCE_MS,
        None,
    )
    return tuple(reply.unpack())


def _full_name(unit: str) -> str:
    """A unit's name with its ending."""
    return unit if '.' in unit else f'{unit}.service'


def running(units: Iterable[str]) -> dict[str, bool]:
    """For each unit whether it runs; an unknown one does not."""
    names = {_full_name(unit): unit for unit in units}
    (records,) = _ask('ListUnitsByNames', '(as)', list(names), '(a(ssssssouso))')
    assert isinstance(records, list)  # noqa: S101 - the answer's type was asked for
    return {names[record[0]]: record[_ACTIVE_STATE] in _RUNNING for record in records}


def starts_at_boot(unit: str) -> bool:
    """Whether a unit is enabled; False for one that is not installed."""
    glib = import_from_gi('GLib', '2.0')
    try:
        (state,) = _ask('GetUnitFileState', '(s)', _full_name(unit), '(s)')
    except glib.Error:
        return False
    return state == 'enabled'
