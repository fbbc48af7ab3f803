# SPDX-License-Identifier: AGPL-3.0-or-later
"""The groups of the page Health: the worst first, and many that work in one row."""

from plinth.modules.email.health.finding import Finding
from plinth.modules.email.health.health_check import HealthCheck
from plinth.modules.email.status import State, Verdict
from plinth.modules.email.views import health

FULL = HealthCheck('room', findings=(Finding(Verdict(State.BROKEN, 'room', {'room': 5})),))
UNSEEN = HealthCheck('queue', unseen='unseen-queue')


def records(count: int) -> list[HealthCheck]:
    """Checks of as many domains that work."""
    return [HealthCheck('records', f'd{number}.test') for number in range(count)]


def test_the_worst_comes_first() -> None:
    drift = HealthCheck('drift')
    found = health.groups([*records(1), UNSEEN, drift, FULL])
    assert [each.name for each in found] == ['box', 'mail', 'domains']
    assert found[0].checks == (FULL, drift)
    assert [each.state for each in found] == [State.BROKEN, State.UNKNOWN, State.WORKS]


def test_many_that_work_share_a_row() -> None:
    (few,) = health.groups(records(health.SHOWN_WORKING))
    assert (len(few.checks), few.more) == (health.SHOWN_WORKING, ())
    (many,) = health.groups(records(50))
    assert len(many.checks) == health.SHOWN_WORKING
    assert [str(each) for each in many.more] == ['DNS records of 47 other domains']


def test_a_problem_is_never_folded() -> None:
    problem = Finding(Verdict(State.UNKNOWN, 'unchecked', {'domain': 'z.test'}), 'z.test')
    bad = HealthCheck('records', 'z.test', (problem,))
    (group,) = health.groups([*records(50), bad])
    assert group.checks[0] == bad
