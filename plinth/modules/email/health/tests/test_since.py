# SPDX-License-Identifier: AGPL-3.0-or-later
"""A state counts after two looks, and people are told once."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plinth.modules.email.health import since
from plinth.modules.email.health.finding import Finding
from plinth.modules.email.health.health_check import HealthCheck
from plinth.modules.email.health.since import Standing, Standings
from plinth.modules.email.status import State, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SUBJECTS = {'room': False, 'certificate': True, 'relays': False}
STATES = {'w': State.WORKS, 'l': State.LOOK, 'b': State.BROKEN, 'u': State.UNKNOWN}


def check(state: State, name: str = 'room', about: str = '') -> HealthCheck:
    """A check in a state."""
    if state is State.WORKS:
        return HealthCheck(name, about, params={'room': 5})
    if state is State.UNKNOWN:
        return HealthCheck(name, about, unseen='unseen-room-mb')
    finding = Finding(Verdict(state, 'room', {'room': 5}), answer=Verdict(state, 'room'))
    return HealthCheck(name, about, (finding,))


def looks(states: str, **options: str) -> list[Standings]:
    """The standings after each of these looks, a minute apart; '-' is a look without the check."""
    found: list[Standings] = []
    for number, letter in enumerate(states):
        made = [] if letter == '-' else [check(STATES[letter], **options)]
        last = found[-1] if found else Standings(START, '')
        found.append(since.follow(last, made, START + number * MINUTE, SUBJECTS, ''))
    return found


def one(states: str) -> Standing:
    """The standing after these looks."""
    return looks(states)[-1].checks[0]


@pytest.mark.parametrize(
    ('states', 'state', 'minute'),
    [('w', 'w', 0), ('wb', 'w', 0), ('wbb', 'b', 1), ('wbbb', 'b', 1), ('wbwbw', 'w', 0),
     ('wbbw', 'b', 1), ('wbbww', 'w', 3), ('wblb', 'w', 0), ('wbbll', 'l', 3),
     ('wbbu', 'b', 1), ('wbbuu', 'u', 3)],
)  # fmt: skip
def test_a_state_counts_after_two_looks(states: str, state: str, minute: int) -> None:
    found = one(states)
    assert (found.state, found.since) == (STATES[state], START + minute * MINUTE)


@pytest.mark.parametrize(
    ('state', 'told', 'is_news'),
    [('b', 'w', True), ('l', 'w', True), ('w', 'b', True), ('w', 'l', True), ('b', 'l', True),
     ('l', 'b', False), ('b', 'b', False), ('w', 'w', False), ('u', 'b', False),
     ('u', 'w', False)],
)  # fmt: skip
def test_news_are_worse_or_well_again(state: str, told: str, is_news: bool) -> None:
    standing = replace(one('w'), state=STATES[state])
    assert standing.is_news(STATES[told]) is is_news


def test_the_first_look_of_all_is_no_news() -> None:
    first = since.follow(None, [check(State.BROKEN)], START, SUBJECTS, '')
    second = since.follow(first, [check(State.BROKEN)], START + MINUTE, SUBJECTS, '')
    assert not second.checks[0].is_news(second.checks[0].told)


def test_a_new_domain_is_no_news_but_a_new_problem_is() -> None:
    known = looks('bb', name='certificate', about='a.test')[-1].checks[0]
    assert not known.is_news(known.told)
    fresh = looks('bb', name='relays', about='gmx')[-1].checks[0]
    assert fresh.is_news(fresh.told)


def test_a_problem_that_is_gone_is_well_once_it_was_told() -> None:
    told = Standings(START, '', (replace(one('wbb'), told=State.BROKEN),))
    gone = since.follow(told, [], START + 9 * MINUTE, SUBJECTS, '')
    assert gone.checks[0].state is State.BROKEN
    over = since.follow(gone, [], START + 10 * MINUTE, SUBJECTS, '')
    assert over.checks[0].is_news(State.BROKEN)
    assert over.checks[0].solved
    never_told = since.follow(looks('wbb')[-1], [], START + 9 * MINUTE, SUBJECTS, '')
    assert never_told.checks == ()


def test_a_domain_that_is_gone_is_forgotten() -> None:
    before = looks('wbb', name='certificate', about='a.test')[-1]
    told = replace(before, checks=(replace(before.checks[0], told=State.BROKEN),))
    assert since.follow(told, [], START, SUBJECTS, '').checks == ()


def test_it_is_kept_as_json(tmp_path: Path) -> None:
    path = tmp_path / 'health.json'
    assert since.kept(path) is None
    before = looks('wbb')[-1]
    path.write_text(json.dumps(before.to_json()))
    assert since.kept(path) == before
    path.write_text('{"looked": 1}')
    assert since.kept(path) is None


def test_since_when() -> None:
    now = START + 3 * MINUTE
    assert since.since(None, check(State.BROKEN), now) is None
    assert since.since(looks('wbb')[-1], check(State.BROKEN), now) == START + MINUTE
    assert since.since(looks('wb')[-1], check(State.BROKEN), now) == START + MINUTE
    assert since.since(looks('ww')[-1], check(State.BROKEN), now) == now
    assert since.since(looks('ww')[-1], check(State.WORKS), now + 2 * since.FRESH) is None
