# SPDX-License-Identifier: AGPL-3.0-or-later
"""The steps from a new app to the first message."""

import dataclasses
from typing import Any

import pytest

from ...activity.last_times import Times
from ...system.certificates import Certificate
from ..first_steps import Ground, Network, Progress, next_of, steps
from ..observation import Directory, Records
from .test_condition import DOMAIN, GOOD, NOW

DONE = dataclasses.replace(GOOD, times=Times(NOW, NOW, NOW))
CODES = ('domain', 'dns', 'ports', 'certificate', 'message', 'device')


def number(**changes: Any) -> int:
    """The number of the next step."""
    return next_of(steps(Ground(dataclasses.replace(DONE, **changes), Network(), NOW)))


def test_all_steps_are_done() -> None:
    found = steps(Ground(DONE, Network(), NOW))
    assert tuple(step.code for step in found) == CODES
    assert {step.progress for step in found} == {Progress.DONE}
    assert number() == 0


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        ({'directory': None}, 1),
        ({'directory': Directory(None, (), 0)}, 1),
        ({'directory': Directory('box.local', ('box.local',), 1)}, 1),
        ({'records': None}, 2),
        ({'records': (Records(DOMAIN, None),)}, 2),
        ({'records': (Records(DOMAIN, NOW, 1, ('MX',), keeps_out=True),)}, 2),
        ({'records': (Records(DOMAIN, NOW, 1, ('DMARC',)),)}, 0),
        ({'times': None}, 3),
        ({'times': Times(device=NOW)}, 3),
        ({'certificates': (Certificate(DOMAIN, False, NOW),)}, 4),
        ({'certificates': (Certificate(DOMAIN, True, NOW),)}, 4),
        ({'certificates': None}, 4),
        ({'times': Times(received=NOW)}, 6),
    ],
)
def test_what_was_not_seen_is_not_done(changes: dict[str, Any], expected: int) -> None:
    assert number(**changes) == expected


def test_there_is_one_next_step() -> None:
    empty = dataclasses.replace(DONE, directory=None, records=(), certificates=(), times=Times())
    found = steps(Ground(empty, Network(), NOW))
    assert [step.progress for step in found] == [Progress.NEXT, *[Progress.OPEN] * 5]
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
