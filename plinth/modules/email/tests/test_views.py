# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages do before a template is rendered."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from django.test import RequestFactory

from ..dns.records import Site, wanted
from ..dns.report import Report
from ..errors import MailError
from ..health.observation import Directory
from ..status import State
from ..views import autoconfig, mta_sts, overview, records, rows


@pytest.mark.parametrize(
    ('query', 'host'),
    [
        ('', 'box.lan'),
        ('?emailaddress=alice@TWO.test', 'two.test'),
        ('?emailaddress=alice@evil.example', 'box.lan'),
        ('?emailaddress=<script>', 'box.lan'),
    ],
)
def test_mail_programs_are_sent_to_a_name_of_ours(query: str, host: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        'plinth.modules.email.views.autoconfig.DomainName.list_names',
        lambda: ['one.test', 'two.test'],
    )
    request = RequestFactory().get('/config.xml' + query, headers={'host': 'box.lan:4430'})
    monkeypatch.setattr(request, 'get_host', lambda: 'box.lan:4430')
    assert autoconfig.mail_host(request) == host


@pytest.mark.parametrize('code', ['domain-missing', 'domain-invalid'])
def test_records_of_a_domain_that_is_not_ours(monkeypatch: Any, code: str) -> None:
    monkeypatch.setattr(
        'plinth.modules.email.dns.check.site_of', Mock(side_effect=MailError(code, 'None.'))
    )
    with pytest.raises(MailError) as raised:
        records.find('evil.example')
    assert raised.value.code == 'domain-missing', 'the page that says so'


def test_a_record_nobody_has_looked_at_has_its_full_name() -> None:
    (spf,) = [record for record in wanted(Site('a.test', 'a.test')) if record.role == 'dmarc']
    assert rows.to_row(spf, None).label == '_dmarc.a.test'


def test_the_answer_about_records() -> None:
    site = Site('one.test', 'one.test')
    (mx,) = [record for record in wanted(site) if record.role == 'mx']
    missing = rows.Row(mx, State.BROKEN, 'Missing.')
    assert rows.headline([], 'one.test', None)[0] is State.UNKNOWN
    seen = Report('one.test', datetime.now(UTC), {}, {}, {})
    state, answer = rows.headline([missing], 'one.test', seen)
    assert (state, answer) == (State.BROKEN, '1 problem with one.test')


@pytest.mark.parametrize('host', ['one.test', 'mta-sts.evil.example', 'mta-sts.'])
def test_no_policy_under_other_names(monkeypatch: Any, host: str) -> None:
    unknown = MailError('domain-missing', 'None.')
    monkeypatch.setattr('plinth.modules.email.dns.here.find', Mock(side_effect=unknown))
    request = RequestFactory().get('/mta-sts.txt')
    monkeypatch.setattr(request, 'get_host', lambda: host)
    assert mta_sts.PolicyView.as_view()(request).status_code == 404


@pytest.fixture(name='told')
def fixture_told(monkeypatch: pytest.MonkeyPatch) -> Mock:
    told = Mock()
    monkeypatch.setattr(overview, 'messages', told.messages)
    monkeypatch.setattr(overview, 'messages_error', told.messages_error)
    monkeypatch.setattr(
        'plinth.modules.email.views.overview.follow.start_repair', told.start_repair
    )
    monkeypatch.setattr(
        'plinth.modules.email.views.overview.privileged.queue_retry', told.queue_retry
    )
    monkeypatch.setattr(overview, 'reverse', lambda _name: '/apps/email/')
    return told


def test_the_main_domain_is_listed_first_and_private_ones_last() -> None:
    directory = Directory('b.test', ('a.local', 'a.test', 'b.test'), 1)
    shown = overview.shown_domains(directory)
    assert [(domain.name, domain.main, domain.public) for domain in shown] == [
        ('b.test', True, True),
        ('a.test', False, True),
        ('a.local', False, False),
    ]
    assert overview.shown_domains(None) == []


def press(repair: str) -> Any:
    """Press a button of the overview."""
    request = RequestFactory().post('/', {'repair': repair})
    request.user = Mock(username='admin')
    return overview.RepairView.as_view()(request)


def test_the_repair_button(told: Mock) -> None:
    assert press('setup').url == '/apps/email/'
    told.start_repair.assert_called_once_with('admin')


def test_the_button_that_lets_the_app_decide_again(told: Mock, monkeypatch: Any) -> None:
    release = Mock()
    monkeypatch.setattr('plinth.modules.email.views.overview.follow.start_release', release)
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
