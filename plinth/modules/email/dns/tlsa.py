# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which published keys of certificates match ours (TLSA, RFC 6698, 7671 and 7672).

A key can be published in many forms: the certificate itself or one above it (usage), all of it
or its key (selector), as it is or as a sum (matching type).
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

AUTHORITY, OWN = 2, 3
"""Usages mail servers go by; others make a record none at all (RFC 7672 section 3.1.3)."""
_SUMS = {1: hashlib.sha256, 2: hashlib.sha512}
_LENGTHS = {1: 64, 2: 128}
RIGHT, MORE, OTHER, UNUSABLE = 'right', 'tlsa-more', 'tlsa-other', 'tlsa-unusable'


@dataclass(frozen=True)
class KeyPin:
    """One record."""

    usage: int
    selector: int
    matching: int
    data: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The record of a text, None when it is none."""
        words = text.split()
        numbers, data = words[:3], ''.join(words[3:]).lower()
        if len(numbers) < 3 or not all(each.isdecimal() for each in numbers):
            return None
        usage, selector, matching = map(int, numbers)
        return cls(usage, selector, matching, data)

    @property
    def is_usable(self) -> bool:
        """Whether mail servers go by it."""
        if self.usage not in (AUTHORITY, OWN) or self.selector not in (0, 1):
            return False
        if self.matching == 0:
            return bool(self.data)
        return len(self.data) == _LENGTHS.get(self.matching, 0)

    def __str__(self) -> str:
        return f'{self.usage} {self.selector} {self.matching} {self.data}'


def _forms(usage: int, wholes: Iterable[bytes]) -> Iterable[KeyPin]:
    for selector, whole in enumerate(wholes):
        yield KeyPin(usage, selector, 0, whole.hex())
        for matching, digest in _SUMS.items():
            yield KeyPin(usage, selector, matching, digest(whole).hexdigest())


def forms(chain: Sequence[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """All records that match a certificate; those that issued it come after it.

    Each certificate is given whole and as its key alone, both in DER.
    """
    usages = [OWN, *(AUTHORITY for _issuer in chain[1:])]
    return tuple(
        str(pin) for usage, each in zip(usages, chain, strict=True) for pin in _forms(usage, each)
    )


def judge(texts: Iterable[str], matching: Collection[str]) -> str:
    """The code for published records, when these match the server's certificate."""
    usable = {str(pin) for pin in map(KeyPin.parse, texts) if pin and pin.is_usable}
    if not usable:
        return UNUSABLE
    if not usable & set(matching):
        return OTHER
    return RIGHT if usable <= set(matching) else MORE
