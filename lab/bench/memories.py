# SPDX-License-Identifier: AGPL-3.0-or-later
"""How well a mailbox's memory judges mail, by the number of messages it learned.

A memory learns so many messages of each kind from one made corpus and judges all of another one,
which has the same sentences with other names, sums and neighbors. A message is judged when its
score is at least half of that of a certain one.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import container, settings
from ..host import LabError
from ..settings import BOX
from .spam_corpus import KINDS, Kind, MadeMessage, SpamCorpus

NUMBERS = (3, 5, 10, 20, 50, 100, 200)
COUNT = 1000
_ADDRESS = f'bench-memory@{settings.DOMAINS[0]}'
_SPAM, _HAM = 5.1, -4.0
_TAUGHT, _JUDGED = 1, 2
"""Seeds of the corpus that is learned, and of the one that is judged."""
_HEAD = (
    '| learned of each kind | wanted: as wanted | undecided | **as junk** '
    '| junk: as junk | undecided | as wanted |',
    '|---:|---:|---:|---:|---:|---:|---:|',
)


@dataclass(frozen=True)
class Confusion:
    """Numbers of messages judged as wanted, not at all, and as junk."""

    wanted: int
    undecided: int
    junk: int

    @classmethod
    def of(cls, scores: Sequence[float]) -> 'Confusion':
        """The numbers of these scores."""
        junk = sum(score >= _SPAM / 2 for score in scores)
        wanted = sum(score <= _HAM / 2 for score in scores)
        return cls(wanted, len(scores) - junk - wanted, junk)


def _ask(**asked: Any) -> Any:
    program = Path(__file__).with_name('ask_filter.py').read_text(encoding='utf-8')
    words = ['python3', '-I', '-c', program]
    return json.loads(container.execute(BOX, words, stdin=json.dumps(asked)).stdout)


def _encoded(messages: Sequence[MadeMessage]) -> list[str]:
    return [base64.b64encode(each.content).decode() for each in messages]


def _memory() -> str:
    """The name of the mailbox's memory."""
    words = ['ldapsearch', '-Q', '-LLL', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-b',
             'ou=mail,dc=thisbox', f'(fbxMailAddress={_ADDRESS})', 'fbxMailMemory']  # fmt: skip
    return container.execute(BOX, words).stdout.split('fbxMailMemory: ')[1].split()[0]


@contextmanager
def mailbox() -> Iterator[None]:
    """Have the mailbox whose memory learns and judges."""
    command = ['freedombox-email', 'mailbox']
    container.execute(BOX, [*command, 'add', _ADDRESS], stdin='a password for the bench\n')
    try:
        yield
    finally:
        container.execute(BOX, [*command, 'remove', '--delete-mail', _ADDRESS])


def learn(number: int) -> None:
    """Have an empty memory learn so many messages of each kind."""
    container.execute(BOX, ['freedombox-email', 'spam', 'forget', _ADDRESS])
    corpus, memory = SpamCorpus(_TAUGHT), _memory()
    lessons: tuple[tuple[str, Kind], ...] = (('spam', 'junk'), ('ham', 'wanted'))
    for name, kind in lessons:
        messages = corpus.messages(kind, number)
        learned = _ask(kind=name, memory=memory, messages=_encoded(messages))
        if learned != number:
            raise LabError(f'{learned} of {number} messages were learned')


def judge(count: int) -> tuple[Confusion, Confusion]:
    """How the memory judges so many wanted messages, and so many junk ones."""
    corpus = SpamCorpus(_JUDGED)
    wanted, junk = (_judge(corpus.messages(kind, count)) for kind in KINDS)
    return wanted, junk


def _judge(messages: Sequence[MadeMessage]) -> Confusion:
    return Confusion.of(_ask(address=_ADDRESS, messages=_encoded(messages)))


def measure_all(numbers: Sequence[int] = NUMBERS, count: int = COUNT) -> str:
    """The table."""
    lines = list(_HEAD)
    with mailbox():
        for number in numbers:
            learn(number)
            wanted, junk = judge(count)
            lines.append(
                f'| {number} | {wanted.wanted} | {wanted.undecided} | {wanted.junk} '
                f'| {junk.junk} | {junk.undecided} | {junk.wanted} |'
            )
    return '\n'.join(lines) + '\n'
