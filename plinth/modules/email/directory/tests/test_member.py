# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members of shared mailboxes: their rights as text and as fields, and who cannot be one."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.member import Member, fields, from_fields, parse_members
from plinth.modules.email.errors import MailError

ALICE = '09ea88b0-80f2-1041-8dd6-292fa305ecae'
ids = st.one_of(
    st.uuids().map(str),
    st.from_regex(r"[a-z#&'=?^~é][a-z0-9#&'=?^_~é-]{0,8}@[a-z]{1,5}\.test", fullmatch=True),
)
members = st.lists(
    st.builds(Member, ids, st.booleans(), st.booleans()), unique_by=lambda member: member.id
)


@given(members)
def test_fields_and_text_keep_all_rights(found: list[Member]) -> None:
    in_order = tuple(sorted(found, key=lambda member: member.id))
    assert from_fields(*fields(found)) == in_order
    assert parse_members([str(member) for member in found]) == in_order


@given(members)
def test_a_mailbox_is_stored_and_read_with_its_members(found: list[Member]) -> None:
    ids_, writers, senders = fields(found)
    mailbox = Mailbox('desk@one.test', members=ids_, writers=writers, senders=senders)
    raw = {name: [value.encode() for value in values]
           for name, values in mailbox.to_attributes().items()}  # fmt: skip
    assert Mailbox.from_attributes(raw) == mailbox


@pytest.mark.parametrize('text', [
    'alice read', f'{ALICE} write', f'{ALICE} read,all', f'{ALICE}', f'{ALICE.upper()} read',
    'Anna@one.test read', '*@one.test read', 'a b@one.test read', ' read', 'anyone read',
])  # fmt: skip
def test_what_is_no_member_is_refused(text: str) -> None:
    with pytest.raises(MailError):
        parse_members([text])


def test_a_member_is_named_once() -> None:
    with pytest.raises(MailError) as error:
        parse_members([f'{ALICE} read', f'{ALICE} read,write'])
    assert error.value.code == 'member-repeated'


@pytest.mark.parametrize('change', [
    {'writers': (ALICE,)}, {'senders': (Member(ALICE).search,)},
    {'members': (ALICE,), 'senders': ('ldap:///dc=thisbox??sub?(objectClass=*)',)},
])  # fmt: skip
def test_only_members_have_rights(change: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(MailError) as error:
        Mailbox('desk@one.test', **change)  # type: ignore[arg-type]
    assert error.value.code == 'member-invalid'


def test_a_personal_mailbox_and_a_wildcard_of_dovecot_are_not_shared() -> None:
    mine = Mailbox('alice@one.test', owner='alice', owner_id=ALICE)
    for mailbox in (mine, Mailbox('wh?@one.test')):
        with pytest.raises(MailError) as error:
            dataclasses.replace(mailbox, members=(ALICE,))
        assert error.value.code == 'share-invalid'
