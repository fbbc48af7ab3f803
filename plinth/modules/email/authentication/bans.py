# SPDX-License-Identifier: AGPL-3.0-or-later
"""Households that are kept out: by fail2ban, by an administrator, or refused by the counter.

fail2ban blocks a household at the firewall. Those that guess from a network of the box, or from
where a right password came lately, are not blocked: the service that counts guesses (see
`guesses`) refuses their passwords. Run as root; fail2ban answers at its own socket, in
the way of its program `fail2ban-client`, which would take half a second to start for each question.

DIAGNOSTICS
    bans-down      fail2ban does not run, or not with our rules
    ban-invalid    the text is no address or network, or one that must not be blocked
    ban-exists     the network is blocked already, or a part of it or one around it is
    ban-missing    no such address or network is blocked
"""

import http.client
import ipaddress
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..config.dovecot import POLICY_PORT
from ..errors import MailError
from ..system.json_value import JsonValue
from ..system.own_networks import Network, OwnNetworks
from .guesses import MOST_WRONG, WINDOW, household

BY_HAND = 'freedombox-email-by-hand'
GUESSES = 'freedombox-email-guesses'
JAILS = (
    GUESSES,
    'freedombox-email-passwords',
    'freedombox-email-console',
    BY_HAND,
)
"""Jails that block households, as `jail.d/freedombox-email.conf` names them."""
REFUSED = 'refused'
"""In the place of a jail: refused by the counter of guesses, and not blocked."""
WIDEST = {4: 16, 6: 32}
"""Bits of the widest network that can be blocked by hand."""
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        ('0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/8', 'fe80::/10', 'ff00::/8'),
    )
)
"""This machine, its neighbours in IPv6, and addresses of no one."""
LONGEST = 64
"""Characters of an address or network."""
_SOCKET = '/var/run/fail2ban/fail2ban.sock'
_SECONDS = 5
_TIME = '%Y-%m-%d %H:%M:%S'


@dataclass(frozen=True)
class Ban(JsonValue):
    """A household that is kept out; `until` is None for one that an administrator blocked."""

    network: str
    jail: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class JailRules(JsonValue):
    """The rule of a running jail: so many tries within so many seconds, 0 of those by hand.

    `bantime` is -1 where a ban has no end.
    """

    jail: str
    tries: int
    seconds: int
    bantime: int


@dataclass(frozen=True)
class Bans(JsonValue):
    """All that are kept out, and the jails that run; `counts` tells whether guesses are counted."""

    bans: tuple[Ban, ...] = ()
    jails: tuple[JailRules, ...] = ()
    counts: bool = True

    @property
    def missing(self) -> tuple[str, ...]:
        """The jails that do not run."""
        return tuple(sorted(set(JAILS) - {each.jail for each in self.jails}))


def _ask(*words: str) -> Any:
    """The answer of fail2ban's server to one command; its own error when it refuses it."""
    from fail2ban.client.csocket import CSocket  # of a package that is not needed to import this

    try:
        connection = CSocket(_SOCKET, timeout=_SECONDS)
    except OSError as error:
        raise MailError('bans-down', str(error)) from error
    try:
        code, value = connection.send(list(words))
    except (OSError, EOFError, RuntimeError) as error:
        raise MailError('bans-down', str(error)) from error
    finally:
        connection.close()
    if code:
        raise MailError('bans-down.jail', str(value), jail=' '.join(words[1:2]))
    return value


def _running() -> list[str]:
    """Those of our jails that run."""
    names = {name.strip() for name in dict(_ask('status'))['Jail list'].split(',')}
    return [jail for jail in JAILS if jail in names]


def parse_line(jail: str, line: str) -> Ban:
    """A ban as fail2ban lists it: the network, when it began, how long it lasts, when it ends."""
    network, _tab, times = line.partition('\t')
    since, _plus, rest = times.partition(' + ')
    seconds, _equals, until = rest.partition(' = ')
    return Ban(network.strip(), jail, _moment(since), None if int(seconds) < 0 else _moment(until))


def _moment(text: str) -> datetime:
    """A time of fail2ban's, which is in the time zone of the machine."""
    return datetime.strptime(text.strip(), _TIME).astimezone().astimezone(UTC)


