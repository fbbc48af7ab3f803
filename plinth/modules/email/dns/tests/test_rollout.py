# SPDX-License-Identifier: AGPL-3.0-or-later
"""Steps that are taken only after all was right for long enough."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ...status import State, Verdict
from ..records import Site
from ..report import DnsReport, remembered
from ..rollout import KNOWN, LAST, QUIET, may_enforce, must_wait

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SITE = Site('a.test', 'a.test')
POLICY = ('mx', 'mta-sts', 'mta-sts-host', 'policy', 'certificate')
OLD, NEW = 'ab' * 32, 'cd' * 32
END = NOW + timedelta(days=30)


def report(since: datetime, **codes: str) -> DnsReport:
    """The verdicts told, all of them the same since a moment."""
    roles = {role.replace('_', '-'): code for role, code in codes.items()}
    verdicts = {
        role: Verdict(State.WORKS if code == 'right' else State.LOOK, code)
        for role, code in roles.items()
    }
    return DnsReport('a.test', NOW, verdicts, {}, {}, since=dict.fromkeys(verdicts, since))


def quiet(days: int) -> DnsReport:
    """A report with all right that others need to deliver encrypted."""
    return report(NOW - timedelta(days=days), **dict.fromkeys(POLICY, 'right'))


def test_insisting_is_proposed_after_two_quiet_weeks() -> None:
    assert may_enforce(SITE, quiet(QUIET.days), NOW, some_failed=False)
    assert not may_enforce(SITE, quiet(QUIET.days - 1), NOW, some_failed=False)
    assert not may_enforce(SITE, None, NOW, some_failed=False)
    assert not may_enforce(SITE, quiet(QUIET.days), NOW, some_failed=True), 'others could not'


@pytest.mark.parametrize('mode', ['enforce', 'none'])
def test_insisting_is_proposed_only_while_others_report(mode: str) -> None:
    assert not may_enforce(replace(SITE, mta_sts_mode=mode), quiet(99), NOW, some_failed=False)


@pytest.mark.parametrize('role', POLICY)
def test_insisting_needs_all_of_it(role: str) -> None:
    told = quiet(99)
    wrong = {**told.verdicts, role: Verdict(State.LOOK, 'mx-more')}
    assert not may_enforce(SITE, replace(told, verdicts=wrong), NOW, some_failed=False)
    missing = {key: each for key, each in told.verdicts.items() if key != role}
    assert not may_enforce(SITE, replace(told, verdicts=missing), NOW, some_failed=False)


def test_a_day_without_an_answer_does_not_begin_the_time_again() -> None:
    first = remembered(None, replace(report(NOW, mx='right'), when=NOW))
    later = NOW + timedelta(days=3)
    dead = replace(report(later, mx='x'), verdicts={'mx': Verdict(State.UNKNOWN, 'server-silent')})
    second = remembered(first, replace(dead, when=later))
    third = remembered(second, replace(report(later, mx='right'), when=later))
    assert third.since['mx'] == NOW
    worse = remembered(third, replace(report(later, mx='mx-elsewhere'), when=later))
    assert worse.since['mx'] == later


def test_the_time_begins_again_with_another_value() -> None:
    first = remembered(None, replace(report(NOW, mx='right'), values={'mx': '10 a.'}))
    later = NOW + timedelta(days=3)
    second = replace(report(later, mx='right'), values={'mx': '10 b.'}, when=later)
    assert remembered(first, second).since['mx'] == later


def dane(
    known_for: timedelta = KNOWN, dnssec: str = 'dnssec-signed', new: str = 'right'
) -> DnsReport:
    """A report on a zone that names the old key, and the new one for so long."""
    told = report(NOW - known_for, dnssec=dnssec, tlsa_0='right', tlsa_1=new)
    return replace(told, values={'tlsa-0': f'3 1 1 {OLD}', 'tlsa-1': f'3 1 1 {NEW}'})


@pytest.mark.parametrize(
    ('told', 'following', 'waits'),
    [
        (dane(new='tlsa-next'), NEW, True),
        (dane(KNOWN / 2), NEW, True),
        (dane(KNOWN), NEW, False),
        (dane(new='tlsa-next'), OLD, False),
        (dane(new='tlsa-next'), '', False),
        (dane(new='tlsa-next', dnssec='dnssec-unsigned'), NEW, False),
        (dane(new='tlsa-next'), 'ef' * 32, True),
        (report(NOW, dnssec='dnssec-signed'), NEW, False),
        (None, NEW, False),
    ],
    ids=[
        'not published', 'published today', 'known to all', 'the same key', 'no certificate',
        'nobody checks keys', 'yet another key', 'no key was ever published', 'never looked',
    ],
)  # fmt: skip
def test_a_new_certificate_waits(told: DnsReport | None, following: str, waits: bool) -> None:
    assert must_wait(told, OLD, following, END, NOW) is waits


def test_nothing_waits_until_a_certificate_runs_out() -> None:
    assert not must_wait(dane(new='tlsa-next'), OLD, NEW, NOW + LAST, NOW)
