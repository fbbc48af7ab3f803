# SPDX-License-Identifier: AGPL-3.0-or-later
"""The file of stories: written all at once, found by what people know of a message."""

import sqlite3
import stat
from pathlib import Path

import pytest

from ..story import MessageStory
from ..story_store import StorySearch, StoryStore
from .lines import (
    ALICE,
    BOB,
    CAROL,
    START,
    Line,
    arrived,
    checked,
    follow,
    queued,
    refused,
    removed,
    stored,
    submitted,
    to_mailbox,
    tried,
)

DAY = 86_400.0


def incoming(number: int, to: str = ALICE) -> list[Line]:
    queue_id, session = f'4jcMbK5dPcz{number}', f'session{number}'
    return [*arrived(queue_id, f'{number}@outside.test'), checked(queue_id, to=(to,)),
            queued(queue_id), stored(session, to=to), to_mailbox(queue_id, session, to),
            removed(queue_id)]  # fmt: skip


def spam(number: int) -> list[Line]:
    queue_id = f'4jcMbK5dPcz{number}'
    return [*arrived(queue_id, f'{number}@outside.test'), checked(queue_id, 'reject'),
            refused(queue_id, '5.7.1 Spam')]  # fmt: skip


def names(found: list[MessageStory]) -> list[str]:
    return [story.message_id.partition('@')[0] for story in found]


def fill(store: StoryStore) -> None:
    """Ten messages, an hour apart: even ones for Alice, odd ones for Bob, every fifth is spam."""
    for number in range(10):
        lines = incoming(number, (ALICE, BOB)[number % 2]) if number % 5 else spam(number)
        follow(store, lines, START + 3600 * number)


@pytest.mark.parametrize(('wanted', 'found'), [
    (StorySearch(), '9876543210'),
    (StorySearch(most=3), '987'),
    (StorySearch(most=3, before=8), '654'),
    (StorySearch((ALICE,)), '865420'),
    (StorySearch((BOB,)), '9731'),
    (StorySearch((BOB.upper(), ALICE)), '9876543210'),
    (StorySearch((BOB, ALICE), most=4), '9876'),
    (StorySearch(('@outside.test',)), '9876543210'),
    (StorySearch(('@example.test',), 'refused'), '50'),
    (StorySearch((ALICE,), 'delivered'), '8642'),
    (StorySearch((BOB,), 'refused'), ''),
    (StorySearch(result='refused'), '50'),
    (StorySearch(result='waiting'), ''),
    (StorySearch(message_id='7@outside.test'), '7'),
    (StorySearch((ALICE,), message_id='7@outside.test'), ''),
    (StorySearch((BOB,), message_id='7@outside.test'), '7'),
    (StorySearch(result='refused', message_id='7@outside.test'), ''),
    (StorySearch(since=START + 3600 * 7), '987'),
    (StorySearch(until=START + 3600 * 2), '10'),
    (StorySearch((ALICE,), since=START + 3600, until=START + 3600 * 5), '42'),
    (StorySearch(since=START + DAY), ''),
    (StorySearch(until=START), ''),
    (StorySearch(('nobody@example.test',)), ''),
    (StorySearch(("' OR 1=1 --",)), ''),
])  # fmt: skip
def test_a_search(store: StoryStore, wanted: StorySearch, found: str) -> None:
    fill(store)
    assert ''.join(names(store.search(wanted))) == found


@pytest.mark.parametrize('most', [0, -1, 1001])
def test_a_page_has_a_size(most: int) -> None:
    with pytest.raises(ValueError, match='page'):
        StorySearch(most=most)


def test_each_search_walks_an_index(store: StoryStore) -> None:
    fill(store)
    plans: list[str] = []
    connection = store._connection
    connection.set_trace_callback(plans.append)
    for wanted in (
        StorySearch(), StorySearch((ALICE,)), StorySearch((ALICE,), 'refused'),
        StorySearch(result='refused'), StorySearch(message_id='7@outside.test'),
        StorySearch((ALICE,), since=START, until=START + DAY, before=9),
    ):  # fmt: skip
        store.search(wanted)
    store.id_by_queue_id('4jcMbK5dPcz7')
    store.next_id()
    connection.set_trace_callback(None)
    for query in {plan for plan in plans if plan.startswith('SELECT')}:
        for row in connection.execute(f'EXPLAIN QUERY PLAN {query}'):
            assert 'TEMP B-TREE' not in row[3], query
            assert row[3].startswith('SEARCH') or row[3] == 'SCAN story', (row[3], query)


def test_a_story_comes_back_as_it_was(store: StoryStore) -> None:
    follow(store, incoming(1))
    (story,) = store.search(StorySearch())
    assert (story.sender, story.client, story.way, story.size) == (CAROL, '198.51.100.7', 'server',
                                                                   1932)  # fmt: skip
    assert [step.kind for step in story.steps] == ['arrived', 'checked', 'accepted', 'stored']
    assert (story.result, story.score, story.required) == ('delivered', 1.5, 15.0)


