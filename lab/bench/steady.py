# SPDX-License-Identifier: AGPL-3.0-or-later
"""Brings mail at a steady rate while mail apps wait for it (IMAP IDLE), and takes the time of each.

A program of its own (`python3 -m lab.bench.steady`), because it has to run in the network of the
outside mail host. It reads `Steady` as JSON from its standard input, and prints `Waits`.
"""

import json
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

from .load import Plan, RefusedMailError, messages, send

_SENDERS = 100
_PATIENCE = 60.0


@dataclass(frozen=True)
class Steady:
    """Messages for recipients in turn, so many a second; mail apps wait at the watched ones."""

    host: str
    recipients: list[str]
    watched: list[str]
    password: str
    size: int
    count: int
    rate: float
    seed: int


@dataclass
class Waits:
    """The seconds from the moment a message was due until a waiting mail app was told of it.

    `late` is the longest time the sender itself was behind.
    """

    waits: list[float] = field(default_factory=list)
    missing: int = 0
    late: float = 0
    seconds: float = 0
    answers: dict[str, int] = field(default_factory=dict)


class WaitingApp:
    """A mail app that waits for messages in an inbox, and notes when it is told of each."""

    def __init__(self, host: str, login: str, password: str) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.told: list[float] = []
        self._connection = context.wrap_socket(socket.create_connection((host, 993), _PATIENCE))
        self._lines = self._connection.makefile('rb')
        self._do(f'a LOGIN {login} "{password}"')
        before = self._do('b SELECT INBOX')
        self._known = max(map(_count, before))
        self._connection.sendall(b'c IDLE\r\n')
        self._connection.settimeout(None)

    def _do(self, command: str) -> list[bytes]:
        """The lines of an answer; the first word of a command is its tag."""
        self._connection.sendall(command.encode() + b'\r\n')
        tag, found = command[0].encode() + b' ', [self._lines.readline()]
        while found[-1] and not found[-1].startswith(tag):
            found.append(self._lines.readline())
        if not found[-1].startswith(tag + b'OK'):
            raise RefusedMailError(found[-1].decode('ascii', 'replace'))
        return found

    def run(self) -> None:
        """Note each message until the connection ends."""
        while line := self._lines.readline():
            now, count = time.monotonic(), _count(line)
            self.told += [now] * (count - self._known)
            self._known = max(count, self._known)

    def close(self) -> None:
        """End the connection."""
        self._connection.shutdown(socket.SHUT_RDWR)


def _count(line: bytes) -> int:
    """The number of messages in a folder that a line tells, 0 if it does not."""
    words = line.split()
    return int(words[1]) if words[2:3] == [b'EXISTS'] else 0


def _bring(steady: Steady, seen: Waits) -> dict[str, list[float]]:
    """Bring all messages in time; the moments at which those that were taken were due."""
    plan = Plan(steady.host, steady.recipients, steady.size, steady.count, 0, 0, steady.seed)
    work, due, answers = list(messages(plan)), dict[str, list[float]](), Counter[str]()

    def one(recipient: str, message: bytes, moment: float) -> None:
        seen.late = max(seen.late, time.monotonic() - moment)
        try:
            send(plan, recipient, message)
            due.setdefault(recipient, []).append(moment)
        except (RefusedMailError, OSError) as error:
            answers[f'{type(error).__name__}: {error}'] += 1

    begin = time.monotonic()
    with ThreadPoolExecutor(_SENDERS) as pool:
        for number, (recipient, message) in enumerate(work):
            moment = begin + number / steady.rate
            time.sleep(max(0.0, moment - time.monotonic()))
            pool.submit(one, recipient, message, moment)
    seen.seconds, seen.answers = time.monotonic() - begin, dict(answers)
    return {recipient: sorted(moments) for recipient, moments in due.items()}


def _wait_for_all(apps: Mapping[str, WaitingApp], due: Mapping[str, list[float]]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if all(len(app.told) >= len(due.get(name, ())) for name, app in apps.items()):
            return
        time.sleep(0.1)


def run(steady: Steady) -> Waits:
    """Have all mail apps wait, bring the messages, and compare the moments."""
    with ThreadPoolExecutor(10) as pool:
        opened = pool.map(
            lambda name: WaitingApp(steady.host, name, steady.password), steady.watched
        )
        apps = dict(zip(steady.watched, opened, strict=True))
    threads = [threading.Thread(target=app.run) for app in apps.values()]
    for thread in threads:
        thread.start()
    seen = Waits()
    due = _bring(steady, seen)
    _wait_for_all(apps, due)
    for name, app in apps.items():
        app.close()
        moments = due.get(name, [])
        seen.waits += [told - moment for told, moment in zip(app.told, moments, strict=False)]
        seen.missing += len(moments) - min(len(moments), len(app.told))
    for thread in threads:
        thread.join()
    return seen


if __name__ == '__main__':
    print(json.dumps(asdict(run(Steady(**json.load(sys.stdin))))))
