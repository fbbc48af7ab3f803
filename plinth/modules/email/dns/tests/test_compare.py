# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wanted records against the published ones.

Most cases are tested against a real name server, in tests/integration/test_dns_records.py.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...status import State, Verdict
from ...system.certificates import Certificate
from ...words.dns import SENTENCES, sentence
from ..answer import Answer, DnsView, Fetched, Question, Seen, Status
from ..checks import CHECKS, covers, judge
from ..compare import compare, is_private, shown
from ..records import Key, Site, wanted
from ..report import DnsReport, changes, make, overall, remembered, stops_mail, todo

SITE = Site('a.test', 'a.test', ('192.0.2.1',), (Key('dkim', 'QUJD'),), ('ab' * 32,))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RECORDS = {record.role: record for record in wanted(SITE)}


def answers(*values: str, ttl: int = 600) -> Answer:
    """An answer with these values."""
    return Answer(Status.FOUND if values else Status.EMPTY, values, ttl=ttl)


def verdict(role: str, *own: Answer, resolver: Answer | None = None, **seen: Any) -> Verdict:
    """The verdict on a record from what servers said."""
    record = RECORDS[role]
    last = own[0] if own and resolver is None else resolver or Answer(Status.SILENT)
    views = {Question(record.name, record.kind): DnsView(own, last)}
    return compare(record, SITE, Seen(views=views, **seen))


def test_servers_that_differ() -> None:
    right = answers(RECORDS['dmarc'].value)
    assert verdict('dmarc', right, answers()).code == 'servers-differ'
    assert verdict('dmarc', right, Answer(Status.SILENT)).code == 'right'


def test_an_old_answer_elsewhere_is_only_a_matter_of_time() -> None:
    found = verdict('dmarc', answers(RECORDS['dmarc'].value), resolver=answers(ttl=1800))
    assert (found.code, found.params) == ('spreading', {'minutes': '30'})


def test_without_own_servers_the_resolver_counts() -> None:
    assert verdict('dmarc', resolver=answers(RECORDS['dmarc'].value)).code == 'right'


@pytest.mark.parametrize(
    ('status', 'code'),
    [
        (Status.SILENT, 'server-silent'),
        (Status.FAILED, 'server-silent'),
        (Status.REFUSED, 'server-silent'),
        (Status.GARBAGE, 'server-garbage'),
        (Status.BOGUS, 'dnssec-broken'),
        (Status.LOOP, 'loop'),
        (Status.NONE, 'missing-advised'),
    ],
)
def test_answers_that_are_none(status: Status, code: str) -> None:
    assert verdict('dmarc', resolver=Answer(status)).code == code


@pytest.mark.parametrize(
    ('results', 'code'),
    [
        ({'192.0.2.1': 'pass'}, 'spf-other'),
        ({'192.0.2.1': 'pass', '2001:db8::1': 'fail'}, 'spf-refuses'),
        ({'192.0.2.1': 'softfail'}, 'spf-doubts'),
        ({'192.0.2.1': 'permerror'}, 'spf-garbage'),
        ({'192.0.2.1': 'limit'}, 'spf-limit'),
        ({'192.0.2.1': 'unknown', '2001:db8::1': 'pass'}, 'spf-unknown'),
        ({'192.0.2.1': 'temperror'}, 'spf-unknown'),
        ({}, 'spf-unknown'),
    ],
)
def test_who_may_send(results: dict[str, str], code: str) -> None:
    assert verdict('spf', answers('v=spf1 include:b.test -all', 'x'), spf=results).code == code


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=8))
@pytest.mark.parametrize('role', ['spf', 'dkim-dkim', 'dmarc', 'mta-sts', 'tls-rpt'])
def test_whatever_stands_in_a_text_there_is_a_verdict(role: str, values: list[str]) -> None:
    found = verdict(role, answers(*values))
    assert sentence(found)
    assert len(found.found) <= 7


@given(st.text(max_size=40), st.text(max_size=40))
def test_tag_lists_never_break(before: str, after: str) -> None:
    assert verdict('dmarc', answers(f'v=DMARC1;{before}; p=none; {after}')).code


def test_what_is_shown_is_never_long() -> None:
    assert shown(['x' * 900])[0] == 'x' * 500 + '…'
    assert shown([str(number) for number in range(100)])[-1] == '+94'


