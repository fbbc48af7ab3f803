# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counts of each hour: each story once for each kind, whatever happens to the file in between."""

from pathlib import Path

import pytest

from ..hourly_counts import HOUR, KINDS, of_plain
from ..samples import Samples
from ..story_store import StoryStore
from .lines import (
    ALICE,
    START,
    Line,
    arrived,
    checked,
    follow,
    queued,
    refused,
    removed,
    stored,
    to_mailbox,
    tried,
)  # fmt: skip

FIRST = int(START // HOUR) * HOUR
IDS = '4jcMbK5dPczA', '4jcMbK5dPczB', '4jcMbK5dPczC'


def counts(store: StoryStore) -> dict[tuple[int, str], int]:
    return {(start, kind): count for start, kind, count in store.counts_since(0)[1] if count}


def delivered() -> list[Line]:
    return [*arrived(IDS[0], 'a@outside.test'), checked(IDS[0], to=(ALICE,)), queued(IDS[0]),
            stored('s1', to=ALICE), to_mailbox(IDS[0], 's1', ALICE), removed(IDS[0])]  # fmt: skip


def test_a_delivered_message_counts_once_for_its_hour(store: StoryStore) -> None:
    follow(store, delivered())
    assert counts(store) == {(FIRST, 'incoming'): 1}


@pytest.mark.parametrize('size', [1, 2, 3])
def test_restarts_within_a_message_count_nothing_twice(store: StoryStore, size: int) -> None:
    lines = delivered()
    for place in range(0, len(lines), size):
        follow(store, lines[place : place + size], START + place)
    assert counts(store) == {(FIRST, 'incoming'): 1}


def test_spam_that_is_refused_is_both(store: StoryStore) -> None:
    lines = [*arrived(IDS[1], 'b@outside.test'), checked(IDS[1], 'reject'),
             refused(IDS[1], '5.7.1 Spam')]  # fmt: skip
    follow(store, lines)
    assert counts(store) == {(FIRST, 'spam'): 1, (FIRST, 'refused'): 1}


def test_a_message_that_waited_counts_for_the_hour_it_began(store: StoryStore) -> None:
    waits = [*arrived(IDS[2], 'c@outside.test'), queued(IDS[2]),
             tried(IDS[2], 'x@far.test', 'deferred')]  # fmt: skip
    follow(store, waits)
    before = counts(store)
    follow(store, [tried(IDS[2], 'x@far.test', 'sent'), removed(IDS[2])], START + 3 * HOUR)
    assert before == {(FIRST, 'incoming'): 1, (FIRST, 'deferred'): 1}
    assert counts(store) == {**before, (FIRST, 'outgoing'): 1}


def test_stories_that_are_removed_for_their_age_stay_counted(store: StoryStore) -> None:
    follow(store, delivered())
    assert store.prune(START + 35 * 86_400, 30, 10**9) == 1
    assert counts(store) == {(FIRST, 'incoming'): 1}
    store.prune(START + 41 * 86_400, 30, 10**9)
    assert not counts(store)


def test_samples_take_counts_over_as_often_as_they_like(store: StoryStore, tmp_path: Path) -> None:
    follow(store, delivered(), START + HOUR)
    first, found = store.counts_since(0)
    with Samples(tmp_path / 'samples') as samples:
        for _time in range(3):
            samples.keep_counts(first, found, START + 2 * HOUR)
        hours = samples.hours(0, 2 * START)
        totals = samples.totals()
    assert [hour.incoming for hour in hours.values()] == [1, 0]
    assert totals == {kind: int(kind == 'incoming') for kind in KINDS}


BAD = None, 5, [0], [0, [[1, 'x', 1]]], [0, [[1, 'spam', -1]]], ['', []], [0, [[1, 'spam', 1e300]]]


@pytest.mark.parametrize('raw', BAD)
def test_counts_of_another_form_are_refused(raw: object) -> None:
    assert of_plain([7, [[1, 'spam', 2]]]) == (7, [(1, 'spam', 2)])
    with pytest.raises(ValueError, match=r'no counts|invalid literal|values to unpack'):
        of_plain(raw)
