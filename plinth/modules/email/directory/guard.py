# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules of a guarded mailbox: of a child, an elder, anyone.

Only known correspondents may come in, or be written to; hours in which it can be opened; whether
its person may change forwards, filters and the password. Guardians decide on what waits. They are
known by their identity: the entryUUID of a FreedomBox user, or the address of a stand-alone
mailbox, which is no UUID.

DIAGNOSTICS
    guard-invalid         a rule that is none
    list-too-long         too many guardians or correspondents
    address-invalid, domain-invalid   a correspondent is neither an address nor an @domain
    open-hours-invalid    hours that are none
"""

import dataclasses
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal, Protocol, Self, cast

from ..errors import MailError
from ..system.json_value import JsonValue
from .address import parse, parse_domain, unicode_domain
from .entry import check_number
from .open_hours import OpenHours

Act = Literal['forwards', 'filters', 'password', 'release']
"""Acts that a person may do, or not; the names stand in the directory too."""
ACTS: tuple[Act, ...] = ('forwards', 'filters', 'password', 'release')
MOST_GUARDIANS = 20
MOST_KNOWN = 500
_RECEIVES, _WRITES, _GUARDED = 'receive-known', 'write-known', 'guarded'
_IDENTITY = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')

GUARD_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        'guard_rules': 'fbxMailGuardRules',
        'guardians': 'fbxMailGuardian',
        'known': 'fbxMailKnown',
        'open_hours': 'fbxMailOpenHours',
    }
)
"""The fields of a mailbox, and their LDAP attributes."""


class HasGuard(Protocol):
    """A mailbox as far as its guard is concerned."""

    @property
    def guard_rules(self) -> str: ...  # noqa: D102

    @property
    def guardians(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def known(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def open_hours(self) -> tuple[str, ...]: ...  # noqa: D102


def correspondent(text: str) -> str:
    """The normal form of an address, or of all addresses of a domain: `@school.example`."""
    text = text.strip()
    return f'@{parse_domain(text[1:])}' if text.startswith('@') else str(parse(text))


def correspondents(texts: Collection[str]) -> tuple[str, ...]:
    """The normal forms of correspondents, in order and each once."""
    check_number(texts, MOST_KNOWN)
    return tuple(sorted({correspondent(each) for each in texts}))


def _guardian(text: str) -> str:
    """A guardian's identity, in its normal form."""
    if not _IDENTITY.fullmatch(text) and str(parse(text)) != text:
        raise MailError('guard-invalid')
    return text


@dataclass(frozen=True)
class Guard(JsonValue):
    """The rules of one mailbox.

    `receives_known` keeps mail of all others apart until it is approved, `writes_known` refuses to
    send any to them. `may` are acts its person may do: the others are for an administrator.
    """

    guardians: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    receives_known: bool = True
    writes_known: bool = False
    may: tuple[Act, ...] = ('filters', 'password')
    hours: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse rules that are none, and put lists in one order."""
        check_number(self.guardians, MOST_GUARDIANS)
        if not set(self.may) <= set(ACTS):
            raise MailError('guard-invalid')
        if 'forwards' in self.may and self.receives_known:
            # A forward takes each message before anything looks at who wrote it.
            raise MailError('guard-invalid.forward')
        for name, values in (
            ('guardians', sorted(set(map(_guardian, self.guardians)))),
            ('known', correspondents(self.known)),
            ('may', [act for act in ACTS if act in self.may]),
            ('hours', OpenHours.parse(self.hours).texts),
        ):
            object.__setattr__(self, name, tuple(values))

    @classmethod
    def of(cls, mailbox: HasGuard) -> Self | None:
        """The guard of a mailbox, None where it has none."""
        rules = mailbox.guard_rules.split()
        if _GUARDED not in rules:
            return None
        may = cast('tuple[Act, ...]', tuple(each for each in ACTS if each in rules))
        return cls(
            mailbox.guardians, mailbox.known, _RECEIVES in rules, _WRITES in rules, may,
            mailbox.open_hours,
        )  # fmt: skip

    def fields(self) -> dict[str, str | tuple[str, ...]]:
        """The fields of a mailbox with this guard."""
        switches = ((_RECEIVES, self.receives_known), (_WRITES, self.writes_known))
        rules = [_GUARDED, *(name for name, is_on in switches if is_on), *self.may]
        return {
            'guard_rules': ' '.join(rules),
            'guardians': self.guardians,
            'known': self.known,
            'open_hours': self.hours,
        }

    @property
    def open_hours(self) -> OpenHours:
        """The hours in which the mailbox can be opened."""
        return OpenHours.parse(self.hours)

    def knows(self, address: str) -> bool:
        """Whether an address is of a known correspondent."""
        try:
            normal = parse(address.strip())
        except MailError:
            return False
        return not {str(normal), f'@{normal.domain}'}.isdisjoint(self.known)

    def is_open(self, moment: datetime) -> bool:
        """Whether the mailbox can be opened at a local moment."""
        return self.open_hours.are_open(moment)

    def with_known(self, *addresses: str) -> 'Guard':
        """The same with more correspondents."""
        return dataclasses.replace(self, known=correspondents((*self.known, *addresses)))


def made_guard(
    guardians: list[str],
    known: list[str],
    receives_known: bool,
    writes_known: bool,
    may: list[str],
    hours: list[str],
) -> Guard:
    """The guard with these rules, as root's verbs get them."""
    return Guard(
        tuple(guardians), tuple(known), receives_known, writes_known,
        cast('tuple[Act, ...]', tuple(may)), tuple(hours),
    )  # fmt: skip


NO_GUARD: Mapping[str, str | tuple[str, ...]] = MappingProxyType(
    {'guard_rules': '', 'guardians': (), 'known': (), 'open_hours': ()}
)
"""The fields of a mailbox without a guard."""


def written_forms(known: str) -> tuple[str, ...]:
    """The ways mail can show a correspondent: with the domain encoded, or in its own letters."""
    local, _at, domain = known.rpartition('@')
    return tuple(dict.fromkeys((known, f'{local}@{unicode_domain(domain)}')))
