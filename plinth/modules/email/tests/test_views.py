# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages do before a template is rendered."""

from typing import Any
from unittest.mock import MagicMock, Mock

import pytest
from django.http import Http404
from django.test import RequestFactory

from ..errors import MailError
from ..overview import Directory
from ..views import autoconfig, overview, records


@pytest.fixture(name='store')
def fixture_store(monkeypatch: pytest.MonkeyPatch) -> Mock:
    store = MagicMock()
    store.__enter__.return_value = store
    store.settings.return_value = Mock(primary_domain='one.test')
    monkeypatch.setattr(records, 'Store', lambda: store)
    return store


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


def test_records_of_a_domain_that_is_not_ours(store: Mock) -> None:
    store.find.return_value = None
    with pytest.raises(Http404):
        records.RecordsView._records('evil.example')


def test_records_without_a_directory(store: Mock) -> None:
    store.find.side_effect = MailError('directory-down', 'It does not answer.')
    view = records.RecordsView()
    view.setup(RequestFactory().get('/'), domain='one.test')
    assert view.get_context_data(domain='one.test')['problem'] == 'It does not answer.'


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
    return overview.RepairView.as_view()(RequestFactory().post('/', {'repair': repair}))


def test_the_repair_button(told: Mock) -> None:
    assert press('setup').url == '/apps/email/'
    told.start_repair.assert_called_once_with()


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