@pytest.mark.parametrize(
    ('address', 'private'),
    [('10.1.2.3', True), ('100.64.0.1', True), ('fd00::1', True), ('::1', True), ('x', True),
     ('8.8.8.8', False), ('2600::1', False), ('198.51.100.1', False)],
)  # fmt: skip
def test_addresses_no_one_outside_can_reach(address: str, private: bool) -> None:
    assert is_private(address) is private


PARAMETERS = (
    'count', 'host', 'address', 'minutes', 'issuer', 'zone', 'lists', 'date', 'name', 'seconds',
    'port', 'open', 'ports', 'rule',
)  # fmt: skip
SHOWN = Certificate('', True, NOW + timedelta(days=60), ('*.b.test', 'a.test'))


@pytest.mark.parametrize(
    ('shown_', 'code'),
    [
        (None, 'certificate-missing'),
        (SHOWN, 'right'),
        (Certificate('', False, SHOWN.expires, ('a.test',)), 'certificate-own'),
        (Certificate('', True, SHOWN.expires, ('c.test',)), 'certificate-other'),
        (Certificate('', True, NOW, ('a.test',)), 'certificate-expired'),
        (Certificate('', True, NOW + timedelta(days=3), ('a.test',)), 'certificate-ends'),
    ],
)
def test_certificates(shown_: Certificate | None, code: str) -> None:
    (check,) = [each for each in CHECKS if each.role == 'certificate']
    assert judge(check, SITE, Seen(), shown_, NOW).code == code


def test_stars_in_certificates() -> None:
    assert covers('*.b.test', 'mail.b.test')
    assert not covers('*.b.test', 'b.test')
    assert not covers('*.b.test', 'x.mail.b.test')


@pytest.mark.parametrize(
    ('fetched', 'code'),
    [
        (None, 'policy-unreachable'),
        (Fetched(SITE.policy), 'right'),
        (Fetched(SITE.policy.replace('\r\n', '\n')), 'right'),
        (Fetched('version: STSv1'), 'policy-other'),
        (Fetched(problem='policy-untrusted'), 'policy-untrusted'),
    ],
)
def test_the_policy_file(fetched: Fetched | None, code: str) -> None:
    (check,) = [each for each in CHECKS if each.role == 'policy']
    views = {Question('mta-sts.a.test', 'A'): DnsView(resolver=answers('192.0.2.1'))}
    assert judge(check, SITE, Seen(views=views, policy=fetched), None, NOW).code == code


@pytest.mark.parametrize(
    ('validates', 'code'),
    [(None, 'validation-unknown'), (False, 'validation-off'), (True, 'validation-on')],
)
def test_signatures_of_others(validates: bool | None, code: str) -> None:
    (check,) = [each for each in CHECKS if each.role == 'validation']
    assert judge(check, SITE, Seen(validates=validates), None, NOW).code == code


def test_nothing_seen_is_nothing_known() -> None:
    report = make(SITE, Seen(), None, NOW)
    assert set(report.verdicts) == {*RECORDS, *(check.role for check in CHECKS)}
    assert report.verdicts['domain'].code == 'resolver-silent'
    assert {report.verdicts[role].state for role in RECORDS} == {'unknown'}
    assert all(sentence(each) for each in report.verdicts.values())


def test_a_report_comes_back_from_json() -> None:
    report = make(SITE, Seen(), SHOWN, NOW)
    assert DnsReport.from_json(report.to_json()) == report


@pytest.mark.parametrize(
    'data', [{}, {'format': 0}, {**make(SITE, Seen(), None, NOW).to_json(), 'verdicts': [1]}]
)
def test_what_is_no_report(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match='report'):
        DnsReport.from_json(data)


def report(**states: str) -> DnsReport:
    """A report with these states."""
    verdicts = {
        role.replace('_', '-'): Verdict(State(state), 'right') for role, state in states.items()
    }
    weights = {'mx': 'needed', 'caa': 'optional'}
    return DnsReport('a.test', NOW, verdicts, {}, weights)


