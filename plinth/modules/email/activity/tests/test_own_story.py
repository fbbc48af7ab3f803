# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories as people see them: their own mail, nothing of others."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..own_story import OwnMail, own_story
from ..story import MessageStory
from .lines import (
    ALICE,
    BOB,
    CAROL,
    START,
    Line,
    acted,
    arrived,
    checked,
    queued,
    refused,
    refused_early,
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
    *submitted(A, login=ALICE), checked(A, to=(BOB, 'x@z.test')), queued(A, ALICE, 2),
    stored(T, 'Secret', BOB), to_mailbox(A, T, BOB),
    tried(A, 'x@z.test', 'bounced', '5.1.1', 'no such user'),
]  # fmt: skip


TEAM = 'team@example.test'
LONG_AGO = 0.0
ALICES = OwnMail({ALICE: LONG_AGO})
BOBS = OwnMail({BOB: LONG_AGO})


def seen(lines: list[Line], mail: OwnMail) -> MessageStory:
    (story,) = stories_of(lines)
    found = own_story(story, mail)
    assert found is not None
    return found


def test_a_recipient_sees_their_own_copy() -> None:
    story = seen(TO_BOTH, ALICES)
    assert list(story.ends) == [ALICE]
    assert [step.kind for step in story.steps] == ['arrived', 'checked', 'accepted', 'stored']
    assert story.sender == CAROL
    text = story.to_text()
    assert BOB not in text
    assert 'Secret' not in text
    assert 'Private' in text


def test_an_alias_is_not_shown_to_who_has_another_address() -> None:
    assert seen(TO_BOTH, BOBS).asked == (BOB,)
    assert 'team@' not in seen(TO_BOTH, BOBS).to_text()


def test_who_has_the_address_asked_for_sees_it_but_no_folder_of_others() -> None:
    story = seen(TO_BOTH, OwnMail(aliases={TEAM: LONG_AGO}))
    assert list(story.ends) == [ALICE]
    assert 'Private' not in story.to_text()


def test_an_alias_shared_by_two_shows_each_their_own_copy() -> None:
    lines = [*arrived(A), checked(A, to=(TEAM,)), queued(A, count=2), stored(S, 'Private'),
             to_mailbox(A, S, ALICE, TEAM), stored(T, 'Secret', BOB),
             to_mailbox(A, T, BOB, TEAM)]  # fmt: skip
    story = seen(lines, OwnMail({ALICE: LONG_AGO}, shared={TEAM: LONG_AGO}))
    assert list(story.ends) == [ALICE]
    assert story.asked == (TEAM,)
    assert BOB not in story.to_text()
    assert 'Secret' not in story.to_text()


def test_mail_refused_at_an_alias_is_seen_by_all_it_leads_to() -> None:
    words = '550 5.2.1 <team@example.test>: Recipient address rejected: off'
    for mail in (OwnMail(shared={TEAM: LONG_AGO}), OwnMail(aliases={TEAM: LONG_AGO})):
        assert seen([refused_early(TEAM, words)], mail).result == 'refused'


@pytest.mark.parametrize('kind', [
    OwnMail,
    lambda since: OwnMail(aliases=since),
    lambda since: OwnMail(shared=since),
])  # fmt: skip
def test_nothing_is_seen_of_the_time_before_the_address_was_theirs(
    kind: Callable[[dict[str, float]], OwnMail],
) -> None:
    (story,) = stories_of([refused_early(ALICE, '550 5.2.1 off')])
    assert own_story(story, kind({ALICE: START}))
    assert own_story(story, kind({ALICE: START + 1})) is None


def test_a_sender_is_who_had_the_login_then() -> None:
    (story,) = stories_of(SENT)
    assert own_story(story, OwnMail({ALICE: START + 1})) is None


def test_a_sender_does_not_see_who_is_behind_an_alias() -> None:
    lines = [*submitted(A, login=ALICE), checked(A, to=(TEAM,)), queued(A, ALICE, 2),
             stored(T, 'Secret', BOB), to_mailbox(A, T, BOB, TEAM),
             tried(A, 'secret@z.test', 'bounced', '5.1.1', '<secret@z.test> unknown',
                   asked_for=TEAM)]  # fmt: skip
    story = seen(lines, ALICES)
    assert {key: end.result for key, end in story.ends.items()} == {TEAM: 'returned'}
    assert 'secret' not in story.to_text().lower()
    assert BOB not in story.to_text()


