# SPDX-License-Identifier: AGPL-3.0-or-later
"""Relays and ways out as values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...errors import MailError
from ..relay import Relay, parse_host
from ..route import KINDS, Route, RouteRule, check_route, parse_place

GOOD: dict[str, Any] = {'name': 'one', 'host': 'smtp.one.test'}


@pytest.mark.parametrize(
    ('wrong', 'key'),
    [
        ({'name': 'One'}, 'relay-invalid.name'),
        ({'name': 'a/b'}, 'relay-invalid.name'),
        ({'name': ''}, 'relay-invalid.name'),
        ({'name': 'x' * 33}, 'relay-invalid.name'),
        ({'host': 'SMTP.one.test'}, 'relay-invalid.host'),
        ({'host': '[10.8.0.1]'}, 'relay-invalid.host'),
        ({'host': '10.8.0.1'}, 'relay-invalid.no-name'),
        ({'port': 0}, 'port-invalid'),
        ({'port': 65536}, 'port-invalid'),
        ({'tls': 'ssl'}, 'relay-invalid.tls'),
        ({'login': 'me', 'tls': 'none'}, 'relay-invalid.open-login'),
        ({'login': 'me:too'}, 'relay-invalid.login'),
        ({'login': ' me'}, 'relay-invalid.login'),
        ({'login': 'me\n[evil]:25 a:b'}, 'text-invalid'),
        ({'backups': 'one'}, 'relay-invalid.backups'),
        ({'backups': 'two two'}, 'relay-invalid.backups'),
        ({'backups': 'two  three'}, 'relay-invalid.backups'),
        ({'backups': 'a b c d e'}, 'relay-invalid.backups'),
        ({'backups': '$x'}, 'relay-invalid.name'),
        ({'spf': 'all'}, 'relay-invalid.spf'),
        ({'host': '10.8.0.1', 'tls': 'none'}, 'relay-invalid.internal'),
        ({'host': 'fd00::1', 'tls': 'none'}, 'relay-invalid.internal'),
        ({'spf': 'include:a.test ~all'}, 'relay-invalid.spf'),
        ({'note': 'a\nb'}, 'text-invalid'),
    ],
)
def test_a_relay_that_cannot_be_used_is_refused(wrong: dict[str, Any], key: str) -> None:
    with pytest.raises(MailError) as caught:
        Relay(**{**GOOD, **wrong})
    assert caught.value.reason.key == key
    assert caught.value.sentence


@pytest.mark.parametrize(
    ('relay', 'destination', 'rule'),
    [
        (Relay('a', 'smtp.one.test'), '[smtp.one.test]:587', 'a:smtp.one.test'),
        (Relay('a', '192.0.2.1', 25, 'none'), '[192.0.2.1]:25', 'ip4:192.0.2.1'),
        (Relay('a', '10.8.0.1', 25, 'none', spf='ip4:192.0.2.1'), '[10.8.0.1]:25', 'ip4:192.0.2.1'),
        (Relay('a', '2001:db8::1', 25, 'none'), '[2001:db8::1]:25', 'ip6:2001:db8::1'),
        (Relay('a', 'b.test', spf='include:spf.b.test'), '[b.test]:587', 'include:spf.b.test'),
    ],
)
def test_the_place_and_the_rule_of_a_relay(relay: Relay, destination: str, rule: str) -> None:
    assert (relay.destination, relay.sender_rule) == (destination, rule)
    attributes = {k: [v.encode() for v in vs] for k, vs in relay.to_attributes().items()}
    assert Relay.from_attributes(attributes) == relay
    assert Relay.from_json(relay.to_json()) == relay


@pytest.mark.parametrize(
    ('text', 'host'), [(' SMTP.One.test ', 'smtp.one.test'), ('[10.8.0.1]', '10.8.0.1'),
                       ('Bücher.test', 'xn--bcher-kva.test')],
)  # fmt: skip
def test_a_host_has_one_form(text: str, host: str) -> None:
    assert parse_host(text) == host


@pytest.mark.parametrize(
    'text', ['relay', 'relay:', 'direct:one', 'direct:', 'smtp:[evil.test]', 'fallback', 'x', ':',
             'relay:One', 'relay:a b', 'relay:a:b'],
)  # fmt: skip
def test_a_choice_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MailError):
        check_route(text)


@given(st.text(max_size=60))
def test_a_choice_is_refused_or_in_its_one_form(text: str) -> None:
    try:
        route = Route.parse(text)
    except MailError:
        return
    assert route.kind in KINDS
    assert Route.parse(str(route)) == route
    assert str(route).isascii()
    assert not set(str(route)) & set(' \n,{}=[]$')


def test_a_rule_is_for_all_or_for_a_domain() -> None:
    assert parse_place(' * ') == '*'
    assert RouteRule('*', 'direct').way == Route()
    for place, route in (('*.test', 'direct'), ('Outlook.com', 'direct'), ('a.test', '')):
        with pytest.raises(MailError):
            RouteRule(place, route)
