# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories of messages, from the lines of whole deliveries."""

import random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.words import trace as words

from ..log_events import RuleActed, Way
from ..stories import MOST_CACHED, MOST_PENDING, PENDING_SECONDS, Stories
from ..story import MOST_STEPS, RESULTS, STEP_KINDS, MessageStory
from .lines import (
    ALICE,
    BOB,
    CAROL,
    DELAYS,
    START,
    DictShelf,
    Line,
    acted,
    arrived,
    checked,
    entries,
    queued,
    refused,
    refused_early,
    removed,
    see_all,
    stored,
    stories_of,
    submitted,
    to_mailbox,
    tried,
)

A, B, C = '4jcMbK5dPczNwGX', '4jcMbL1hRmzNwGY', '4jcMbM6zzpzNwGZ'
S, T = 'yGoNLJ2zLWkYHgAA1xKzDg', 'yGoNLJ2zLWkYHgAA1xKzDg:2'
SRS = 'SRS0=aB3dEf=DK=outside.test=carol@example.test'
DISCARD = 'Marked message to be discarded if not explicitly delivered (discard action)'
IN = [*arrived(A), checked(A), queued(A), stored(S), to_mailbox(A, S), removed(A)]


def kinds(story: MessageStory) -> list[str]:
    return [step.kind for step in story.steps]


def ends(story: MessageStory) -> dict[str, str]:
    return {key: end.result for key, end in story.ends.items()}


def see(stories: Stories, lines: list[Line]) -> None:
    see_all(stories, entries(lines))


def one(lines: list[Line]) -> MessageStory:
    (story,) = stories_of(lines)
    return story


def test_a_message_comes_in_and_is_in_a_folder() -> None:
    story = one(IN)
    assert kinds(story) == ['arrived', 'checked', 'accepted', 'stored']
    assert (story.way, story.client, story.sender) == ('server', '198.51.100.7', CAROL)
    assert (story.message_id, story.size, story.score) == ('a@outside.test', 1932, 1.5)
    assert story.reasons == (('BAYES_SPAM', 5.1), ('MIME_GOOD', -0.1))
    assert story.ends[ALICE].target == 'INBOX'
    assert story.result == 'delivered'
    assert not story.open_ids
    assert story.addresses == {ALICE, CAROL}
    assert [step.at for step in story.steps] == sorted(step.at for step in story.steps)


def test_dovecots_line_may_come_after_postfixs() -> None:
    late = [*arrived(A), checked(A), queued(A), to_mailbox(A, S), removed(A), stored(S, 'Junk')]
    story = one(late)
    assert kinds(story)[-1] == 'stored'
    assert story.ends[ALICE].target == 'Junk'


def test_a_message_to_several_people_has_several_ends() -> None:
    lines = [
        *submitted(A), checked(A, to=(BOB, 'x@z.test', 'y@z.test', 'gone@z.test')),
        queued(A, ALICE, 4),
        stored(S, 'Work', BOB), to_mailbox(A, S, BOB, asked_for='team@example.test'),
        tried(A, 'x@z.test', 'sent'),
        tried(A, 'y@z.test', 'deferred', '4.4.1', 'connect to z.test[192.0.2.1]:25: timed out'),
        tried(A, 'gone@z.test', 'bounced', '5.1.1', 'host z.test said: 550 5.1.1 no such user'),
    ]  # fmt: skip
    story = one(lines)
    assert ends(story) == {
        BOB: 'delivered', 'x@z.test': 'sent', 'y@z.test': 'waiting', 'gone@z.test': 'returned',
    }  # fmt: skip
    assert story.ends[BOB].asked_for == 'team@example.test'
    assert story.result == 'returned'
    assert (story.login, story.way) == ('alice', 'login')
    assert story.open_ids == [A]


def test_a_message_that_waits_has_a_short_story() -> None:
    words = 'connect to z.test[192.0.2.1]:25: Connection timed out'
    waits = [tried(A, 'x@z.test', 'deferred', '4.4.1', words), queued(A, ALICE)] * 40
    story = one([*submitted(A), queued(A, ALICE), *waits, tried(A, 'x@z.test', 'sent'), removed(A)])
    assert kinds(story) == ['arrived', 'accepted', 'delayed', 'sent']
    delayed = story.steps[2]
    assert (delayed.count, delayed.last - delayed.at) == (40, 78)
    assert story.result == 'sent'


