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
    (few,) = health.groups(records(health.SHOWN[State.WORKS]))
    assert (len(few.checks), few.more) == (health.SHOWN[State.WORKS], ())
    (many,) = health.groups(records(50))
    assert len(many.checks) == health.SHOWN[State.WORKS]
    assert [(str(words), state) for words, state in many.more] == [
        ('DNS records of 47 other domains', State.WORKS)
    ]


def test_of_many_problems_five_are_shown() -> None:
    def bad(name: str) -> HealthCheck:
        problem = Finding(Verdict(State.UNKNOWN, 'unchecked', {'domain': name}), name)
        return HealthCheck('records', name, (problem,))

    (group,) = health.groups([*records(1), *(bad(f'z{number}.test') for number in range(9))])
    assert [each.state for each in group.checks] == [State.UNKNOWN] * 5 + [State.WORKS]
    assert group.more[0][1] is State.UNKNOWN
