# SPDX-License-Identifier: AGPL-3.0-or-later
"""Records and checks that depend on the ways mail leaves by."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ...status import State
from .. import checks, spf_verdict
from ..answer import Seen
from ..records import Site, wanted

RELAY = 'include:spf.relay.test'
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def site(direct: bool, *rules: str) -> Site:
    """A domain whose mail leaves so."""
    return Site('a.test', 'a.test', ('192.0.2.1',), sender_rules=rules, sends_directly=direct)


@pytest.mark.parametrize(
    ('direct', 'rules', 'text'),
    [
        (True, (), 'v=spf1 mx ~all'),
        (True, (RELAY,), f'v=spf1 mx {RELAY} ~all'),
        (False, (RELAY, 'a:b.test'), f'v=spf1 {RELAY} a:b.test ~all'),
    ],
)
def test_the_rules_fit_the_ways(direct: bool, rules: tuple[str, ...], text: str) -> None:
    records = wanted(site(direct, *rules))
    assert [each.value for each in records if each.role == 'spf'] == [text]


@pytest.mark.parametrize(
    ('direct', 'rules', 'result', 'code'),
    [
        (True, f'v=spf1 a {RELAY} -all', 'pass', 'spf-other'),
        (True, f'v=spf1 a {RELAY.upper()} -all', 'pass', 'spf-other'),
        (True, 'v=spf1 a -all', 'pass', 'spf-relay'),
        (True, f'v=spf1 a ?{RELAY} -all', 'pass', 'spf-relay-unknown'),
        (True, 'v=spf1 a include:other.test -all', 'pass', 'spf-relay-unknown'),
        (True, 'v=spf1 redirect=other.test', 'pass', 'spf-relay-unknown'),
        (True, f'v=spf1 {RELAY} -all', 'fail', 'spf-refuses'),
        (False, f'v=spf1 {RELAY} -all', 'fail', 'spf-relays'),
        (False, f'v=spf1 {RELAY} -all', 'permerror', 'spf-garbage'),
        (False, 'v=spf1 mx -all', 'pass', 'spf-relay'),
    ],
)
def test_other_rules_are_judged_by_the_ways(
    direct: bool, rules: str, result: str, code: str
) -> None:
    seen = Seen(spf={'192.0.2.1': result})
    assert spf_verdict.judge(rules, site(direct, RELAY), seen).code == code


@pytest.mark.parametrize(
    ('direct', 'by', 'state', 'code'),
    [
        (True, {}, State.UNKNOWN, 'port-25-unknown'),
        (True, {'ipv4': True}, State.WORKS, 'port-25-open'),
        (True, {'ipv6': True}, State.WORKS, 'port-25-open'),
        (True, {'ipv4': True, 'ipv6': False}, State.WORKS, 'port-25-open'),
        (True, {'ipv4': False, 'ipv6': True}, State.LOOK, 'port-25-partly'),
        (True, {'ipv4': False, 'ipv6': False}, State.BROKEN, 'port-25-shut'),
        (False, {'ipv4': False}, State.WORKS, 'port-25-unneeded'),
    ],
)
def test_a_shut_port_matters_to_mail_that_uses_it(
    direct: bool, by: dict[str, bool], state: State, code: str
) -> None:
    seen = Seen(port_25=any(by.values()) if by else None, port_25_by=by)
    check: Any = next(each for each in checks.CHECKS if each.role == 'port-25')
    verdict = checks.judge(check, site(direct), seen, None, NOW)
    assert (verdict.state, verdict.code) == (state, code)


@pytest.mark.parametrize(
    ('by', 'code'),
    [
        ({}, 'port-25-unknown'),
        ({'ipv4': True}, 'port-25-open'),
        ({'ipv4': False, 'ipv6': True}, 'port-25-spared'),
        ({'ipv4': False}, 'port-25-spared'),
    ],
)
def test_a_relay_that_stands_in_spares_a_shut_port(by: dict[str, bool], code: str) -> None:
    seen = Seen(port_25=any(by.values()) if by else None, port_25_by=by)
    check: Any = next(each for each in checks.CHECKS if each.role == 'port-25')
    verdict = checks.judge(check, replace(site(True, RELAY), needs_direct=False), seen, None, NOW)
    assert verdict.code == code
    assert verdict.state is (State.WORKS if by else State.UNKNOWN)