def test_only_changes_are_told_and_once() -> None:
    first = report(mx='broken', spf='works')
    assert [change.role for change in changes(None, first)] == ['mx']
    kept = remembered(None, first)
    assert changes(kept, first) == ()
    dead = report(mx='unknown', spf='unknown')
    assert changes(kept, dead) == (), 'not knowing is no news'
    kept = remembered(kept, dead)
    assert changes(kept, first) == (), 'and knowing again is none either'
    better = report(mx='works', spf='works')
    assert [(change.role, change.before) for change in changes(kept, better)] == [('mx', 'broken')]


def test_the_worst_of_what_matters_counts() -> None:
    assert overall(report(mx='works', caa='look')) == 'works'
    assert overall(report(mx='works', caa='broken')) == 'broken'
    assert overall(report(mx='works', spf='look', dmarc='unknown')) == 'look'
    assert todo(report(mx='broken', spf='look', caa='look', dmarc='unknown')) == ('mx', 'spf')
    assert stops_mail(report(mx='broken'))
    assert not stops_mail(report(mx='works', spf='broken'))


def test_every_sentence_can_be_said() -> None:
    for code, text in SENTENCES.items():
        words = {**dict.fromkeys(PARAMETERS, 'x'), 'date': '2026-11-03'}
        assert '{' not in sentence(Verdict(State.LOOK, code, words)), text


@pytest.mark.parametrize(
    ('stage', 'value', 'expected'),
    [
        ('next', '', ('look', 'missing-next')),
        ('old', '', ('look', 'missing-old')),
        ('live', '', ('look', 'missing-advised')),
        ('next', 'v=DKIM1; k=rsa; p=QUJE', ('look', 'key-not-ready')),
        ('old', 'v=DKIM1; k=rsa; p=', ('look', 'key-not-ready')),
        ('live', 'v=DKIM1; k=rsa; p=QUJE', ('broken', 'dkim-other')),
        ('next', 'v=DKIM1; k=rsa; p=QUJD', ('works', 'right')),
    ],
)
def test_only_keys_in_use_can_be_broken(stage: str, value: str, expected: tuple[str, str]) -> None:
    site = Site('a.test', 'a.test', keys=(Key('k', 'QUJD', stage=stage),))
    answer = Answer(Status.FOUND, (value,)) if value else Answer(Status.NONE)
    seen = Seen(views={Question('k._domainkey.a.test', 'TXT'): DnsView((answer,), answer)})
    record = next(each for each in wanted(site) if each.role == 'dkim-k')
    verdict = compare(record, site, seen)
    assert (verdict.state, verdict.code) == expected


@pytest.mark.parametrize('value', ['', 'v=DKIM1; k=rsa; p=QUJE'])
def test_a_verdict_does_not_outlive_what_a_key_is_for(value: str) -> None:
    answer = Answer(Status.FOUND, (value,)) if value else Answer(Status.NONE)
    place = Question('k._domainkey.a.test', 'TXT')
    coming = Site('a.test', 'a.test', keys=(Key('k', 'QUJD', stage='next'),))
    report = make(coming, Seen(views={place: DnsView((answer,), answer)}), None)
    now = Site('a.test', 'a.test', keys=(Key('k', 'QUJD'),))
    before, after = (next(r for r in wanted(s) if r.role == 'dkim-k') for s in (coming, now))
    assert report.verdict(before)
    assert report.verdict(after) is None


NS = ('ns.a.test',)
UP, DOWN = answers('10 a.test.'), Answer(Status.SILENT)


@pytest.mark.parametrize(
    ('own', 'servers', 'lost', 'expected'),
    [
        ((UP,), NS, (), ('works', 'domain-answers')),
        ((UP,), NS, ('gone.a.test',), ('look', 'servers-absent')),
        ((UP, DOWN), (*NS, 'ns2.a.test'), (), ('look', 'server-down')),
        ((DOWN,), NS, ('gone.a.test',), ('broken', 'servers-silent')),
        ((), (), ('gone.a.test',), ('broken', 'servers-absent')),
    ],
)
def test_name_servers(
    own: tuple[Answer, ...],
    servers: tuple[str, ...],
    lost: tuple[str, ...],
    expected: tuple[str, str],
) -> None:
    (check,) = [each for each in CHECKS if each.role == 'domain']
    views = {Question('a.test', 'MX'): DnsView(own, UP)}
    found = judge(check, SITE, Seen('a.test', servers, lost, True, views), None, NOW)
    assert (found.state, found.code) == expected
    assert ('gone.a.test' in sentence(found)) == (found.code == 'servers-absent')
