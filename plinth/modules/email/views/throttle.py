# SPDX-License-Identifier: AGPL-3.0-or-later
"""Throttling of guesses at passwords on a page.

Each try is counted before it is made, so that many at the same time are as few as one after
the other. What is counted are the household a request came from, and what it tried at which
account, whether there is one of this name or not. An account is never locked, for then a stranger
could lock its owner out: when many households guess at it, each has a single try left, which
is enough for a person who knows the password. All of it is forgotten when the web interface starts
again.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_TRIES = 5
MOST_AT_ACCOUNT = 20
SECONDS = 600
MOST_KEYS = 20_000


@dataclass
class Throttle:
    """Counts tries; `clock` tells the time in seconds."""

    most: int = MOST_TRIES
    most_at_account: int = MOST_AT_ACCOUNT
    seconds: float = SECONDS
    clock: Callable[[], float] = time.monotonic
    _tries: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, account: str, client: str) -> int:
        """Count one try, or return after how many seconds there may be another one."""
        names = _names(account, client)
        with self._lock:
            now = self.clock()
            guessed_at = self._wait_of(names[0], now, self.most_at_account) > 0
            longest = max(
                self._wait_of(names[1], now, self.most),
                self._wait_of(names[2], now, 1 if guessed_at else self.most),
            )
            if longest <= 0:
                for name in names:
                    self._tries.setdefault(name, deque()).append(now)
                    self._tries.move_to_end(name)
                while len(self._tries) > MOST_KEYS:
                    self._tries.popitem(last=False)
        return max(0, int(-(-longest // 1)))

    def _wait_of(self, name: str, now: float, most: int) -> float:
        """Seconds one key has to wait; tries that are too old to count are dropped."""
        tries = self._tries.get(name)
        while tries and tries[0] <= now - self.seconds:
            tries.popleft()
        if not tries or len(tries) < most:
            return 0
        return tries[-most] + self.seconds - now

    def take_back(self, account: str, client: str) -> None:
        """Count one try less: it was right, or nothing was learnt by it."""
        with self._lock:
            for name in _names(account, client):
                if tries := self._tries.get(name):
                    tries.pop()


def _names(account: str, client: str) -> tuple[str, str, str]:
    """Keys of a try: the account, the client, and both together."""
    return f'account {account}', f'client {client}', f'{client} at {account}'
