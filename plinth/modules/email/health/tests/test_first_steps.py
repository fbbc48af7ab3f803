# SPDX-License-Identifier: AGPL-3.0-or-later
"""The steps from a new app to the first message."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from ...activity.last_times import Times
from ...status import State, Verdict
from ...system.certificates import Certificate
from ...words import health as words
from ..first_steps import CODES, STEPS, Ground, Network, Progress, SetupStep, after, next_of, steps
from ..observation import Directory, Records
from .test_condition import DOMAIN, GOOD, NOW

DONE = dataclasses.replace(GOOD, times=Times(NOW, NOW, NOW))
OPEN = Verdict(State.WORKS, 'port-25-open')
SHUT = Verdict(State.BROKEN, 'port-25-shut')
EARLIER = NOW - timedelta(hours=1)


def number(**changes: Any) -> int:
    """The number of the next step."""
    return next_of(steps(Ground(dataclasses.replace(DONE, **changes), Network(), NOW)))


def test_all_steps_are_done() -> None:
    found = steps(Ground(DONE, Network(), NOW))
    assert tuple(step.code for step in found) == CODES
    assert len(STEPS) == len(words.STEPS) == len(words.NEXT) == len(CODES)
    assert {step.progress for step in found} == {Progress.DONE}
    assert number() == 0


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        ({'directory': None}, 1),
        ({'directory': Directory(None, (), 0)}, 1),
        ({'directory': Directory('box.local', ('box.local',), 1)}, 1),
        ({'times': None}, 2),
        ({'times': Times(sent=NOW, device=NOW)}, 2),
        ({'times': Times(received=NOW)}, 3),
        ({'records': (Records(DOMAIN, NOW, outgoing=SHUT),)}, 3),
        ({'records': None}, 4),
        ({'records': (Records(DOMAIN, None),)}, 4),
        ({'records': (Records(DOMAIN, NOW, 1, ('MX',), keeps_out=True),)}, 4),
        ({'records': (Records(DOMAIN, NOW, 1, ('DMARC',)),)}, 0),
        ({'certificates': (Certificate(DOMAIN, False, NOW),)}, 5),
        ({'certificates': (Certificate(DOMAIN, True, NOW),)}, 5),
        ({'certificates': None}, 5),
        ({'directory': Directory(DOMAIN, (DOMAIN,), 0)}, 6),
        ({'directory': Directory(DOMAIN, (DOMAIN, 'x.test'), 3, ('x.test',))}, 0),
        ({'times': Times(NOW, NOW)}, 8),
    ],
)
def test_what_was_not_seen_is_not_done(changes: dict[str, Any], expected: int) -> None:
    assert number(**changes) == expected


def test_there_is_one_next_step() -> None:
    empty = dataclasses.replace(DONE, directory=None, records=(), certificates=(), times=Times())
    found = steps(Ground(empty, Network(), NOW))
    assert [step.progress for step in found] == [Progress.NEXT, *[Progress.OPEN] * 7]
    assert all(str(step.seen).endswith('.') for step in found)


@pytest.mark.parametrize(
    ('network', 'pages'),
    [
        (Network(), ['email:test-message']),
        (
            Network(behind_router=True),
            ['email:test-message', 'networks:index', 'dynamicdns:index'],
        ),
        (Network(behind_router=True, changes=False), ['email:test-message', 'networks:index']),
        (Network(behind_router=True, dynamic_dns=True), ['email:test-message', 'networks:index']),
    ],
)
def test_dynamic_dns_is_named_where_it_may_be_needed(network: Network, pages: list[str]) -> None:
    ground = Ground(dataclasses.replace(DONE, times=Times()), network, NOW)
    (ports,) = [step for step in steps(ground) if step.code == 'ports']
    assert [remedy.page for remedy in ports.remedies] == pages
    assert ('behind a router' in str(ports.seen)) == network.behind_router


def way_out(outgoing: Verdict | None, sent: Any = None) -> SetupStep:
    """The step about outgoing mail."""
    records = (Records(DOMAIN, EARLIER, outgoing=outgoing),)
    seen = dataclasses.replace(DONE, records=records, times=Times(received=NOW, sent=sent))
    return steps(Ground(seen, Network(), NOW))[CODES.index('out')]


@pytest.mark.parametrize(
    ('outgoing', 'sent', 'found', 'is_done'),
    [
        (None, None, 'way-unknown', False),
        (Verdict(State.UNKNOWN, 'port-25-unknown'), None, 'way-unknown', False),
        (OPEN, None, 'way-open', True),
        (OPEN, NOW, 'sent', True),
        (None, NOW, 'sent', True),
        (SHUT, None, 'port-25-shut', False),
        (SHUT, EARLIER - timedelta(days=1), 'port-25-shut', False),
        (SHUT, NOW, 'sent', True),
        (Verdict(State.LOOK, 'port-25-partly'), None, 'port-25-partly', False),
        (Verdict(State.WORKS, 'port-25-unneeded'), None, 'relay-unused', False),
        (Verdict(State.WORKS, 'port-25-spared'), None, 'relay-unused', False),
        (Verdict(State.WORKS, 'port-25-unneeded'), NOW, 'sent', True),
    ],
)
def test_the_way_out_is_done_when_it_was_seen(
    outgoing: Verdict | None, sent: Any, found: str, is_done: bool
) -> None:
    step = way_out(outgoing, sent)
    assert (step.found, step.is_done) == (found, is_done)
    assert (step.state is State.BROKEN) == (found in ('port-25-shut', 'port-25-partly'))


def test_a_step_that_is_put_off_leads_to_the_next_one_that_is_not_done() -> None:
    seen = dataclasses.replace(DONE, times=Times(), certificates=())
    found = steps(Ground(seen, Network(), NOW))
    passed, code = [], CODES[0]
    while following := after(found, code):
        code = following.code
        passed.append(code)
    assert passed == ['ports', 'out', 'certificate', 'message', 'device']


@pytest.mark.parametrize(
    ('keeps_out', 'state'), [(True, State.BROKEN), (False, State.LOOK)], ids=['out', 'in']
)
def test_records_that_are_wrong_are_not_said_to_work(keeps_out: bool, state: State) -> None:
    records = (Records(DOMAIN, NOW, 1, ('MX',), keeps_out),)
    found = steps(Ground(dataclasses.replace(DONE, records=records), Network(), NOW))
    assert found[CODES.index('dns')].state is state


def test_every_state_of_a_step_has_a_sentence() -> None:
    for directory in (None, Directory(DOMAIN, (DOMAIN,), 1)):
        for records in (None, (Records(DOMAIN, None),)):
            seen = dataclasses.replace(DONE, directory=directory, records=records, times=Times())
            assert all(step.seen and step.title for step in steps(Ground(seen, Network(), NOW)))
