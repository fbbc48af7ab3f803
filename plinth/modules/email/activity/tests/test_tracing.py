# SPDX-License-Identifier: AGPL-3.0-or-later
"""Questions about messages through the service's socket, of administrators and of owners."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ...errors import MailError
from .. import told, trace_door, tracing
from ..own_story import OwnMail
from ..stories import Stories
from ..story_lines import lines as lines_of
from ..story_store import StoryStore
from ..trace_service import TraceAnswers, listen, serve
from ..traced import MOST_ROWS, TracedPage, TraceQuestion
from .lines import (
    ALICE,
    BOB,
    CAROL,
    START,
    Line,
    arrived,
    checked,
    entries,
    queued,
    refused_early,
    removed,
    see_all,
    stored,
    submitted,
    to_mailbox,
    tried,
)

GONE = 'gone@gmail.test'
NO_SUCH = (
    'host gmail-smtp-in.l.google.com[192.0.2.1] said: 550-5.1.1 The email account that you tried '
    'to reach does not exist. (in reply to RCPT TO command)'
)


def incoming(number: int, to: str = ALICE) -> list[Line]:
    queue_id, session = f'4jcMbK5dPcz{number:03}', f'session{number:03}'
    return [*arrived(queue_id, f'{number}@outside.test'), checked(queue_id, to=(to,)),
            queued(queue_id), stored(session, to=to), to_mailbox(queue_id, session, to),
            removed(queue_id)]  # fmt: skip


OUT = [
    *submitted('4jcMbL1hRmzNwGY', login=ALICE), queued('4jcMbL1hRmzNwGY', ALICE, 2),
    stored('session-bob', 'Secret', BOB), to_mailbox('4jcMbL1hRmzNwGY', 'session-bob', BOB),
    tried('4jcMbL1hRmzNwGY', GONE, 'bounced', '5.1.1', NO_SUCH), removed('4jcMbL1hRmzNwGY'),
]  # fmt: skip
LINES = [*incoming(1), *incoming(2, BOB), *OUT, *incoming(3), refused_early(BOB, '450 4.7.1 Later')]


def fill(store: StoryStore, lines: list[Line]) -> None:
    stories = Stories(store)
    see_all(stories, entries(lines))
    pending = {**stories.pending(), 'last': START + len(lines)}
    store.write(stories.changed.values(), stories.gone, 'c', pending)


@pytest.fixture(name='served', autouse=True)
def _served(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the service answer from a file with these stories."""
    store = StoryStore(path)
    fill(store, LINES)
    store.close()
    monkeypatch.setattr(trace_door, 'SOCKET', tmp_path / 'questions')
    answers = TraceAnswers(path, lambda story: lines_of(story, entries(LINES)))
    listening = listen(tmp_path / 'questions')
    thread = threading.Thread(target=serve, args=(listening, answers), daemon=True)
    thread.start()
    yield
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(10)


def mail_of(*addresses: str, since: float = START - 60) -> OwnMail:
    return OwnMail(dict.fromkeys(addresses, since))


def test_a_page_has_the_newest_messages_first_and_leads_to_the_next() -> None:
    page = tracing.find(TraceQuestion(most=3))
    assert [row.id for row in page.rows] == [5, 4, 3]
    assert page.followed
    assert page.followed.timestamp() == START + len(LINES)
    last = tracing.find(TraceQuestion(most=3, before=page.next))
    assert ([row.id for row in last.rows], last.next) == ([2, 1], 0)
    assert TracedPage.from_json(json.loads(json.dumps(page.to_json()))) == page


@pytest.mark.parametrize(
    ('words', 'found'),
    [
        ((BOB, '', ''), [5, 3, 2]),
        (('Bob@EXAMPLE.test', '', ''), [5, 3, 2]),
        (('@gmail.test', '', ''), [3]),
        (('', '<1@outside.test>', ''), [1]),
        (('', '', 'put-off'), [5]),
        ((ALICE, '', 'delivered'), [4, 1]),
        (('none@example.test', '', ''), []),
    ],
)
def test_messages_are_found_by_what_is_known(words: tuple[str, str, str], found: list[int]) -> None:
    question = TraceQuestion.of_words(*words, ('', ''), 0, 25)
    assert [row.id for row in tracing.find(question).rows] == found


def test_messages_are_found_by_time() -> None:
    late = TraceQuestion.of_words('', '', '', ('2100-01-01', ''), 0, 25)
    assert not tracing.find(late).rows
    early = TraceQuestion.of_words('', '', '', ('2001-01-01', '2100-01-01T00:00:00+02:00'), 0, 25)
    assert len(tracing.find(early).rows) == 5


@pytest.mark.parametrize(
    'words',
    [
        ('no address', '', '', ('', '')), ('*', '', '', ('', '')), ('@', '', '', ('', '')),
        ('', 'a\nb', '', ('', '')), ('', 'x' * 300, '', ('', '')), ('', '', 'lost', ('', '')),
        ('', '', '', ('yesterday', '')), ('', '', '', ('', '99999-01-01')),
    ],
)  # fmt: skip
def test_what_no_message_could_have_is_refused(
    words: tuple[str, str, str, tuple[str, str]],
) -> None:
    with pytest.raises(MailError):
        TraceQuestion.of_words(*words, 0, 25)


