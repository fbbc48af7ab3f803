# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wrong passwords, counted for each household they come from.

An IPv6 customer has a whole /64 at least, so that counts as one. What counts are different
wrong passwords: a program that says the same old one every minute guesses nothing, and never
shuts out the people beside it. A try counts before it is made, so that many at once are as few
as one after the other; it counts no more when it turns out right, and nothing else is
forgotten by that: otherwise the owner of a mailbox here could guess at others' without end.

A connection ends after a few wrong passwords, old ones too: it can be made again, so no one is shut
out by that, but who guesses gets no further on it.

A household that guesses is refused, its right passwords too. One from which a right password came
within a day, and the networks of the box itself, are refused only: a ban would cut off the
people beside a child who plays with passwords, and mail from outside where the router shows its own
address for all of it.

Web mail and onion services come from this machine itself. No client is refused there, because it
would be all of them; each login that fails only makes the next try at it slower.
"""

import hashlib
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

COUNTER_UNIT = 'freedombox-email-auth-policy.socket'
"""The unit that starts the service which counts them."""
WINDOW = 3600.0
MOST_WRONG = 20
MOST_AT_ONCE = 20
"""Tries under way, beyond those known to be wrong."""
PENDING_SECONDS = 20.0
LONGEST_DELAY = 5
"""Postfix waits 10 s for an answer, and a wrong password costs 2 s more than this."""
MOST_HOUSEHOLDS = 20_000
REFUSE = -1
KNOWN_SECONDS = 86_400.0
"""How long a household counts as known after a right password."""
MOST_ON_CONNECTION = 5
CONNECTION_SECONDS = 900.0
MOST_CONNECTIONS = 20_000


def household(address: str) -> str:
    """The address or, in IPv6, the /64 of one household; empty for text that is no address."""
    try:
        found = ipaddress.ip_address(address.partition('%')[0])
    except ValueError:
        return ''
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(found), 64), strict=False))
        found = found.ipv4_mapped
    return str(found)


def is_this_machine(address: str) -> bool:
    """Whether an address is one of the loopback network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(found, 'ipv4_mapped', None) or found).is_loopback


@dataclass
class _Seen:
    """Passwords tried from one household, by when; `opened` is when one was last right."""

    wrong: dict[bytes, float] = field(default_factory=dict)
    pending: dict[bytes, float] = field(default_factory=dict)
    opened: float | None = None

    def drop_old(self, now: float) -> None:
        """Forget tries too old to count."""
        for tries, seconds in ((self.wrong, WINDOW), (self.pending, PENDING_SECONDS)):
            for key in [key for key, when in tries.items() if when <= now - seconds]:
                del tries[key]


@dataclass
class Guesses:
    """Counts by household; `clock` tells the time in seconds."""

    clock: Callable[[], float] = time.monotonic
    _seen: OrderedDict[str, _Seen] = field(default_factory=OrderedDict)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def _try(self, address: str, login: str, password: str) -> tuple[_Seen, bytes]:
        """Tries from the household of an address, and the mark of this one."""
        text = f'{login.lower()}\0{password}'.encode(errors='replace')
        mark = hashlib.blake2b(text, key=self._key, digest_size=16).digest()
        name = household(address)
        if is_this_machine(address):
            name = f'here {hashlib.blake2b(login.lower().encode(errors="replace")).hexdigest()}'
        seen = self._seen.setdefault(name, _Seen())
        self._seen.move_to_end(name)
        while len(self._seen) > MOST_HOUSEHOLDS:
            self._seen.popitem(last=False)
        seen.drop_old(self.clock())
        return seen, mark

    def allow(self, address: str, login: str, password: str) -> int:
        """Seconds to wait before a password is tried, or `REFUSE`; `password` may be a hash."""
        seen, mark = self._try(address, login, password)
        if mark not in seen.wrong and not is_this_machine(address):
            wrong = len(seen.wrong)
            if wrong >= MOST_WRONG or wrong + len(seen.pending) >= MOST_WRONG + MOST_AT_ONCE:
                return REFUSE
        seen.pending[mark] = self.clock()
        return 0 if seen.opened is not None else min(LONGEST_DELAY, len(seen.wrong) // 2)

    def report(self, address: str, login: str, password: str, *, right: bool | None) -> None:
        """Note whether a password was right; None when that could not be found out."""
        seen, mark = self._try(address, login, password)
        seen.pending.pop(mark, None)
        if right:
            seen.opened = self.clock()
            seen.wrong.pop(mark, None)
        elif right is False and len(seen.wrong) < MOST_WRONG + MOST_AT_ONCE:
            seen.wrong.setdefault(mark, self.clock())

    def is_known(self, name: str) -> bool:
        """Whether a right password came from a household within a day."""
        seen = self._seen.get(name)
        opened = seen.opened if seen else None
        return opened is not None and opened > self.clock() - KNOWN_SECONDS

    def refused(self) -> dict[str, float]:
        """Households that are refused now, with the seconds until they are not if they stop."""
        now = self.clock()
        found = {}
        for name, seen in self._seen.items():
            seen.drop_old(now)
            if household(name.partition('/')[0]) == name and len(seen.wrong) >= MOST_WRONG:
                oldest_that_counts = sorted(seen.wrong.values())[-MOST_WRONG]
                found[name] = oldest_that_counts + WINDOW - now
        return found

    def forget(self, name: str) -> None:
        """Forget what was tried from a household."""
        self._seen.pop(name, None)


@dataclass
class Connections:
    """Tries that failed, counted for each connection: an address and a port there."""

    clock: Callable[[], float] = time.monotonic
    _failed: OrderedDict[tuple[str, str], tuple[int, float]] = field(default_factory=OrderedDict)

    def is_to_end(self, address: str, port: str) -> bool:
        """Count one more, and tell whether it was one too many."""
        now, key = self.clock(), (address, port)
        count, last = self._failed.pop(key, (0, now))
        count = count + 1 if last > now - CONNECTION_SECONDS else 1
        self._failed[key] = count, now
        while len(self._failed) > MOST_CONNECTIONS:
            self._failed.popitem(last=False)
        return count >= MOST_ON_CONNECTION