def test_a_message_that_waited_too_long_goes_back() -> None:
    lines = [
        *submitted(A), queued(A, ALICE), tried(A, 'x@z.test', 'deferred', '4.4.1', 'timed out'),
        ('postfix/qmgr', f'{A}: from=<{ALICE}>, status=expired, returned to sender'),
        ('postfix/cleanup', f'{B}: message-id=<n@example.test>'),
        ('postfix/bounce', f'{A}: sender non-delivery notification: {B}'),
        queued(B, ''), removed(A), stored(S), to_mailbox(B, S), removed(B),
    ]  # fmt: skip
    sent, notice = stories_of(lines)
    assert kinds(sent) == ['arrived', 'accepted', 'delayed', 'expired', 'notice']
    assert (sent.result, sent.ends['x@z.test'].text) == ('returned', 'timed out')
    assert sent.steps[-1].target == B
    assert (notice.way, notice.sender, notice.result) == ('notice', '', 'delivered')


def test_a_refused_message_is_found_by_all_its_recipients() -> None:
    story = one([*arrived(A), checked(A, 'reject', (ALICE, BOB), 20), refused(A, '5.7.1 Spam')])
    assert ends(story) == {ALICE: 'refused', BOB: 'refused'}
    assert story.result == 'refused'
    assert story.action == 'reject'
    assert not story.open_ids


def test_the_filters_line_may_come_after_postfixs() -> None:
    refusal = [*arrived(A), refused(A, '5.7.1 Spam'), checked(A, 'reject', (ALICE, BOB), 20)]
    assert ends(one(refusal)) == {ALICE: 'refused', BOB: 'refused'}
    put_off = [*arrived(A), refused(A, GREYLISTED), checked(A, 'soft reject')]
    again = [*arrived(B), queued(B), checked(B, 'add header', score=7), to_mailbox(B, S)]
    story = one([*put_off, *again])
    assert (story.score, story.action, story.result) == (7, 'add header', 'delivered')


GREYLISTED = '4.7.1 Try again later'


def test_a_message_that_was_put_off_and_comes_again_is_the_same() -> None:
    again = ('pool2.outside.test', '198.51.100.8')
    lines = [
        *arrived(A), checked(A, 'soft reject'), refused(A, GREYLISTED),
        *arrived(B, client=again[1]), checked(B, 'soft reject'), refused(B, GREYLISTED),
        *arrived(C, client=again[1]), checked(C, 'add header'), queued(C), stored(S, 'Junk'),
        to_mailbox(C, S, asked_for=ALICE), removed(C),
    ]  # fmt: skip
    story = one(lines)
    assert kinds(story) == ['arrived', 'checked', 'refused', 'arrived', 'checked', 'accepted',
                            'stored']  # fmt: skip
    assert (story.steps[2].count, story.first) == (2, START)
    assert (story.client, story.action, story.result) == (again[1], 'add header', 'delivered')
    assert story.queue_ids == [A, B, C]


def test_put_off_until_it_comes_again() -> None:
    story = one([*arrived(A), checked(A, 'greylist'), refused(A, GREYLISTED)])
    assert story.result == 'put-off'
    assert story.is_put_off


@pytest.mark.parametrize('second', [
    [*arrived(B), queued(B, 'eve@x.test')],
    [*arrived(B, 'other@outside.test'), queued(B)],
])  # fmt: skip
def test_a_message_id_alone_joins_nothing(second: list[Line]) -> None:
    first = [*arrived(A), checked(A), refused(A, GREYLISTED)]
    assert len(stories_of([*first, *second])) == 2
    assert len(stories_of([*IN, *arrived(B), queued(B)])) == 2, 'a finished one is another one'


def forwarded(action: str, child: str = CAROL) -> list[Line]:
    """A rule passes a message on; it is handed in again while it is being delivered."""
    return [
        *arrived(A), checked(A), queued(A),
        ('postfix/sieve/smtpd', f'{B}: client=unknown[unknown]'),
        ('postfix/cleanup', f'{B}: message-id=<a@outside.test>'),
        checked(B, 'no action', ('away@z.test',), 0),
        queued(B, child),
        acted(S, 'forwarded to <away@z.test>'), *([acted(S, action)] if action else []),
        to_mailbox(A, S), removed(A),
        tried(B, 'away@z.test', 'sent'), removed(B),
    ]  # fmt: skip


def test_a_rule_passes_a_message_on_under_a_rewritten_sender() -> None:
    story = one(forwarded('', SRS))
    assert ends(story) == {ALICE: 'forwarded', 'away@z.test': 'sent'}
    assert (story.sender, story.rewritten) == (CAROL, SRS)
    assert story.ends[ALICE].target == 'away@z.test'
    assert story.score == 1.5, "the filter's word on the copy is not the one on the message"
    assert story.addresses >= {ALICE, CAROL, 'away@z.test', SRS.lower()}
    assert story.way == 'server'