def test_a_story_goes_on_in_a_later_batch(store: StoryStore) -> None:
    for line in incoming(1):
        follow(store, [line])
    (story,) = store.search(StorySearch((ALICE,), 'delivered'))
    assert [step.kind for step in story.steps] == ['arrived', 'checked', 'accepted', 'stored']
    assert not store.search(StorySearch((ALICE,), 'moving'))


def test_a_result_changes_for_all_its_addresses(store: StoryStore) -> None:
    head = [*submitted('4jcMbK5dPczNwGX'), queued('4jcMbK5dPczNwGX', ALICE)]
    follow(store, [*head, tried('4jcMbK5dPczNwGX', 'x@z.test', 'deferred', '4.4.1', 'no')])
    for address in (ALICE, 'x@z.test', '@z.test'):
        assert store.search(StorySearch((address,), 'waiting'))
    follow(store, [tried('4jcMbK5dPczNwGX', 'x@z.test', 'sent')])
    for address in (ALICE, 'x@z.test', '@z.test'):
        assert not store.search(StorySearch((address,), 'waiting'))
        assert store.search(StorySearch((address,), 'sent'))


def test_joined_stories_are_one_row(store: StoryStore) -> None:
    first, second = '4jcMbK5dPczNwGX', '4jcMbL1hRmzNwGY'
    follow(store, [*arrived(first), checked(first, 'greylist'), refused(first, '4.7.1 Later')])
    follow(store, arrived(second), START + 300)
    assert len(store.search(StorySearch())) == 2
    follow(store, [queued(second), to_mailbox(second, 's')], START + 302)
    (story,) = store.search(StorySearch((ALICE,)))
    assert story.queue_ids == [first, second]
    assert store.id_by_queue_id(second) == story.id


def test_a_failure_in_the_middle_keeps_nothing(store: StoryStore) -> None:
    follow(store, incoming(1), cursor='before')
    good = MessageStory(7, START, message_id='new@x')
    bad = MessageStory(8, START, size=2**80)
    with pytest.raises(OverflowError):
        store.write([good, bad], [1], 'after', {'acts': []})
    assert store.place()[0] == 'before'
    assert names(store.search(StorySearch())) == ['1']
    store.write([good], [], 'after', {})
    assert store.place() == ('after', {})


def test_a_new_file_is_at_no_place(store: StoryStore) -> None:
    assert store.place() == ('', {})
    assert store.next_id() == 1


def test_only_its_owner_reads_the_file(store: StoryStore, path: Path) -> None:
    fill(store)
    for each in path.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each.name


def test_a_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / 'link').symlink_to(tmp_path / 'target')
    with pytest.raises(OSError, match='link'):
        StoryStore(tmp_path / 'link')
    assert not (tmp_path / 'target').exists()


@pytest.mark.parametrize('content', [b'no database', b'SQLite format 3\0' + b'x' * 5000])
def test_a_damaged_file_begins_anew(
    path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(content)
    store = StoryStore(path)
    follow(store, incoming(1))
    assert names(store.search(StorySearch())) == ['1']
    store.close()
    assert 'damaged' in capsys.readouterr().err


def test_another_version_begins_anew(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute('PRAGMA user_version=99')
    connection.execute('CREATE TABLE story (x)')
    connection.close()
    store = StoryStore(path)
    follow(store, incoming(1))
    store.close()


def test_old_stories_are_removed(store: StoryStore) -> None:
    fill(store)
    assert store.prune(START + DAY, 30, 10**9) == 0
    assert store.prune(START + 30 * DAY + 3600 * 4, 30, 10**9) == 4
    assert ''.join(names(store.search(StorySearch()))) == '987654'
    assert ''.join(names(store.search(StorySearch((BOB,))))) == '97'
    assert store.id_by_queue_id('4jcMbK5dPcz1') is None
    assert store.prune(START + 60 * DAY, 30, 10**9) == 6
    for table in ('story', 'involved', 'queue', 'address'):
        assert store._one(f'SELECT count(*) FROM {table}') == 0, table


def test_a_file_that_is_too_large_loses_the_oldest(store: StoryStore) -> None:
    fill(store)
    before = store.bytes_used()
    assert store.prune(START, 30, before) == 0
    assert store.prune(START, 30, before - 1) == 10
    fill(store)
    assert store.bytes_used() <= before


def test_a_reader_sees_whole_batches(store: StoryStore, path: Path) -> None:
    reader = StoryStore(path)
    follow(store, incoming(1))
    assert names(reader.search(StorySearch())) == ['1']
    reader.close()
