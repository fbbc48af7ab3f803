# SPDX-License-Identifier: AGPL-3.0-or-later
"""Problems of mail apps in the last check of a domain."""

from datetime import UTC, datetime

import pytest

from ...dns.report import DnsReport
from ...status import State, Verdict
from .. import client_setup
from ..observation import Records

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = {'name': 'autoconfig.a.org', 'host': 'imap.hoster.example'}
OK = Verdict(State.WORKS, 'setup-right', {**NAMES, 'outside': 'yes'})


def setup(code: str, outside: str = 'no') -> Verdict:
    """A verdict on automatic setup that is no good."""
    return Verdict(State.LOOK, code, {**NAMES, 'outside': outside})


def problem(trusted: bool = True, **verdicts: Verdict) -> str:
    """The code of the problem in a report, '' for none; it can be told."""
    report = DnsReport('a.org', NOW, verdicts, {}, {})
    found = client_setup.worst(report, trusted=trusted)
    if found is None:
        return ''
    (said,) = client_setup.findings([Records('a.org', NOW, apps=found)])
    assert (said.code, said.state, said.seen) == ('apps-a.org', State.LOOK, NOW)
    for text in (said.title, said.advice, *(remedy.label for remedy in said.remedies)):
        assert str(text)
        assert '{' not in str(text)
    return found.code


@pytest.mark.parametrize('code', ['setup-other', 'setup-shut', 'setup-untrusted', 'setup-warns'])
def test_settings_that_lead_astray_are_a_problem(code: str) -> None:
    assert problem(thunderbird=OK, outlook=setup(code)) == code
    assert problem(thunderbird=setup(code), outlook=OK) == code


@pytest.mark.parametrize('code', ['setup-missing', 'setup-bare', 'setup-no-json'])
def test_what_is_missing_may_be_the_fault_of_another_web_server(code: str) -> None:
    assert problem(thunderbird=setup(code), outlook=OK) == ''
    assert problem(thunderbird=setup(code, 'yes'), outlook=OK) == code


def test_no_settings_are_no_problem() -> None:
    nothing = Verdict(State.LOOK, 'setup-none')
    unknown = Verdict(State.UNKNOWN, 'setup-unknown')
    assert problem(thunderbird=nothing, outlook=unknown) == ''
    assert problem() == ''


def test_a_certificate_of_our_own_is_a_problem_once() -> None:
    assert problem(trusted=False, thunderbird=OK, outlook=setup('setup-untrusted')) == ''
    assert problem(trusted=False, outlook=setup('setup-other')) == 'setup-other'


def test_shut_ports_come_first() -> None:
    shut = Verdict(State.LOOK, 'ports-shut', {'address': '203.0.113.7', 'ports': '465, 993'})
    assert problem(ports=shut, thunderbird=setup('setup-shut', 'yes')) == 'ports-shut'
    opened = Verdict(State.WORKS, 'ports-open', {'address': '203.0.113.7'})
    assert problem(ports=opened, thunderbird=OK, outlook=OK) == ''