def test_a_copy_in_a_folder_counts_as_delivered() -> None:
    story = one(forwarded("stored mail into mailbox 'INBOX'"))
    assert ends(story)[ALICE] == 'delivered'
    assert story.ends[ALICE].target == 'INBOX'


def test_a_copy_a_rule_passed_on_may_be_refused_alone() -> None:
    lines = forwarded('')
    lines[6:7] = [refused(B, '5.7.1 no', 'away@z.test')]
    story = one(lines[:-2])
    assert ends(story) == {ALICE: 'forwarded', 'away@z.test': 'refused'}


def test_an_answer_of_a_rule_is_a_message_of_its_own() -> None:
    lines = [
        *arrived(A), queued(A),
        ('postfix/sieve/smtpd', f'{B}: client=unknown[unknown], sasl_method=PLAIN, '
         f'sasl_username={ALICE}'),
        ('postfix/cleanup', f'{B}: message-id=<dovecot-sieve-1@example.test>'), queued(B, ''),
        acted(S, f'sent vacation response to <{CAROL}>'), stored(S), to_mailbox(A, S), removed(A),
        tried(B, CAROL, 'sent'), removed(B),
    ]  # fmt: skip
    message, answer = stories_of(lines)
    assert kinds(message)[-2:] == ['replied', 'stored']
    assert (answer.way, answer.login, ends(answer)) == ('rule', ALICE, {CAROL: 'sent'})


def test_a_stranger_cannot_join_a_message_that_is_being_delivered() -> None:
    lines = [*arrived(A), queued(A), *arrived(B), queued(B, 'eve@x.test')]
    assert len(stories_of(lines)) == 2


def test_a_rule_drops_a_message() -> None:
    story = one([*arrived(A), queued(A), acted(S, DISCARD), to_mailbox(A, S), removed(A)])
    assert (ends(story), kinds(story)[-1]) == ({ALICE: 'discarded'}, 'discarded')


def test_a_rule_rejects_a_message() -> None:
    lines = [*arrived(A), queued(A), acted(S, f'rejected message from <{CAROL}> (reject)'),
             to_mailbox(A, S), removed(A)]  # fmt: skip
    assert ends(one(lines)) == {ALICE: 'rejected'}


def test_a_folder_without_room_makes_a_message_wait() -> None:
    words = f'host {RELAY} said: 452 4.2.2 <{ALICE}> Quota exceeded'
    lines = [
        *arrived(A), queued(A),
        acted(S, "failed to store into mailbox 'INBOX': Quota exceeded (mailbox is full)"),
        ('postfix/lmtp', f'{A}: to=<{ALICE}>, relay={RELAY}, {DELAYS}dsn=4.2.2, '
         f'status=deferred ({words})'),
    ]  # fmt: skip
    story = one(lines)
    assert (story.result, story.ends[ALICE].code) == ('waiting', '4.2.2')


RELAY = 'mail.example.test[private/dovecot-lmtp]'


def test_a_message_of_several_mailboxes_has_a_session_each() -> None:
    lines = [*arrived(A), queued(A, count=2), stored(S), stored(T, 'Work', BOB), to_mailbox(A, S),
             to_mailbox(A, T, BOB), removed(A)]  # fmt: skip
    assert {key: end.target for key, end in one(lines).ends.items()} == {ALICE: 'INBOX',
                                                                         BOB: 'Work'}  # fmt: skip


def test_held_released_and_sent() -> None:
    hold = ('postfix/submissions/smtpd', f'{A}: hold: END-OF-MESSAGE from unknown[192.168.1.7]: '
            f'<END-OF-MESSAGE>: End-of-data too many; from=<{ALICE}> to=<x@z.test> proto=ESMTP '
            'helo=<x> sasl_username=<alice>')  # fmt: skip
    before = [*submitted(A), checked(A, to=('x@z.test',)), hold]
    held = one(before)
    assert (held.result, held.sender, 'x@z.test' in held.addresses) == ('held', ALICE, True)
    after = [('postfix/postsuper', f'{A}: released from hold'), queued(A, ALICE),
             tried(A, 'x@z.test', 'sent'), removed(A)]  # fmt: skip
    story = one([*before, *after])
    assert kinds(story) == ['arrived', 'checked', 'held', 'released', 'accepted', 'sent']
    assert story.result == 'sent'
    gone = one([*before, ('postfix/postsuper', f'{A}: removed')])
    assert gone.result == 'removed'


