# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asks a mail host about recipients, and takes the time of each answer.

A program of its own, because it has to run in the network of the outside mail host. It reads
`Questions` as JSON from its standard input, and prints `Answers`.
"""

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BufferedRWPair

_PATIENCE = 30
_IN_ONE_SESSION = 50
_PAUSE = 0.01


@dataclass(frozen=True)
class Questions:
    """Questions to tables of Postfix.

    With `until`, the first recipient is asked about again and again, each time in a session of
    its own, until the answer begins with that or so many `seconds` are over.
    """

    host: str
    recipients: list[str]
    until: str = ''
    seconds: float = 30
    sender: str = 'news@outside.test'


@dataclass
class Answers:
    """Milliseconds and code of each answer, and the moment of the last one (CLOCK_MONOTONIC)."""

    times: list[float] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    at: float = 0


def _say(stream: BufferedRWPair, line: str) -> str:
    """Send a command and return the code of the answer."""
    stream.write(line.encode() + b'\r\n')
    stream.flush()
    return _code(stream)


def _code(stream: BufferedRWPair) -> str:
    while (line := stream.readline())[3:4] == b'-':
        pass
    return line[:3].decode('ascii', 'replace')


@contextmanager
def _session(questions: Questions) -> Iterator[BufferedRWPair]:
    """Open a session that has come as far as its first recipient."""
    address = (questions.host, 25)
    with (
        socket.create_connection(address, timeout=_PATIENCE) as connection,
        connection.makefile('rwb') as stream,
    ):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _code(stream)
        _say(stream, 'EHLO mail.outside.test')
        _say(stream, f'MAIL FROM:<{questions.sender}>')
        yield stream
        _say(stream, 'QUIT')


def _ask(stream: BufferedRWPair, recipient: str, answers: Answers) -> str:
    begin = time.monotonic()
    code = _say(stream, f'RCPT TO:<{recipient}>')
    answers.at = time.monotonic()
    answers.times.append(1000 * (answers.at - begin))
    answers.codes.append(code)
    return code


def ask(questions: Questions) -> Answers:
    """Ask about every recipient once, or about one until the answer is as expected."""
    answers = Answers()
    if questions.until:
        end = time.monotonic() + questions.seconds
        while time.monotonic() < end:
            with _session(questions) as stream:
                if _ask(stream, questions.recipients[0], answers).startswith(questions.until):
                    break
            time.sleep(_PAUSE)
        return answers
    for start in range(0, len(questions.recipients), _IN_ONE_SESSION):
        with _session(questions) as stream:
            for recipient in questions.recipients[start : start + _IN_ONE_SESSION]:
                _ask(stream, recipient, answers)
    return answers


if __name__ == '__main__':
    print(json.dumps(asdict(ask(Questions(**json.load(sys.stdin))))))
