# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications about records: one for each domain, touched only by news."""

import re
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest

from ...directory.departures import Missing
from ...dns.report import DnsReport
from ...status import State, Verdict
from ...words.text import Sentence
from .. import announce, notices


@pytest.fixture(name='notification')
def fixture_notification(monkeypatch: pytest.MonkeyPatch) -> Mock:
    notification = Mock()
    monkeypatch.setattr(announce, 'Notification', notification)
    return notification


def sentence(told: dict[str, Any]) -> str:
    """The text of a notification."""
    return ' '.join(str(Sentence.from_json(each)) for each in told['data']['said'])


def report(state: str) -> DnsReport:
    """A report on one record."""
    verdicts = {'mx': Verdict(State(state), 'missing-needed' if state == 'broken' else 'right')}
    return DnsReport('a.test', datetime.now(UTC), verdicts, {}, {'mx': 'needed'})


def test_news_are_told(notification: Mock) -> None:
    notices.show(report('broken'), {})
    arguments = notification.update_or_create.call_args.kwargs
    assert (arguments['id'], arguments['severity']) == ('email-records-a=test', 'error')
    assert arguments['dismissed'] is False
    data = arguments['data']
    assert (data['page'], data['about']) == ('email:dns', 'a.test'), 'it leads elsewhere'


def test_no_news_are_not(notification: Mock) -> None:
    notices.show(report('broken'), {'email-records-a=test': 'mx:missing-needed'})
    notices.show(report('works'), {})
    assert not notification.mock_calls


def test_what_is_repaired_is_taken_back(notification: Mock) -> None:
    notices.show(report('works'), {'email-records-a=test': 'mx:missing-needed'})
    notification.get.return_value.delete.assert_called_once_with()


def test_what_dynamic_dns_knows_need_not_be_asked() -> None:
    def domain(result: bool, *addresses: str | None) -> dict[str, object]:
        return {'result': result, 'ip_addresses': list(addresses)}

    status = {
        'a.test': domain(True, '198.51.100.7', '2600::1'),
        'b.test': domain(True, '198.51.100.7', None),
        'c.test': domain(False, '203.0.113.1'),
        'd.test': domain(True, '192.168.1.2'),
    }
    assert notices.known_addresses({'domains': status}) == ('198.51.100.7', '2600::1')


@pytest.mark.parametrize(
    'status',
    [
        {},
        {'domains': None},
        {'domains': {'a.test': None}},
        {'domains': {'a.test': {}}},
        {'domains': {'a.test': {'result': True}}},
        {'domains': {'a.test': {'result': True, 'ip_addresses': None}}},
        {'domains': {'a.test': {'result': True, 'ip_addresses': '198.51.100.7'}}},
        {'domains': {'a.test': {'result': True, 'ip_addresses': [7, None, 'x']}}},
    ],
)
def test_nothing_is_relied_on_that_another_app_keeps(status: dict[str, Any]) -> None:
    assert notices.known_addresses(status) == ()


def test_the_dismiss_button_of_any_notification_has_an_address() -> None:
    assert re.fullmatch('[A-Za-z0-9-=]+', notices.id_of('xn--bcher-kva.sub.example.org'))


def with_next_keys(**others: Verdict) -> DnsReport:
    """A report on keys that wait for their records."""
    waiting = Verdict(State.LOOK, 'missing-next')
    verdicts = {'dkim-2026-11-rsa': waiting, 'dkim-2026-11-ed25519': waiting, **others}
    return DnsReport('a.test', datetime.now(UTC), verdicts, {}, dict.fromkeys(verdicts, 'advised'))


def test_new_keys_name_their_records(notification: Mock) -> None:
    notices.show(with_next_keys(), {})
    told = notification.update_or_create.call_args.kwargs
    assert told['severity'] == 'warning'
    assert sentence(told).startswith(
        'New signing keys (DKIM) are ready. Create the records '
        '2026-11-ed25519._domainkey, 2026-11-rsa._domainkey at'
    )


def test_what_is_more_pressing_goes_before_new_keys(notification: Mock) -> None:
    notices.show(with_next_keys(spf=Verdict(State.LOOK, 'missing-advised')), {})
    told = notification.update_or_create.call_args.kwargs
    assert sentence(told) == 'The daily check found problems with: DKIM, SPF.'


def test_users_who_are_missing_are_told_of_once(notification: Mock) -> None:
    missing = Missing(4, 'alice, bob, carol, dave', 'a mark')
    notices.show_missing(missing, {})
    told = notification.update_or_create.call_args.kwargs
    assert 'alice, bob' in sentence(told)
    assert re.fullmatch('[A-Za-z0-9-=]+', told['id'])
    notification.reset_mock()
    notices.show_missing(missing, {told['id']: 'a mark'})
    notices.show_missing(None, {told['id']: 'a mark'})
    assert not notification.mock_calls, 'nothing is known before the first look'
    notices.show_missing(Missing(), {told['id']: 'a mark'})
    notification.get.return_value.delete.assert_called_once_with()