@pytest.mark.parametrize(('before', 'most'), [(-1, 25), (0, 0), (0, MOST_ROWS + 1), (2**70, 5)])
def test_a_page_without_bounds_is_refused(before: int, most: int) -> None:
    with pytest.raises(ValueError, match='a page'):
        TraceQuestion(before=before, most=most)


@pytest.mark.parametrize('number', [0, -1, 99, 10**40])
def test_a_message_that_is_not_there_is_missing(number: int) -> None:
    for ask in (tracing.story, tracing.lines):
        with pytest.raises(MailError, match='no record'):
            ask(number)


def test_owners_find_their_own_messages_page_by_page() -> None:
    page = tracing.find_in(mail_of(ALICE), TraceQuestion(most=2))
    assert [row.id for row in page.rows] == [4, 3]
    last = tracing.find_in(mail_of(ALICE), TraceQuestion(most=2, before=page.next))
    assert ([row.id for row in last.rows], last.next) == ([1], 0)


def test_owners_find_no_message_by_a_recipient_they_do_not_see() -> None:
    """A copy for another person of the same message, such as a Bcc, is not theirs to know of."""
    found = tracing.find_in(mail_of(BOB), TraceQuestion(address=GONE))
    assert found.rows == ()
    assert [r.id for r in tracing.find_in(mail_of(ALICE), TraceQuestion(address=GONE)).rows] == [3]
    (row,) = tracing.find_in(mail_of(BOB), TraceQuestion(address=ALICE)).rows
    assert (row.recipients, row.result) == ((BOB,), 'delivered')
    assert not tracing.find_in(mail_of(BOB), TraceQuestion(result='returned')).rows


def test_owners_find_by_their_own_result_whatever_came_of_other_copies() -> None:
    """Else a message that is in the list and not found would tell of another copy's end."""
    (row,) = tracing.find_in(mail_of(BOB), TraceQuestion(address=ALICE, result='delivered')).rows
    assert row.id == 3


def test_owners_find_a_message_by_its_message_id_only_if_it_is_theirs() -> None:
    question = TraceQuestion(message_id='2@outside.test')
    assert [row.id for row in tracing.find_in(mail_of(BOB), question).rows] == [2]
    assert not tracing.find_in(mail_of(ALICE), question).rows


def test_who_has_no_address_finds_nothing() -> None:
    page = tracing.find_in(OwnMail(), TraceQuestion())
    assert (page.rows, page.next) == ((), 0)


def test_a_number_in_the_queue_has_one_message() -> None:
    assert [row.id for row in tracing.find(TraceQuestion(queue_id='4jcMbL1hRmzNwGY')).rows] == [3]
    assert not tracing.find(TraceQuestion(queue_id='4jcMbL1hRmzNwGX')).rows


def test_an_address_shows_nothing_of_the_time_before_it_was_theirs() -> None:
    assert not tracing.find_in(mail_of(ALICE, since=START + 999), TraceQuestion()).rows


def test_a_recipient_who_may_not_know_from_where_reads_a_whole_sentence() -> None:
    message = replace(tracing.story(3), client='')
    assert told.steps(message)[0].sentence == f'Sent by {ALICE}.'


def test_a_story_says_what_happened_and_what_that_means() -> None:
    message = tracing.story(3)
    steps = told.steps(message)
    assert steps[0].sentence == f'Sent by {ALICE} from 192.168.1.7.'
    assert steps[-1].meaning == 'The address does not exist at the other mail server.'
    assert steps[-1].sentence == (
        f'Returned to the sender, because {GONE} could not be reached: '
        'The address does not exist at the other mail server.'
    )
    assert 'The email account' in steps[-1].answer
    assert [told.end(each) for each in message.ends] == [
        'Delivered: Secret', 'Returned to the sender: The address does not exist at the other '
        'mail server.',
    ]  # fmt: skip
    assert told.reasons(tracing.story(1)) == (
        'It resembles messages that were marked as spam. (+5.1)', 'Its structure is usual. (-0.1)',
    )  # fmt: skip


def test_lines_are_those_of_one_message() -> None:
    """But for those under the same tag of Rspamd, which the lines of these tests share."""
    found = [line.text for line in tracing.lines(2).lines if line.source != 'rspamd']
    assert len(found) == len(incoming(2)) - 1
    assert all('4jcMbK5dPcz002' in text or 'session002' in text for text in found)
    (early,) = tracing.lines(5).lines
    assert early.text.startswith('NOQUEUE: ')


def test_a_service_that_is_down_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trace_door, 'SOCKET', tmp_path / 'none')
    with pytest.raises(MailError, match="isn't answering"):
        tracing.find(TraceQuestion())


@pytest.mark.parametrize('text', [b'', b'x', b'[]', b'{"story": "x"}', b'{"find": {}}', b'{}'])
def test_a_question_that_is_none_gets_an_error(text: bytes, tmp_path: Path) -> None:
    answers = TraceAnswers(tmp_path / 'other.sqlite3')
    assert 'error' in json.loads(answers.answer_text(text))
    answers.close()


def test_who_sent_it_from_outside_is_no_proof() -> None:
    assert not tracing.find_in(mail_of(CAROL), TraceQuestion()).rows