def test_refused_at_rcpt_there_is_no_message() -> None:
    words = '550 5.1.1 <nobody@example.test>: Recipient address rejected: User unknown'
    early = refused_early('nobody@example.test', words)
    story = one([early, early, early])
    assert (story.result, story.steps[0].count, story.steps[0].code) == ('refused', 3, '5.1.1')
    assert story.client == '198.51.100.7'
    assert story.addresses == {CAROL, 'nobody@example.test'}
    other = refused_early('nobody@example.test', words, '198.51.100.9')
    assert len(stories_of([early, other])) == 2


def test_one_recipient_of_two_is_refused() -> None:
    reject = (
        'postfix/smtpd', f'{A}: reject: RCPT from mx[198.51.100.7]: 550 5.1.1 <x@example.test>: '
        f'unknown; from=<{CAROL}> to=<x@example.test> proto=ESMTP helo=<mx>',
    )  # fmt: skip
    story = one([IN[0], reject, *IN[1:]])
    assert ends(story) == {'x@example.test': 'refused', ALICE: 'delivered'}


def test_a_message_too_large_is_refused() -> None:
    large = ('postfix/cleanup', f'warning: {A}: queue file size limit exceeded')
    story = one([*arrived(A), large])
    assert (kinds(story)[-1], story.steps[-1].code, story.open_ids) == ('refused', '5.3.4', [])


def test_a_canceled_message_is_over() -> None:
    story = one([*arrived(A), ('postfix/cleanup', f'{A}: canceled')])
    assert (kinds(story), story.open_ids) == (['arrived', 'canceled'], [])


def test_requeued_it_stays_the_same() -> None:
    lines = [
        *submitted(A), queued(A, ALICE), tried(A, 'x@z.test', 'deferred', '4.4.1', 'timed out'),
        ('postfix/pickup', f'{B}: uid=104 from=<{ALICE}> orig_id={A}'),
        ('postfix/cleanup', f'{B}: message-id=<b@example.test>'), removed(A), queued(B, ALICE),
        tried(B, 'x@z.test', 'sent'), removed(B),
    ]  # fmt: skip
    story = one(lines)
    assert (story.result, story.queue_ids, story.open_ids) == ('sent', [A, B], [])


def test_passed_on_by_a_local_alias_it_stays_the_same() -> None:
    local = ('postfix/local', f'{A}: to=<root@localhost>, relay=local, {DELAYS}dsn=2.0.0, '
             f'status=sent (forwarded as {B})')  # fmt: skip
    head = [
        ('postfix/pickup', f'{A}: uid=0 from=<root>'),
        ('postfix/cleanup', f'{A}: message-id=<c@example.test>'),
        queued(A, 'root'),
    ]
    tail = [queued(B, 'root'), stored(S), to_mailbox(B, S), removed(B)]
    name = ('postfix/cleanup', f'{B}: message-id=<c@example.test>')
    for lines in ([*head, name, local, removed(A), *tail], [*head, local, name, removed(A), *tail]):
        story = one(lines)
        assert (ends(story)[ALICE], story.way, story.open_ids) == ('delivered', 'program', [])


def test_internal_addresses_stand_for_mailboxes() -> None:
    alone = 'alice=example.test@here.invalid'
    lmtp = ('postfix/lmtp', f'{A}: to=<{alone}>, relay={RELAY}, {DELAYS}dsn=2.0.0, '
            f'status=sent (250 2.0.0 <{ALICE}> {S} Saved)')  # fmt: skip
    story = one([*arrived(A), checked(A, to=(alone,)), queued(A), stored(S, 'Junk'), lmtp])
    assert (ends(story), story.addresses) == ({ALICE: 'delivered'}, {ALICE, CAROL})
    copy = ('postfix/lmtp', f'{A}: to=<team=example.test@sent.invalid>, relay=x[/run/lmtp], '
            f'{DELAYS}dsn=2.0.0, status=sent (250 ok)')  # fmt: skip
    assert ends(one([*submitted(A), queued(A, 'team@example.test'), copy])) == {
        'team@example.test': 'copied'
    }


def test_a_number_that_is_used_again_is_another_message() -> None:
    assert len(stories_of([*IN, *arrived(A, 'z@outside.test'), queued(A)])) == 2


def test_the_middle_of_a_story_is_better_than_none() -> None:
    story = one(IN[3:])
    assert (story.way, story.result, story.message_id) == ('', 'delivered', '')


