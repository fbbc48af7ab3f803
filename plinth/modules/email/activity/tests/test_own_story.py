# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories as people see them: their own mail, nothing of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..own_story import own_story
from ..story import MessageStory
from .lines import (
    ALICE,
    BOB,
    CAROL,
    Line,
    acted,
    arrived,
    checked,
    queued,
    refused,
    stored,
    stories_of,
    submitted,
    to_mailbox,
    tried,
)

A, B = '4jcMbK5dPczNwGX', '4jcMbL1hRmzNwGY'
S, T = 'yGoNLJ2zLWkYHgAA1xKzDg', 'yGoNLJ2zLWkYHgAA1xKzDg:2'
TO_BOTH = [
    *arrived(A), checked(A, to=('team@example.test', BOB)), queued(A, count=2),
    stored(S, 'Private'),
    to_mailbox(A, S, ALICE, 'team@example.test'), stored(T, 'Secret', BOB), to_mailbox(A, T, BOB),
]  # fmt: skip
SENT = [
    *submitted(A), checked(A, to=(BOB, 'x@z.test')), queued(A, ALICE, 2), stored(T, 'Secret', BOB),
    to_mailbox(A, T, BOB), tried(A, 'x@z.test', 'bounced', '5.1.1', 'no such user'),
]  # fmt: skip


def seen(lines: list[Line], addresses: set[str], logins: tuple[str, ...] = ()) -> MessageStory:
    (story,) = stories_of(lines)
    found = own_story(story, addresses, logins)
    assert found is not None
    return found


def test_a_recipient_sees_their_own_copy() -> None:
    story = seen(TO_BOTH, {ALICE})
    assert list(story.ends) == [ALICE]
    assert [step.kind for step in story.steps] == ['arrived', 'checked', 'accepted', 'stored']
    assert story.sender == CAROL
    text = story.to_text()
    assert BOB not in text
    assert 'Secret' not in text
    assert 'Private' in text


def test_an_alias_is_not_shown_to_who_has_another_address() -> None:
    assert seen(TO_BOTH, {BOB}).asked == (BOB,)
    assert 'team@' not in seen(TO_BOTH, {BOB}).to_text()


def test_who_has_the_address_asked_for_sees_it() -> None:
    assert list(seen(TO_BOTH, {'team@example.test'}).ends) == [ALICE]


def test_others_see_nothing() -> None:
    (story,) = stories_of(TO_BOTH)
    assert own_story(story, {'eve@example.test'}, ('eve',)) is None
    assert own_story(story, set()) is None


def test_a_sender_sees_all_copies_and_no_folder() -> None:
    story = seen(SENT, {ALICE}, ('alice',))
    found = {key: end.result for key, end in story.ends.items()}
    assert found == {BOB: 'delivered', 'x@z.test': 'returned'}
    assert 'Secret' not in story.to_text()
    assert [step.kind for step in story.steps][-2:] == ['delivered', 'returned']


@pytest.mark.parametrize('action', [
    'Marked message to be discarded if not explicitly delivered (discard action)',
    'forwarded to <secret@z.test>',
])  # fmt: skip
def test_a_sender_does_not_see_what_rules_do(action: str) -> None:
    lines = [*submitted(A), queued(A, ALICE), acted(T, action, BOB), to_mailbox(A, T, BOB)]
    child = [
        ('postfix/sieve/smtpd', f'{B}: client=unknown[unknown]'),
        ('postfix/cleanup', f'{B}: message-id=<b@example.test>'), queued(B, ALICE),
    ]  # fmt: skip
    passed_on = [*lines[:3], *child, *lines[3:], tried(B, 'secret@z.test', 'sent')]
    for scene in (lines, passed_on if 'forwarded' in action else lines):
        story = seen(scene, {ALICE}, ('alice',))
        assert {key: end.result for key, end in story.ends.items()} == {BOB: 'delivered'}
        assert 'secret' not in story.to_text()
        assert 'discard' not in story.to_text()


def test_the_owner_of_the_rule_sees_it() -> None:
    lines = [*submitted(A), queued(A, ALICE), acted(T, 'forwarded to <x@z.test>', BOB),
             to_mailbox(A, T, BOB)]  # fmt: skip
    story = seen(lines, {BOB})
    assert story.ends[BOB].target == 'x@z.test'
    assert not story.login, "the sender's login is theirs"


def test_a_sender_address_from_outside_is_no_proof() -> None:
    forged = [*arrived(A), checked(A, to=(BOB,)), queued(A, ALICE), to_mailbox(A, T, BOB)]
    (story,) = stories_of(forged)
    assert story.sender == ALICE
    assert own_story(story, {ALICE}, ('alice',)) is None


def test_refused_mail_is_seen_by_whom_it_was_for() -> None:
    lines = [*arrived(A), checked(A, 'reject', (ALICE, BOB)), refused(A, '5.7.1 Spam', BOB)]
    story = seen(lines, {ALICE})
    assert (story.result, story.asked) == ('refused', (ALICE,))
    assert BOB not in story.to_text()


@given(st.lists(st.sampled_from([*TO_BOTH, *SENT]), max_size=40))
def test_nothing_of_bob_is_ever_in_alices_part(lines: list[Line]) -> None:
    for story in stories_of([line for line in lines if 'sasl_username' not in line[1]]):
        found = own_story(story, {ALICE}, ('alice',))
        if found:
            assert BOB not in found.to_text()
            assert 'Secret' not in found.to_text()
