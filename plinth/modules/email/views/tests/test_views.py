# SPDX-License-Identifier: AGPL-3.0-or-later
"""The work of the pages before a template is rendered."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from django.test import RequestFactory

from ...directory.domain import Domain
from ...dns.records import Site, wanted
from ...dns.report import DnsReport
from ...errors import MailError
from ...health.finding import Finding
from ...health.observation import Directory, Records
from ...status import State, Verdict
from ...system import box_zone
from .. import mta_sts, overview, records, rows


@pytest.mark.parametrize('code', ['domain-missing', 'domain-invalid'])
def test_records_of_a_domain_that_is_not_ours(monkeypatch: Any, code: str) -> None:
    monkeypatch.setattr(
        'plinth.modules.email.dns.check.site_of', Mock(side_effect=MailError(code, 'None.'))
    )
    with pytest.raises(MailError) as raised:
        records.find('evil.example')
    assert raised.value.code == 'domain-missing', 'the page that says so'


def test_a_record_is_named_as_it_is_typed_even_before_the_first_check() -> None:
    (spf,) = [record for record in wanted(Site('a.test', 'a.test')) if record.role == 'dmarc']
    assert rows.to_row(spf, None, 'a.test').label == '_dmarc'


def test_the_answer_about_records() -> None:
    site = Site('one.test', 'one.test')
    (mx,) = [record for record in wanted(site) if record.role == 'mx']
    missing = rows.RecordRow(mx, State.BROKEN, 'Missing.')
    assert rows.headline([], 'one.test', None)[0] is State.UNKNOWN
    seen = DnsReport('one.test', datetime.now(UTC), {}, {}, {})
    state, answer = rows.headline([missing], 'one.test', seen)
    assert (state, answer) == (State.BROKEN, '1 problem with one.test')


@pytest.mark.parametrize('host', ['one.test', 'mta-sts.evil.example', 'mta-sts.'])
def test_no_policy_under_other_names(monkeypatch: Any, host: str) -> None:
    unknown = MailError('domain-missing', 'None.')
    monkeypatch.setattr('plinth.modules.email.dns.local_facts.find', Mock(side_effect=unknown))
    request = RequestFactory().get('/mta-sts.txt')
    monkeypatch.setattr(request, 'get_host', lambda: host)
    assert mta_sts.PolicyView.as_view()(request).status_code == 404


@pytest.mark.parametrize(
    ('host', 'status'),
    [
        ('mta-sts.one.test', 200),
        ('MTA-STS.One.Test:443', 200),
        ('one.test', 404),
        ('mta-sts-one.test', 404),
        ('www.one.test', 404),
    ],
)
def test_the_policy_has_a_name_of_its_own(monkeypatch: Any, host: str, status: int) -> None:
    find = Mock(return_value=(Domain('one.test'), 'box.test'))
    monkeypatch.setattr('plinth.modules.email.dns.local_facts.find', find)
    request = RequestFactory().get('/mta-sts.txt')
    monkeypatch.setattr(request, 'get_host', lambda: host)
    answer = mta_sts.PolicyView.as_view()(request)
    assert answer.status_code == status
    assert (b'mx: box.test' in answer.content) is (status == 200)
    assert [call.args for call in find.call_args_list] == [('one.test',)] * (status == 200)


@pytest.fixture(name='told')
def fixture_told(monkeypatch: pytest.MonkeyPatch) -> Mock:
    told = Mock()
    monkeypatch.setattr(overview, 'messages', told.messages)
    monkeypatch.setattr(overview, 'messages_error', told.messages_error)
    monkeypatch.setattr(
        'plinth.modules.email.views.overview.signals.start_repair', told.start_repair
    )
    monkeypatch.setattr(
        'plinth.modules.email.views.overview.privileged.queue_retry', told.queue_retry
    )
    monkeypatch.setattr(overview, 'reverse', lambda _name: '/apps/email/')
    return told


def test_a_domain_with_problems_is_listed_first() -> None:
    directory = Directory('a.test', ('a.test', 'b.test', 'c.test', 'd.test'), 1)
    checked = datetime.now(UTC)
    found = (
        Records('a.test', checked),
        Records('b.test', checked, 1, ('SPF',)),
        Records('c.test', checked, 1, ('MX',), keeps_out=True),
        Records('d.test', None),
    )
    shown = overview.shown_domains(directory, found)
    assert [(each.name, each.state) for each in shown] == [
        ('c.test', State.BROKEN),
        ('d.test', State.UNKNOWN),
        ('b.test', State.LOOK),
        ('a.test', State.WORKS),
    ]
    unseen = overview.shown_domains(directory, None)
    assert {each.state for each in unseen} == {State.UNKNOWN}, 'what was not seen never works'


def test_problems_of_single_domains_are_told_from_others() -> None:
    directory = Directory('a.test', ('a.test',), 1)
    problems = [
        Finding(Verdict(State.LOOK, 'records'), 'a.test'),
        Finding(Verdict(State.LOOK, 'queue-old')),
    ]
    assert overview._of_domains(problems, directory) == problems[:1]
    assert overview._of_domains(problems, None) == []


def test_the_time_zone_of_the_box(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    zone = tmp_path / 'localtime'
    zone.symlink_to('/usr/share/zoneinfo/America/Los_Angeles')
    monkeypatch.setattr(box_zone, 'LOCALTIME', str(zone))
    assert str(box_zone.box_zone()) == 'America/Los_Angeles'
    monkeypatch.setattr(box_zone, 'LOCALTIME', '/nowhere')
    assert box_zone.box_zone() is UTC


def test_the_main_domain_is_listed_first_and_private_ones_last() -> None:
    directory = Directory('b.test', ('a.local', 'a.test', 'b.test'), 1)
    shown = overview.shown_domains(directory)
    assert [(domain.name, domain.main, domain.public) for domain in shown] == [
        ('b.test', True, True),
        ('a.test', False, True),
        ('a.local', False, False),
    ]
    assert overview.shown_domains(None) == []


def press(repair: str, back: str = '') -> Any:
    """Press a button of a page."""
    request = RequestFactory().post('/', {'repair': repair, 'back': back})
    request.user = Mock(username='admin')
    return overview.RepairView.as_view()(request)


def test_the_repair_button(told: Mock) -> None:
    assert press('setup').url == '/apps/email/'
    told.start_repair.assert_called_once_with('admin')


def test_a_button_leads_back_to_its_page(told: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, 'reverse', lambda name: f'/{name}')
    assert press('setup', 'health').url == '/email:health'
    assert press('setup', 'https://elsewhere.test/').url == '/email:index'
    assert told.start_repair.call_count == 2


def test_the_button_that_lets_the_app_decide_again(told: Mock, monkeypatch: Any) -> None:
    release = Mock()
    monkeypatch.setattr('plinth.modules.email.views.overview.signals.start_release', release)
    assert press('release').url == '/apps/email/'
    release.assert_called_once_with('admin')
    assert not told.start_repair.called


def test_the_queue_button(told: Mock) -> None:
    press('queue')
    assert told.messages.success.called
    assert not told.start_repair.called


def test_a_queue_that_cannot_be_tried(told: Mock) -> None:
    told.queue_retry.side_effect = OSError
    assert press('queue').url == '/apps/email/'
    assert told.messages_error.called


def test_looking_is_not_pressing() -> None:
    assert overview.RepairView.as_view()(RequestFactory().get('/')).status_code == 405