SCENES = [
    IN, forwarded(''), forwarded("stored mail into mailbox 'INBOX'", SRS),
    [*arrived(A), checked(A, 'greylist'), refused(A, GREYLISTED), *arrived(C), checked(C),
     queued(C), to_mailbox(C, T), stored(T), removed(C)],
    [*submitted(A), queued(A, ALICE, 2), tried(A, 'x@z.test', 'sent'),
     *[tried(A, 'y@z.test', 'deferred', '4.4.1', 'timed out')] * 5,
     ('postfix/qmgr', f'{A}: from=<{ALICE}>, status=expired, returned to sender'), removed(A)],
]  # fmt: skip


@pytest.mark.parametrize('scene', SCENES)
def test_a_restart_at_any_place_changes_nothing(scene: list[Line]) -> None:
    expected = [(story.to_text(), story.result, story.way) for story in stories_of(scene)]
    for every in range(1, len(scene)):
        found = stories_of(scene, every)
        assert [(story.to_text(), story.result, story.way) for story in found] == expected


@given(st.lists(st.sampled_from([line for scene in SCENES for line in scene]), max_size=60))
def test_lines_in_any_order_make_stories(lines: list[Line]) -> None:
    for story in stories_of(lines, every=7):
        copy = MessageStory(story.id, story.first)
        copy.read_text(story.to_text())
        assert copy.to_text() == story.to_text()
        assert set(story.open_ids) <= set(story.queue_ids)


@given(st.randoms(use_true_random=False))
def test_messages_at_the_same_time_do_not_mix(rng: random.Random) -> None:
    def renamed(number: int) -> list[Line]:
        digit = str(number)
        return [
            (source, text.replace(A, A + digit).replace(S, S + digit)
             .replace('a@outside', f'a{digit}@outside'))
            for source, text in IN
        ]  # fmt: skip

    waiting = [renamed(number) for number in range(5)]
    mixed = []
    while any(waiting):
        mixed.append(rng.choice([each for each in waiting if each]).pop(0))
    found = stories_of(mixed)
    assert len(found) == 5
    assert all(kinds(story) == kinds(one(IN)) for story in found)


def test_memory_is_bounded() -> None:
    shelf = DictShelf()
    stories = Stories(shelf)
    for number in range(MOST_CACHED + 300):
        stories.see(RuleActed(f's{number}', ALICE, 'stored', 'x', 'INBOX'), START)
        see(stories, [*arrived(f'4jcMbK5dPcz{number}', f'{number % 2100}@x'), queued(A)])
    shelf.keep(stories)
    assert len(stories._cache) == MOST_CACHED
    assert len(stories._by_queue_id) <= MOST_CACHED
    assert sum(map(len, stories._by_name.values())) <= MOST_CACHED
    assert len(stories.pending()['acts']) == MOST_PENDING


def test_what_never_gets_its_other_half_is_forgotten() -> None:
    shelf = DictShelf()
    stories = Stories(shelf)
    stories.see(RuleActed('lost', ALICE, 'stored', 'x', 'INBOX'), START - PENDING_SECONDS - 10)
    see(stories, IN)
    assert [row[0] for row in stories.pending()['sessions']] == [S]
    assert stories.pending()['acts'] == []


def test_a_story_has_no_end_of_steps() -> None:
    waits = [tried(A, f'x{n}@z.test', 'deferred', '4.4.1', 'no') for n in range(MOST_STEPS + 50)]
    story = one([*submitted(A), queued(A, ALICE), *waits])
    assert len(story.steps) == MOST_STEPS
    assert (story.left_out, len(story.ends)) == (52, MOST_STEPS + 50)


def test_pending_values_of_another_version_count_as_nothing() -> None:
    stories = Stories(DictShelf(), {'acts': [['s', 1.0, {'other': 1}]], 'sessions': 5})
    assert stories.pending() == {'acts': [], 'sessions': []}


def test_each_step_and_result_has_words() -> None:
    assert set(words.STEPS) == set(STEP_KINDS) - {'arrived', 'checked'}
    assert set(words.RESULTS) == set(RESULTS)
    assert set(words.ARRIVALS) == {*get_args(Way), 'notice', ''}


def test_a_subject_is_kept_where_it_is_logged() -> None:
    line = ('rspamd', f'<1f9a2c>; lua; subjects.lua:19: freedombox_subject: <{A}> Fair')
    other = ('rspamd', f'<1f9a2c>; lua; other.lua:19: freedombox_subject: <{A}> Forged')
    lines = [*arrived(A), other, line, checked(A), queued(A)]
    (story,) = stories_of(lines)
    assert story.subject == 'Fair'
    assert not stories_of([*arrived(A), other, checked(A)])[0].subject
