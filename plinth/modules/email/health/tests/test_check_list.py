# SPDX-License-Identifier: AGPL-3.0-or-later
"""The list of checks: each has a state for everything that can't be seen, and none says "works"."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from plinth.modules.email.activity.last_times import Times
from plinth.modules.email.activity.root_part import Queue
from plinth.modules.email.backup.last_backup import LastBackup
from plinth.modules.email.filtering.rules_age import SpamLists
from plinth.modules.email.health import check_list
from plinth.modules.email.health.check_list import KINDS, checks, problems
from plinth.modules.email.health.health_check import HealthCheck
from plinth.modules.email.health.observation import Observation, Records
from plinth.modules.email.status import State, Verdict
from plinth.modules.email.words import health_checks as words

from .test_condition import DOMAIN, GOOD, NOW, seen

ALL_WELL = {
    'lists': 'lists-clean', 'reverse': 'right', 'ports': 'ports-open', 'clock': 'clock-right',
    'validation': 'validation-on', 'thunderbird': 'setup-right',
}  # fmt: skip
WELL = seen(
    records=(
        Records(
            DOMAIN, NOW, outgoing=Verdict(State.WORKS, 'port-25-open'),
            verdicts={role: Verdict(State.WORKS, code) for role, code in ALL_WELL.items()},
        ),
    ),
    times=Times(received=NOW),
    inodes=50,
    memory_mb=900,
    synchronized=True,
    spam_lists=SpamLists(NOW),
    spam_memory=79,
    backup=LastBackup(NOW),
)  # fmt: skip
PARTS = [
    each.name for each in dataclasses.fields(Observation)
    if 'None' in str(each.type) and each.name != 'missing'
]  # fmt: skip


def found(observation: Observation) -> dict[str, HealthCheck]:
    """The checks by their kinds; for several of a kind the last."""
    return {each.name: each for each in checks(observation, NOW)}


def test_all_is_well() -> None:
    bad = [each.key for each in checks(WELL, NOW) if not each.works]
    assert bad == ['drill'], 'only the drill is something no one does yet'
    assert set(found(WELL)) == {kind.name for kind in KINDS}


@pytest.mark.parametrize('part', PARTS)
def test_a_part_that_cannot_be_seen_makes_each_check_of_it_unknown(part: str) -> None:
    needing = [kind.name for kind in KINDS if part in kind.needs]
    assert needing, f'no check is unknown when {part} cannot be seen'
    nothing: dict[str, Any] = {part: None}
    without = found(dataclasses.replace(WELL, **nothing))
    for name in needing:
        assert without[name].state in (State.UNKNOWN, State.BROKEN), name
        assert str(without[name].sentence).endswith('.'), name


def test_of_nothing_seen_nothing_works() -> None:
    blind = Observation(enabled=True, guards=None, helpers=None)
    well = [each.key for each in checks(blind, NOW) if each.works]
    assert not well


def test_a_check_that_was_not_made_does_not_work() -> None:
    unmade = found(seen(records=(Records(DOMAIN, None),), times=Times()))
    for name in ('records', 'incoming', 'outgoing', 'lists', 'reverse', 'ports', 'clock',
                 'resolver', 'apps'):  # fmt: skip
        assert unmade[name].state is State.UNKNOWN, name


def test_every_problem_belongs_to_a_check() -> None:
    bad = seen(
        units={}, helpers={'x.timer': False}, room_mb=1, undone=('a',), outdated=None,
        queue=Queue(1, oldest=NOW - timedelta(days=1), held=1), keys_lost=(DOMAIN,),
    )  # fmt: skip
    told = {each.code for each in problems(bad, NOW) if not each.is_unseen}
    listed = {each.code for check in checks(bad, NOW) for each in check.findings}
    assert told <= listed


@pytest.mark.parametrize(
    ('changes', 'name', 'state'),
    [
        ({'inodes': 5}, 'inodes', State.LOOK),
        ({'inodes': 0}, 'inodes', State.BROKEN),
        ({'memory_mb': 50}, 'memory', State.LOOK),
        ({'synchronized': False}, 'clock', State.WORKS),  # the daily check found it right
        ({'synchronized': False, 'records': ()}, 'clock', State.UNKNOWN),
        ({'spam_memory': 80}, 'spam-memory', State.LOOK),
        ({'spam_memory': None}, 'spam-memory', State.UNKNOWN),
        ({'spam_lists': SpamLists()}, 'spam-lists', State.UNKNOWN),
        ({'spam_lists': SpamLists(NOW - timedelta(days=31))}, 'spam-lists', State.LOOK),
        ({'backup': LastBackup()}, 'backup', State.LOOK),
        ({'backup': LastBackup(NOW - timedelta(days=31))}, 'backup', State.LOOK),
        ({'times': Times(received=NOW - timedelta(days=15))}, 'silence', State.UNKNOWN),
    ],
)
def test_the_machine_and_its_upkeep(changes: dict[str, Any], name: str, state: State) -> None:
    check = found(dataclasses.replace(WELL, **changes))[name]
    assert check.state is state
    assert str(check.sentence).endswith('.')


def test_a_resolver_that_does_not_validate_is_a_warning() -> None:
    off = {'validation': Verdict(State.WORKS, 'validation-off')}
    check = found(seen(records=(Records(DOMAIN, NOW, verdicts=off),)))['resolver']
    assert check.state is State.LOOK


def test_several_of_a_kind_are_checks_of_their_own() -> None:
    lost = seen(keys_lost=(DOMAIN,), records=(Records(DOMAIN, NOW), Records('b.test', NOW)))
    states = {each.about: each.state for each in checks(lost, NOW) if each.name == 'keys'}
    assert states == {DOMAIN: State.LOOK, 'b.test': State.WORKS}


def test_nothing_is_checked_while_email_is_off() -> None:
    assert checks(dataclasses.replace(GOOD, enabled=False), NOW) == ()


def test_every_check_has_words_and_a_group() -> None:
    assert set(words.CHECKS) == {kind.name for kind in KINDS}
    assert set(words.GROUPS) == set(check_list.GROUPS)
    assert len({kind.name for kind in KINDS}) == len(KINDS)
