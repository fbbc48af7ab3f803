# SPDX-License-Identifier: AGPL-3.0-or-later
"""The memory of a mailbox as text, to take it to another box or to keep it.

DESCRIPTION
    The first line is `HEAD`, the second has the numbers of learned junk and wanted messages. Each
    further line is a pair of words as Rspamd hashes it (64 bits, hexadecimal), and how often it was
    in junk and in wanted mail. Words can't be read from it; it still tells whether a given text was
    learned. A text that would be too long has no pairs that were seen only once.

DIAGNOSTICS
    memory-file-invalid  the text is of another form, or too long
    Those of :mod:`.memories`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import MailError

HEAD = 'freedombox-email memory 1'
MOST_PAIRS = 200_000
MOST = 1_000_000
"""The highest count of messages."""
_LONGEST_LINE = 40


@dataclass(frozen=True)
class PairCount:
    """A hashed pair of words, and in how many messages of each kind it was."""

    token: int
    junk: int
    wanted: int

    def __post_init__(self) -> None:
        """Refuse numbers Redis or Rspamd could not hold."""
        if not 0 <= self.token < 2**64 or not _fits(self.junk) or not _fits(self.wanted):
            raise MailError('memory-file-invalid')

    @property
    def total(self) -> int:
        """The number of all its messages."""
        return self.junk + self.wanted


@dataclass(frozen=True)
class MemoryText:
    """All that a memory has learned."""

    junk: int
    wanted: int
    pairs: tuple[PairCount, ...]

    def __post_init__(self) -> None:
        """Refuse numbers no mailbox comes to."""
        if not _fits(self.junk) or not _fits(self.wanted) or len(self.pairs) > MOST_PAIRS:
            raise MailError('memory-file-invalid')

    def __str__(self) -> str:
        """The text of the file."""
        lines = (f'{each.token:016x} {each.junk} {each.wanted}' for each in self.pairs)
        return '\n'.join((HEAD, f'{self.junk} {self.wanted}', *lines)) + '\n'


def _fits(count: int) -> bool:
    return 0 <= count <= MOST


def selected(pairs: Iterable[PairCount]) -> tuple[PairCount, ...]:
    """The pairs that count most, as many as a file may have, in the order of their tokens."""
    found = list(pairs)
    if len(found) > MOST_PAIRS:
        found = sorted(found, key=lambda each: -each.total)[:MOST_PAIRS]
    return tuple(sorted(found, key=lambda each: each.token))


def parse(text: str) -> MemoryText:
    """The memory of a text."""
    lines = text.splitlines()
    if len(lines) < 2 or lines[0] != HEAD or len(lines) > MOST_PAIRS + 2:
        raise MailError('memory-file-invalid')
    junk, wanted = _numbers(lines[1].split(' '))
    return MemoryText(junk, wanted, tuple(_pairs(lines[2:])))


def _pairs(lines: list[str]) -> Iterator[PairCount]:
    for line in lines:
        words = line[: _LONGEST_LINE + 1].split(' ')
        yield PairCount(_token(words[0]), *_numbers(words[1:]))


def _token(word: str) -> int:
    if len(word) != 16 or not set(word) <= set('0123456789abcdef'):
        raise MailError('memory-file-invalid')
    return int(word, 16)


def _numbers(words: list[str]) -> tuple[int, int]:
    """Two numbers in decimal digits."""
    if len(words) != 2 or not all(
        each.isascii() and each.isdigit() and len(each) <= 7 for each in words
    ):
        raise MailError('memory-file-invalid')
    return int(words[0]), int(words[1])
