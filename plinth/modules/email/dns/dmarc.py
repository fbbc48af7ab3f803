# SPDX-License-Identifier: AGPL-3.0-or-later
"""DMARC records as receivers read them (RFC 9989, before it RFC 7489)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from ..directory.domain import DMARC
from . import tags

_HUNDRED = 3
"""Digits of a whole percentage (`pct`)."""
_URI = re.compile(r'(?!mailto:)[a-z][a-z0-9+.-]*:.+|mailto:[^@\s]+@[^@\s]+', re.IGNORECASE)
_SIZE = re.compile(r'![0-9]+[kmgt]?$', re.IGNORECASE)


@dataclass(frozen=True)
class DmarcPolicy:
    """A policy as receivers follow it.

    `below` is the one for names below the domain, `reports` the addresses for reports. With
    `is_test` receivers act one step milder; `is_part` is a `pct` that older ones follow, and
    `is_misspelled` an unknown policy, which counts as `none`.
    """

    name: str
    below: str
    reports: tuple[str, ...] = ()
    is_test: bool = False
    is_part: bool = False
    is_misspelled: bool = False

    @property
    def strength(self) -> int:
        """The place among the policies, from none to reject, at which receivers act."""
        return max(0, DMARC.index(self.name) - self.is_test)

    def for_name_below(self) -> Self:
        """The policy that a name without a record of its own inherits."""
        return replace(self, name=self.below)


def records(texts: Iterable[str]) -> list[str]:
    """The texts that receivers take for DMARC records (RFC 9989 section 4.7)."""
    return [text for text in texts if tags.is_version(text, tags.DMARC)]


def read(text: str) -> DmarcPolicy | None:
    """The policy in a record, None when receivers follow none.

    One without a policy they know asks for reports only, and so does one with a wrong policy
    for names below, which costs the domain its own (RFC 7489 section 6.6.3).
    """
    found = _tags(text)
    if found is None:
        return None
    reports = _addresses(found.get('rua', ''))
    name = found.get('p', '').lower()
    below = found.get('sp', name).lower()
    if not {name, below, found.get('np', name).lower()} <= set(DMARC):
        return _reports_only(reports, is_misspelled=bool(found.keys() & {'p', 'sp', 'np'}))
    part = found.get('pct', '')
    return DmarcPolicy(
        name, below, reports, found.get('t', '').lower() == 'y',
        is_part=part.isdecimal() and len(part) < _HUNDRED,
    )  # fmt: skip


def _reports_only(reports: tuple[str, ...], is_misspelled: bool) -> DmarcPolicy | None:
    if not reports:
        return None
    return DmarcPolicy('none', 'none', reports, is_misspelled=is_misspelled)


def _tags(text: str) -> Mapping[str, str] | None:
    """The tags of a record; invalid ones are left out, but a tag said twice could mean both."""
    pairs = [part.partition('=') for part in text.split(';')]
    named = [(name.strip().lower(), value.strip()) for name, equals, value in pairs if equals]
    found = dict(named)
    return found if len(found) == len(named) else None


def _addresses(text: str) -> tuple[str, ...]:
    """The addresses for reports that can be read, without the size each takes."""
    given = (_SIZE.sub('', each.strip()) for each in text.split(','))
    return tuple(each.lower() for each in given if _URI.fullmatch(each))
