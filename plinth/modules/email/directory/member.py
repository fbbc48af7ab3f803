# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members of a shared mailbox: people and stand-alone mailboxes with rights in it.

A member is known by an identity: the entryUUID of a FreedomBox user, or the address of a
stand-alone mailbox. Each member reads the mailbox; `writes` and `sends` are rights besides. The
right to send is stored as a search (LDAP URL, RFC 4516) for the mailboxes of the member, by which
Postfix finds the logins of today (special_result_attribute, see ldap_table(5)).

DIAGNOSTICS
    member-invalid      an identity, a right, or a right of one who is no member
    member-repeated     a member is named twice
    share-invalid       the mailbox cannot have members
    handover-invalid    a change of members has no moment, or a moment has no change
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import quote

from ..errors import MailError
from ..system.json_value import JsonValue
from .address import parse_own
from .entry import check_number
from .filters import escape
from .suffix import BASE_DN

MOST_MEMBERS = 100
READ, WRITE, SEND = 'read', 'write', 'send'
_IDENTITY = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
_URL = f'ldap:///ou=mailboxes,{BASE_DN}??one?(&(objectClass=fbxMailbox)(fbxMailEnabled=TRUE)%s)'


@dataclass(frozen=True)
class Member(JsonValue):
    """One member and the rights besides reading."""

    id: str
    writes: bool = False
    sends: bool = False

    def __post_init__(self) -> None:
        """Refuse an identity that is neither a person's nor a mailbox's."""
        if not self.is_person and str(parse_own(self.id)) != self.id:
            raise MailError('member-invalid')

    @property
    def is_person(self) -> bool:
        """Whether it is a FreedomBox user; an address has an @, which no identity has."""
        return bool(_IDENTITY.fullmatch(self.id))

    @property
    def rights(self) -> str:
        """The rights as text: `read`, `read,write`, `read,send` or `read,write,send`."""
        more = ((WRITE, self.writes), (SEND, self.sends))
        return ','.join((READ, *(name for name, has in more if has)))

    @property
    def search(self) -> str:
        """The search that finds the mailboxes of the member."""
        if self.is_person:
            return _URL % f'(fbxMailOwnerId={self.id})'
        return _URL % f'(fbxMailAddress={quote(escape(self.id), safe="@")})(!(fbxMailOwner=*))'

    def __str__(self) -> str:
        return f'{self.id} {self.rights}'

    @classmethod
    def parse(cls, text: str) -> Self:
        """The member that text like `anna@example.org read,write` stands for."""
        id_, _, rights = text.partition(' ')
        found = set(rights.split(','))
        if READ not in found or found - {READ, WRITE, SEND}:
            raise MailError('member-invalid.rights')
        return cls(id_, WRITE in found, SEND in found)


def parse_members(texts: Collection[str]) -> tuple[Member, ...]:
    """Members from text, sorted; none may be there twice."""
    check_number(texts, MOST_MEMBERS)
    found = sorted((Member.parse(text) for text in texts), key=lambda member: member.id)
    if len({member.id for member in found}) < len(found):
        raise MailError('member-repeated')
    return tuple(found)


def from_fields(
    members: Sequence[str], writers: Collection[str], senders: Collection[str]
) -> tuple[Member, ...]:
    """The members that the fields of a mailbox stand for."""
    found = tuple(
        Member(id_, id_ in writers, Member(id_).search in senders) for id_ in sorted(members)
    )
    check_number(found, MOST_MEMBERS)
    if len(set(members)) < len(members):
        raise MailError('member-repeated')
    if fields(found) != (tuple(sorted(members)), tuple(sorted(writers)), tuple(sorted(senders))):
        raise MailError('member-invalid.stranger')
    return found


def fields(members: Iterable[Member]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The fields of a mailbox that hold its members, those who write, and those who send."""
    found = tuple(members)
    return (
        tuple(sorted(member.id for member in found)),
        tuple(sorted(member.id for member in found if member.writes)),
        tuple(sorted(member.search for member in found if member.sends)),
    )


def check_handover(
    moment: datetime | None, leaving: Collection[str], joining: Collection[str]
) -> None:
    """Refuse a change of members without a moment, a moment without a change, or a false member."""
    if (moment is None) != (not leaving and not joining):
        raise MailError('handover-invalid')
    check_number(leaving, MOST_MEMBERS)
    for id_ in leaving:
        Member(id_)
    parse_members(joining)


def check_address(address: str) -> None:
    """Refuse an address that would mean others too in Dovecot's list of rights."""
    if '?' in address:
        raise MailError('share-invalid.address', address=address)
