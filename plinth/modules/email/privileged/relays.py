# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on relays and on the ways mail leaves the box.

DIAGNOSTICS
    The errors of `maintenance.relaying` and `sending.route_trial`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..directory.relay import Relay
from ..maintenance import relaying
from ..sending import route_trial as trials


@privileged
def relay_add(
    name: str,
    host: str,
    port: int,
    tls: str,
    verify: bool,
    login: str,
    password: secret_str | None,
    backups: list[str],
    spf: str,
    note: str,
) -> dict[str, Any]:
    """Add a relay, with the password of its login if it has one."""
    relay = Relay(name, host, port, tls, verify, login, ' '.join(backups), spf, note)
    return relaying.add(relay, str(password or '')).to_json()


@privileged
def relay_change(
    name: str,
    host: str,
    port: int,
    tls: str,
    verify: bool,
    login: str,
    password: secret_str | None,
    backups: list[str],
    spf: str,
    note: str,
    version: str = '',
) -> dict[str, Any]:
    """Change a relay; None leaves its password as it is."""
    relay = Relay(name, host, port, tls, verify, login, ' '.join(backups), spf, note)
    word = None if password is None else str(password)
    return relaying.change(relay, word, version).to_json()


@privileged
def relay_remove(name: str, version: str = '') -> dict[str, Any]:
    """Remove a relay that nothing sends by, and forget its password."""
    return relaying.remove(name, version).to_json()


@privileged
def relay_state() -> dict[str, Any]:
    """The relays whose password is kept, and those that mail in the queue waits for."""
    return relaying.state().to_json()


@privileged
def route_set(scope: str, key: str, route: str) -> None:
    """Choose the way of all mail to a destination, or from a domain or mailbox."""
    relaying.choose(scope, key, route)


@privileged
def route_test(sender: str = '', recipient: str = '') -> dict[str, Any]:
    """A conversation as Postfix would have it, up to the recipient; no message is sent."""
    return trials.run(sender, recipient).to_json()