@pytest.mark.parametrize('mail', [BOBS, OwnMail(shared={TEAM: LONG_AGO})])
def test_mail_of_a_user_that_never_came_is_its_senders_alone(mail: OwnMail) -> None:
    lines = [*submitted(A, login=ALICE), checked(A, 'reject', (BOB, TEAM)),
             refused(A, '5.7.1 Spam', BOB, ALICE)]  # fmt: skip
    (story,) = stories_of(lines)
    assert own_story(story, mail) is None
    assert own_story(story, ALICES) is not None


def test_a_recipient_does_not_see_from_where_a_user_sent() -> None:
    story = seen(SENT, BOBS)
    assert '192.168.1.7' not in (story.client + story.to_text())
    assert not story.login


def test_others_see_nothing() -> None:
    (story,) = stories_of(TO_BOTH)
    assert own_story(story, OwnMail({'eve@example.test': LONG_AGO})) is None
    assert own_story(story, OwnMail()) is None


def test_a_sender_sees_all_copies_and_no_folder() -> None:
    story = seen(SENT, ALICES)
    found = {key: end.result for key, end in story.ends.items()}
    assert found == {BOB: 'delivered', 'x@z.test': 'returned'}
    assert 'Secret' not in story.to_text()
    assert [step.kind for step in story.steps][-2:] == ['delivered', 'returned']


@pytest.mark.parametrize('action', [
    'Marked message to be discarded if not explicitly delivered (discard action)',
    'forwarded to <secret@z.test>',
])  # fmt: skip
def test_a_sender_does_not_see_what_rules_do(action: str) -> None:
    lines = [
        *submitted(A, login=ALICE),
        queued(A, ALICE),
        acted(T, action, BOB),
        to_mailbox(A, T, BOB),
    ]
    child = [
        ('postfix/sieve/smtpd', f'{B}: client=unknown[unknown]'),
        ('postfix/cleanup', f'{B}: message-id=<b@example.test>'), queued(B, ALICE),
    ]  # fmt: skip
    passed_on = [*lines[:3], *child, *lines[3:], tried(B, 'secret@z.test', 'sent')]
    for scene in (lines, passed_on if 'forwarded' in action else lines):
        story = seen(scene, ALICES)
        assert {key: end.result for key, end in story.ends.items()} == {BOB: 'delivered'}
        assert 'secret' not in story.to_text()
        assert 'discard' not in story.to_text()


def test_the_owner_of_the_rule_sees_it() -> None:
    lines = [*submitted(A, login=ALICE), queued(A, ALICE), acted(T, 'forwarded to <x@z.test>', BOB),
             to_mailbox(A, T, BOB)]  # fmt: skip
    story = seen(lines, BOBS)
    assert story.ends[BOB].target == 'x@z.test'
    assert not story.login, "the sender's login is theirs"


def test_a_sender_address_from_outside_is_no_proof() -> None:
    forged = [*arrived(A), checked(A, to=(BOB,)), queued(A, ALICE), to_mailbox(A, T, BOB)]
    (story,) = stories_of(forged)
    assert story.sender == ALICE
    assert own_story(story, ALICES) is None


def test_refused_mail_is_seen_by_whom_it_was_for() -> None:
    lines = [*arrived(A), checked(A, 'reject', (ALICE, BOB)), refused(A, '5.7.1 Spam', BOB)]
    story = seen(lines, ALICES)
    assert (story.result, story.asked) == ('refused', (ALICE,))
    assert BOB not in story.to_text()


def test_a_guarded_mailbox_tells_nothing_of_mail_that_waits_or_was_refused() -> None:
    child = OwnMail({ALICE: LONG_AGO}, is_guarded=True)
    start = [*arrived(A), checked(A), queued(A)]
    for lines, is_seen in (
        ([*start, stored(S, 'freedombox-waiting/Messages'), to_mailbox(A, S)], False),
        ([*start, stored(S, 'School'), to_mailbox(A, S)], True),
        ([*arrived(A), checked(A, 'reject'), refused(A, '5.7.1 Spam')], False),
        ([refused_early(ALICE, '550 5.2.1 off')], False),
        (start, False),
    ):
        (story,) = stories_of(lines)
        assert (own_story(story, child) is not None) is is_seen, lines
        assert own_story(story, ALICES)


@given(st.lists(st.sampled_from([*TO_BOTH, *SENT]), max_size=40))
def test_nothing_of_bob_is_ever_in_alices_part(lines: list[Line]) -> None:
    for story in stories_of([line for line in lines if 'sasl_username' not in line[1]]):
        found = own_story(story, ALICES)
        if found:
            assert BOB not in found.to_text()
            assert 'Secret' not in found.to_text()
