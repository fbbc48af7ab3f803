# SPDX-License-Identifier: AGPL-3.0-or-later
"""The list of rights Dovecot reads, written from mailboxes."""

from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.member import Member, fields
from plinth.modules.email.mailstore import rights

ALICE = '09ea88b0-80f2-1041-8dd6-292fa305ecae'


def shared(address: str, *members: Member, closed: str = '', enabled: bool = True) -> Mailbox:
    ids, writers, senders = fields(members)
    return Mailbox(
        address, enabled, members=ids, writers=writers, senders=senders, closed=closed
    )  # fmt: skip


def test_each_member_has_rights_in_the_mailbox_and_its_folders() -> None:
    text = rights.rights_text([shared('desk@one.test', Member(ALICE, writes=True))])
    assert text.splitlines()[2:] == [
        f'Shared/desk@one.test group={ALICE} lrwstipek',
        f'Shared/desk@one.test/* group={ALICE} lrwstipek',
    ]


def test_a_right_to_send_is_none_to_write() -> None:
    text = rights.rights_text([shared('desk@one.test', Member(ALICE, sends=True))])
    assert rights.granted(text) == {('desk@one.test', ALICE): 'lr'}


def test_a_mailbox_that_is_off_or_frozen_is_open_to_no_one() -> None:
    member = Member(ALICE, writes=True)
    closed = [shared('one@one.test', member, closed='Away.'),
              shared('two@one.test', member, enabled=False)]  # fmt: skip
    assert not rights.granted(rights.rights_text(closed))
    assert not rights.listed_text(closed)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z#&'=^~é][a-z0-9#&'=^_~é-]{0,8}@[a-z]{1,5}\.test", fullmatch=True),
        st.lists(st.builds(Member, st.uuids().map(str), st.booleans()),
                 unique_by=lambda member: member.id),
        max_size=4,
    )
)  # fmt: skip
def test_what_is_written_is_read_again(mailboxes: dict[str, list[Member]]) -> None:
    text = rights.rights_text(shared(address, *found) for address, found in mailboxes.items())
    assert rights.granted(text) == {
        (address, member.id): 'lrwstipek' if member.writes else 'lr'
        for address, found in mailboxes.items()
        for member in found
    }
    for line in text.splitlines()[2:]:
        assert line.count(' ') == 2, 'Dovecot takes the first blank for the end of the name.'
