# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sender: brings mail to port 25 as other mail hosts do, and counts.

It is run as a program of its own in the network of the machine `outside`, with the plan as
JSON on its input, and prints what it saw as JSON. Each message is another one, and comes in
a connection of its own, as most mail between hosts does. It needs Python alone.
"""

import base64
import itertools
import json
import random
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from typing import BinaryIO

_SYLLABLES = (
    'ba', 'ce', 'di', 'fo', 'gu', 'ha', 'je', 'ki', 'lo', 'mu', 'na', 'pe', 'qui', 'ro', 'su',
    'ta', 've', 'wi', 'xo', 'za',
)  # fmt: skip
_TEXT = 6 * 1024
_PATIENCE = 60


@dataclass(frozen=True)
class Plan:
    """A plan of messages to send, their target, and the time they may take."""

    host: str
    recipients: list[str]
    size: int
    count: int
    sessions: int
    seconds: float
    seed: int
    sender: str = 'newsletter@outside.test'


@dataclass
class Report:
    """The result of a load; `answers` counts the refusals by the host's words."""

    taken: int = 0
    seconds: float = 0
    cpu_seconds: float = 0
    answers: dict[str, int] = field(default_factory=dict)


class RefusedMailError(Exception):
    """The host said no, or said nothing."""


def messages(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """Yield recipients and messages: text in invented words, the rest as an attachment."""
    chance = random.Random(plan.seed)  # noqa: S311 (the same mail for both boxes)
    words = [''.join(chance.choices(_SYLLABLES, k=length))
             for length in chance.choices((1, 2, 3, 4), (1, 4, 4, 1), k=8000)]  # fmt: skip
    enough = min(plan.size, 2 * _TEXT) // 5
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for number, recipient in zip(range(plan.count), itertools.cycle(plan.recipients)):
        text = _lines(chance.choices(words, cum_weights=weights, k=enough))
        yield recipient, _message(plan, number, recipient, text, chance)


def _lines(words: list[str]) -> str:
    """Words in lines of twelve, with a link on one line, as people write."""
    lines = [' '.join(words[start : start + 12]).capitalize() + '.'
             for start in range(0, len(words), 12)]  # fmt: skip
    return '\r\n'.join([f'https://{words[0]}.outside.test/{words[1]}', *lines])


def _message(plan: Plan, number: int, recipient: str, text: str, chance: random.Random) -> bytes:
    mark = f'fbx-{plan.seed}'
    subject = text.split('\r\n')[1][:40]
    head = [
        f'From: News <{plan.sender}>', f'To: <{recipient}>', f'Subject: {subject}',
        f'Date: {formatdate()}', f'Message-ID: <{number}.{plan.seed}@outside.test>',
        'MIME-Version: 1.0',
    ]  # fmt: skip
    plain = ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 7bit', '']
    if plan.size <= 2 * _TEXT:
        return '\r\n'.join([*head, *plain, text])[: plan.size].encode() + b'\r\n.\r\n'
    data = base64.encodebytes(chance.randbytes((plan.size - _TEXT) * 73 // 100)).decode()
    parts = [
        *head, f'Content-Type: multipart/mixed; boundary="{mark}"', '', f'--{mark}', *plain,
        text[:_TEXT], f'--{mark}', 'Content-Type: application/octet-stream; name="data.dat"',
        'Content-Transfer-Encoding: base64', 'Content-Disposition: attachment', '',
        data.replace('\n', '\r\n') + f'--{mark}--',
    ]  # fmt: skip
    return '\r\n'.join(parts).encode() + b'\r\n.\r\n'


def _expect(answers: BinaryIO, code: bytes) -> None:
    """Read one answer of the host, RefusedMailError when it is another than this."""
    while (line := answers.readline())[3:4] == b'-':
        pass
    if not line.startswith(code):
        raise RefusedMailError(line.decode('ascii', 'replace').strip() or 'connection lost')


def send(plan: Plan, recipient: str, message: bytes) -> None:
    """Bring one message to the host."""
    with (
        socket.create_connection((plan.host, 25), timeout=_PATIENCE) as connection,
        connection.makefile('rb') as answers,
    ):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _expect(answers, b'220')
        connection.sendall(b'EHLO mail.outside.test\r\n')
        _expect(answers, b'250')
        envelope = f'MAIL FROM:<{plan.sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n'
        connection.sendall(envelope.encode())
        for code in (b'250', b'250', b'354'):
            _expect(answers, code)
        connection.sendall(message)
        _expect(answers, b'250')
        connection.sendall(b'QUIT\r\n')
        _expect(answers, b'221')


def run(plan: Plan) -> Report:
    """Send everything through as many sessions at a time as planned."""
    work = list(messages(plan))
    work.reverse()
    report, lock, begin = Report(), threading.Lock(), time.monotonic()

    def session() -> None:
        while work and time.monotonic() - begin < plan.seconds:
            try:
                recipient, message = work.pop()
            except IndexError:
                return
            answer = _attempt(plan, recipient, message)
            with lock:
                if answer:
                    report.answers[answer] = report.answers.get(answer, 0) + 1
                else:
                    report.taken += 1

    before = _cpu()
    threads = [threading.Thread(target=session) for _ in range(plan.sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.seconds, report.cpu_seconds = time.monotonic() - begin, _cpu() - before
    return report


def _attempt(plan: Plan, recipient: str, message: bytes) -> str:
    """Send one message; return why it was not taken, nothing when it was."""
    try:
        send(plan, recipient, message)
    except (RefusedMailError, OSError) as error:
        return f'{type(error).__name__}: {error}'
    return ''


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == '__main__':
    print(json.dumps(asdict(run(Plan(**json.load(sys.stdin))))))