def _of_jail(jail: str) -> Iterator[Ban]:
    """All that one jail keeps out."""
    for line in _ask('get', jail, 'banip', '--with-time'):
        yield parse_line(jail, line)


def _rules(jail: str) -> JailRules:
    """The rules of a jail, as an administrator may have changed them."""
    tries, seconds, bantime = (
        int(_ask('get', jail, name)) for name in ('maxretry', 'findtime', 'bantime')
    )
    if jail == GUESSES:  # its one line is written by the counter
        tries, seconds = MOST_WRONG, int(WINDOW)
    return JailRules(jail, 0 if jail == BY_HAND else tries, seconds, bantime)


def _counter(command: str, data: Any) -> Any:
    """The answer of the service that counts guesses."""
    connection = http.client.HTTPConnection('127.0.0.1', POLICY_PORT, timeout=_SECONDS)
    try:
        connection.request('POST', f'/?command={command}', json.dumps(data))
        return json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise MailError('bans-down.counter', str(error)) from error
    finally:
        connection.close()


def _refused() -> tuple[Ban, ...]:
    """Households whose passwords are refused now."""
    found, now = _counter('list', {})['refused'], datetime.now(UTC)
    return tuple(
        Ban(name, REFUSED, None, now + timedelta(seconds=float(left)))
        for name, left in sorted(found.items())
    )


def look() -> Bans:
    """All that are kept out now."""
    running = _running()
    blocked = [ban for jail in running for ban in _of_jail(jail)]
    try:
        refused, counts = _refused(), True
    except MailError:
        refused, counts = (), False
    names = {ban.network for ban in blocked}
    only_refused = (ban for ban in refused if ban.network not in names)
    return Bans((*blocked, *only_refused), tuple(map(_rules, running)), counts)


def parse(text: str) -> Network:
    """The network to block for an address, which is a household, or for a network."""
    try:
        if len(text) > LONGEST or not text.isascii():
            raise ValueError('no address')
        if '/' not in text and not household(text):
            raise ValueError('no address')
        return ipaddress.ip_network(text if '/' in text else household(text))
    except ValueError as error:
        raise MailError('ban-invalid', text[:LONGEST]) from error


def parse_foreign(text: str, own: Iterable[Network]) -> Network:
    """The network to block; never one in which the box itself is, or half of the internet."""
    network = parse(text)
    if network.prefixlen < WIDEST[network.version]:
        raise MailError('ban-invalid.wide', network=str(network))
    if any(network.overlaps(each) for each in _alike((*_NEVER, *own), network)):
        raise MailError('ban-invalid.own', network=str(network))
    return network


def _alike(networks: Iterable[Network], one: Network) -> Iterator[Any]:
    """Networks of the same version of the internet protocol."""
    return (each for each in networks if each.version == one.version)


def _short(network: Network) -> str:
    """A network as fail2ban names it: a single address without its length."""
    whole = network.prefixlen == network.max_prefixlen
    return str(network.network_address if whole else network)


def _overlapping(bans: Sequence[Ban], network: Network) -> list[Ban]:
    """Bans by hand that have addresses in common with a network."""
    by_hand = [ban for ban in bans if ban.jail == BY_HAND]
    found = [(ban, ipaddress.ip_network(ban.network, strict=False)) for ban in by_hand]
    return [ban for ban, each in found if list(_alike([each], network)) and each.overlaps(network)]


def add(text: str) -> Ban:
    """Block the household of an address, or a network, until an administrator unblocks it."""
    network = parse_foreign(text.strip(), OwnNetworks().all())
    present = _overlapping(list(_of_jail(BY_HAND)), network)
    if present:
        raise MailError('ban-exists', network=present[0].network)
    name = _short(network)
    _ask('set', BY_HAND, 'banip', name)
    return next(ban for ban in _of_jail(BY_HAND) if ban.network == name)


def remove(text: str) -> tuple[Ban, ...]:
    """Unblock a household or network, and forget what was counted of it."""
    name = _short(parse(text.strip()))
    found = [ban for ban in look().bans if ban.network == name]
    if not found:
        raise MailError('ban-missing', network=name)
    with suppress(MailError):  # what does not run has nothing to forget
        _counter('forget', {'household': name})
    for ban in found:
        if ban.jail != REFUSED:
            _ask('set', ban.jail, 'unbanip', name)
    return tuple(found)
