# SPDX-License-Identifier: AGPL-3.0-or-later
"""The effect of a test from outside on the overview and the set-up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from plinth.modules.email.status import State

from ...activity.last_times import Times
from ...dns.checks import CHECKS
from ...dns.reached import TESTED
from ...dns.report import DnsReport
from ...status import Verdict as Found
from .. import observe, outside
from ..condition import judge
from ..first_steps import Ground, Network, SetupStep, steps
from ..observation import Observation, Records
from .test_condition import DOMAIN, GOOD, NOW

WHERE = {'address': '192.0.2.7', 'host': DOMAIN, 'open': '2001:db8::7'}


def found(code: str) -> Records:
    """The check of a domain in which another box found this."""
    return Records(DOMAIN, NOW, reach=Found(State.UNKNOWN, code, WHERE))


def seen(code: str, times: Times | None = None) -> Observation:
    """A good box of which another says this; no message has come since."""
    return replace(GOOD, records=(found(code),), times=times or Times())


def ports(seen: Observation) -> SetupStep:
    """The step about ports."""
    return next(each for each in steps(Ground(seen, Network(), NOW)) if each.code == 'ports')


@pytest.mark.parametrize(
    ('code', 'state', 'advice'),
    [
        ('reach-shut', State.BROKEN, 'On your router, forward port 25'),
        ('reach-other', State.BROKEN, 'On your router, forward port 25'),
        ('reach-partly', State.LOOK, '2001:db8::7'),
        ('reach-silent', State.LOOK, 'no mail server answered'),
    ],
)
def test_a_shut_way_in_is_a_problem(code: str, state: State, advice: str) -> None:
    verdict = judge(seen(code), NOW)
    (finding,) = verdict.findings
    assert (finding.code, finding.state) == ('port-25-in', state)
    assert advice in str(finding.advice)
    assert '{' not in f'{finding.title}{finding.advice}{verdict.headline}'
    assert not ports(seen(code)).is_done


def test_an_open_one_is_seen_but_shows_no_message() -> None:
    (finding,) = judge(seen('reach-open'), NOW).findings
    assert finding.code == 'unreached'
    assert 'No message' in str(finding.title)
    step = ports(seen('reach-open'))
    assert step.is_done
    assert 'another FreedomBox tested it' in str(step.seen)


def test_a_message_that_came_later_says_more() -> None:
    later = Times(received=NOW + timedelta(hours=1))
    assert not judge(seen('reach-shut', later), NOW).findings
    assert ports(seen('reach-shut', later)).is_done
    earlier = Times(received=NOW - timedelta(hours=1))
    assert judge(seen('reach-shut', earlier), NOW).findings


@pytest.mark.parametrize('code', [*sorted(TESTED), 'reach-untested', 'reach-blind'])
def test_only_what_was_seen_counts(code: str) -> None:
    verdict = Found(State.BROKEN if code == 'reach-shut' else State.UNKNOWN, code, WHERE)
    weights = {check.role: check.severity.value for check in CHECKS}
    report = DnsReport(DOMAIN, NOW, {'reach': verdict}, {}, weights)
    records = observe.to_records(DOMAIN, report)
    assert records.reach == (verdict if code in TESTED else None)
    assert records.count == 0, 'it has a finding of its own'
    assert not records.keeps_out


def test_each_verdict_that_is_no_success_has_a_title() -> None:
    assert set(outside.SHUT) | {outside.OPEN} == TESTED
