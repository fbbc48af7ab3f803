# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often somebody may guess a password before they have to wait.

Each try is counted before it is made, so that many at the same time are as few as one after
the other, and forgotten when it was right. What is counted are the account, whether there is
one of this name or not, and the address the request came from. All of it is forgotten when
the web interface starts again.
"""

import ipaddress
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

MOST_TRIES = 5
SECONDS = 600
MOST_KEYS = 20_000


@dataclass
class Throttle:
    """Counts tries by key; `clock` tells the time in seconds."""

    most: int = MOST_TRIES
    seconds: float = SECONDS
    clock: Callable[[], float] = time.monotonic
    _tries: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, keys: Iterable[str]) -> int:
        """Count one try, or return after how many seconds there may be another one."""
        names = tuple(keys)
        with self._lock:
            now = self.clock()
            longest = max(self._wait_of(name, now) for name in names)
            if longest <= 0:
                for name in names:
                    self._tries.setdefault(name, deque()).append(now)
                    self._tries.move_to_end(name)
                while len(self._tries) > MOST_KEYS:
                    self._tries.popitem(last=False)
        return max(0, int(-(-longest // 1)))

    def _wait_of(self, name: str, now: float) -> float:
        """Return how long one key has to wait, and drop what is too old to count."""
        tries = self._tries.get(name)
        while tries and tries[0] <= now - self.seconds:
            tries.popleft()
        if not tries or len(tries) < self.most:
            return 0
        return tries[0] + self.seconds - now

    def forget(self, account: str, client: str) -> None:
        """Forget all tries at an account whose password was right, and this one of a client."""
        with self._lock:
            self._tries.pop(account, None)
            if tries := self._tries.get(client):
                tries.pop()


def client_key(address: str) -> str:
    """Return what stands for a client: its address, or the network one household has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return 'client unknown'
    if isinstance(found, ipaddress.IPv6Address) and not found.ipv4_mapped:
        return f'client {ipaddress.ip_network((int(found), 64), strict=False)}'
    return f'client {getattr(found, "ipv4_mapped", None) or found}'
