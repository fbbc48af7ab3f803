# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public page by which another box has its port 25 tested."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from ...dns import local_facts, other_box, reach, setups_outside
from ...dns.answer import Reached
from ...dns.memory import Memory
from ...dns.other_box import OtherBox
from ...dns.report import DnsReport
from ...errors import MailError
from ...status import State, Verdict
from .. import reach as page
from ..throttle import Throttle

OUT = '203.0.113.9'


@pytest.fixture(name='answer')
def fixture_answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    """The function that looks at the address of a box that asks; asking is allowed."""
    answer = Mock(side_effect=lambda address, _own, _can_see: Reached(address, 'timeout'))
    monkeypatch.setattr(reach, 'answer', answer)
    monkeypatch.setattr(local_facts, 'own_addresses', Mock(return_value=()))
    monkeypatch.setattr(other_box, 'load', lambda: OtherBox(answers=True))
    monkeypatch.setattr(page, 'throttle', Throttle(most=page.MOST, most_at_account=page.MOST))
    return answer


def ask(client: str = OUT, kind: str = 'application/json', body: Any = '{}') -> HttpResponse:
    """Ask as Apache passes it on."""
    headers = {'x-forwarded-for': client}
    request = RequestFactory().post('/?address=192.0.2.1', body, kind, headers=headers)
    found: HttpResponse = page.ReachView.as_view()(request)
    return found


def test_only_the_address_that_asks_is_looked_at(answer: Mock) -> None:
    said = ask(f'192.0.2.1, {OUT}', body='{"address": "192.0.2.1"}')
    assert said.status_code == 200
    assert json.loads(said.content) == {
        'reached': False, 'address': OUT, 'greeting': '', 'why': 'timeout', 'ports': [],
    }  # fmt: skip
    assert [call.args[0] for call in answer.call_args_list] == [OUT]


@pytest.mark.parametrize(
    ('client', 'address'),
    [('::ffff:203.0.113.9', OUT), ('fe80::1%eth0', 'fe80::1'), ('nonsense', ''),
     ('2001:DB8::1', '2001:db8::1')],
)  # fmt: skip
def test_an_address_is_taken_in_its_normal_form(answer: Mock, client: str, address: str) -> None:
    ask(client)
    assert answer.call_args.args[0] == address


def test_it_is_off_until_it_is_allowed(answer: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_box, 'load', OtherBox)
    assert ask().status_code == 404
    assert not answer.called


@pytest.mark.parametrize('kind', ['text/plain', 'application/x-www-form-urlencoded'])
def test_no_other_site_can_have_a_browser_ask(answer: Mock, kind: str) -> None:
    assert ask(kind=kind, body=b'{}').status_code == 404
    assert page.ReachView.as_view()(RequestFactory().get('/')).status_code == 405
    assert not answer.called


def test_each_household_has_few_tries(answer: Mock) -> None:
    assert [ask(f'2001:db8::{n}').status_code for n in range(page.MOST)] == [200] * page.MOST
    said = ask('2001:db8::99')
    assert said.status_code == 429
    assert 0 < int(said['Retry-After']) <= 600
    others = [ask(f'198.51.100.{n % 2}').status_code for n in range(6)]
    assert others.count(200) == 2, 'one each, as there were many in all'
    assert answer.call_count == page.MOST + 2


def test_few_at_the_same_time(answer: Mock) -> None:
    codes: list[int] = []

    def look(address: str, _own: object, _can_see: object) -> Reached:
        if len(codes) == 0:
            codes.append(ask('198.51.100.7').status_code)
        return Reached(address, 'timeout')

    answer.side_effect = look
    taken = [page._turns.acquire(blocking=False) for _turn in range(page.AT_ONCE - 1)]
    assert ask().status_code == 200
    assert codes == [429]
    for _turn in taken:
        page._turns.release()
    answer.side_effect = RuntimeError('broken')
    for _time in range(page.AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            ask()


SETUP = b'{"domain": "One.Test", "host": "mx.test"}'


@pytest.fixture(name='setups')
def fixture_setups(
    answer: Mock,  # noqa: ARG001 - it allows asking
    monkeypatch: pytest.MonkeyPatch,
) -> Mock:
    """The function that asks for settings at the address of a box that asks."""
    told = Mock(side_effect=lambda address, *_rest: setups_outside.ToldSetups(address))
    monkeypatch.setattr(setups_outside, 'answer', told)
    return told


def ask_setups(body: bytes = SETUP, kind: str = 'application/json') -> HttpResponse:
    """Ask about the settings of a domain."""
    request = RequestFactory().post('/', body, kind, headers={'x-forwarded-for': OUT})
    found: HttpResponse = page.ReachSetupView.as_view()(request)
    return found


def test_a_request_about_settings_names_a_domain_and_no_address(setups: Mock) -> None:
    said = ask_setups()
    assert (said.status_code, json.loads(said.content)) == (200, {'address': OUT, 'setups': {}})
    assert setups.call_args.args == (OUT, (), 'one.test', 'mx.test')
    setups.reset_mock()
    assert ask_setups(b'{"domain": "10.0.0.1", "host": "x"}').status_code == 400
    assert ask_setups(SETUP + b' ' * 5000).status_code == 400
    assert ask_setups(kind='text/plain').status_code == 404
    assert not setups.called


def test_both_pages_count_as_one(setups: Mock) -> None:
    for _time in range(page.MOST):
        ask(OUT)
    assert ask_setups().status_code == 429
    assert not setups.called


@pytest.mark.parametrize(
    ('state', 'age', 'expected'),
    [
        ('works', timedelta(hours=30), True),
        ('works', timedelta(days=3), False),
        ('broken', timedelta(0), False),
        ('unknown', timedelta(0), False),
        (None, timedelta(0), False),
    ],
)
def test_what_this_box_reached_itself(
    monkeypatch: pytest.MonkeyPatch, state: str | None, age: timedelta, expected: bool
) -> None:
    verdicts = {'port-25': Verdict(State(state), 'port-25-open')} if state else {}
    report = DnsReport('one.test', datetime.now(UTC) - age, verdicts, {}, {})
    monkeypatch.setattr(local_facts, 'domains', lambda: (['one.test'], 'one.test'))
    monkeypatch.setattr(Memory, 'latest', lambda _memory, _domain: report)
    assert page.can_see() is expected
    monkeypatch.setattr(Memory, 'latest', lambda _memory, _domain: None)
    assert not page.can_see()
    monkeypatch.setattr(
        local_facts, 'domains', Mock(side_effect=MailError('directory-down', 'No.'))
    )
    assert not page.can_see()
