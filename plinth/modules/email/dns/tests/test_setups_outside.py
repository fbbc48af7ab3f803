# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of mail apps seen from outside: what is asked, answered, and believed.

Two real machines: tests/integration/test_reach.py.
"""

import asyncio
import json
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .. import setups_outside, web
from ..answer import Setup
from ..ask import Asker
from ..discovery import SetupWalk, places
from ..setups_outside import ToldSetups

OURS, SIX, STRANGE = '203.0.113.7', '2001:db8::7', '203.0.113.99'
DOMAIN, HOST = 'a.test', 'mx.test'
PLACES = places(DOMAIN, (HOST,))
KEYS = [place.key for place in PLACES]


def told(address: str = OURS, **found: tuple[str, str]) -> ToldSetups:
    """The answer of another box about some places."""
    said = {key.replace('_', '-'): list(each) for key, each in found.items()}
    return setups_outside.read(json.dumps({'address': address, 'setups': said}), PLACES)


def test_every_place_is_asked_in_both_ways() -> None:
    urls = {place.url for place in PLACES}
    assert len(urls) == len(KEYS) == len(set(KEYS)) == 14
    for scheme in ('http', 'https'):
        for start in (f'autoconfig.{DOMAIN}', f'{DOMAIN}/.well-known/autoconfig'):
            url = f'{scheme}://{start}/mail/config-v1.1.xml'
            assert {url, f'{url}?emailaddress=nobody@{DOMAIN}'} <= urls


@pytest.mark.parametrize(
    ('body', 'names'),
    [
        (b'{"domain": "a.test", "host": "mx.test"}', (DOMAIN, HOST)),
        (b'{"domain": "A.Test", "host": "mx.test"}', (DOMAIN, HOST)),
        (b'{"domain": "a.test"}', None),
        (b'{"domain": "a.test", "host": ""}', None),
        (b'{"domain": "127.0.0.1", "host": "mx.test"}', None),
        (b'{"domain": "a.test/x", "host": "mx.test"}', None),
        (b'{"domain": "a.test\\r\\nHost: b", "host": "mx.test"}', None),
        (b'{"domain": ["a.test"], "host": "mx.test"}', None),
        (b'[]', None),
        (b'[' * 999, None),
        (b'{"domain": "a.test", "host": "mx.test"}' + b' ' * 1000, None),
        (b'\xff', None),
    ],
)
def test_a_request_names_two_hosts(body: bytes, names: tuple[str, str] | None) -> None:
    assert setups_outside.read_request(body) == names


@pytest.mark.parametrize('address', ['', '127.0.0.1', '10.0.0.7', '::1', 'fe80::1', OURS])
def test_no_connection_into_a_network_of_ours(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(web, 'get', Mock(side_effect=AssertionError))
    assert setups_outside.answer(address, (OURS,), DOMAIN, HOST) == ToldSetups(address)


@pytest.mark.parametrize(
    'leads', ['http://10.0.0.1/', 'https://192.168.1.1/admin', 'http://localhost/', '//evil.test/x']
)
def test_no_answer_leads_to_another_address(monkeypatch: pytest.MonkeyPatch, leads: str) -> None:
    asked = []

    async def get(page: web.WebPage, address: str, *_rest: Any, **_named: Any) -> bytes:
        asked.append((address, page.port))
        text = json.dumps({'Url': leads})
        return f'HTTP/1.1 302 Found\r\nLocation: {leads}\r\n\r\n{text}'.encode()

    monkeypatch.setattr(web, 'get', get)
    found = setups_outside.answer(OURS, (), DOMAIN, HOST)
    assert {address for address, _port in asked} == {OURS}
    assert {port for _address, port in asked} <= {80, 443}
    assert {each.problem for each in found.setups.values()} == {'missing'}
    assert setups_outside.read(json.dumps(setups_outside.write(found)), PLACES) == ToldSetups(
        OURS, {place.key: Setup(place.url, 'missing', outside=True) for place in PLACES}
    )


@pytest.mark.parametrize(
    'data',
    [
        None, [], {}, {'address': 'x', 'setups': {}}, {'address': OURS, 'setups': []},
        *({'address': OURS, 'setups': {'autoconfig': each}} for each in (
            None, [], ['', ''], ['missing', 'mx.test'], ['odd', ''], ['absent', ''],
            ['', 'x' * 300], ['', 'a\nb'], ['', 'ü.test'], ['', 7], [[], ''],
        )),
    ],
)  # fmt: skip
def test_another_answer_says_nothing(data: Any) -> None:
    assert not setups_outside.read(json.dumps(data), PLACES).setups


def test_an_answer_without_end_says_nothing() -> None:
    assert setups_outside.read('[' * 100_000, PLACES) == ToldSetups()
    assert setups_outside.read('[' * 15_000, PLACES) == ToldSetups()


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_text_can_be_read(text: str) -> None:
    assert not setups_outside.read(text, PLACES).setups


def test_what_another_box_saw_counts_at_our_addresses_only() -> None:
    asked = [(place, () if place.key == 'well-known' else (OURS, SIX)) for place in PLACES]
    here = {key: Setup('https://x.test/', 'unreachable') for key in KEYS}
    seen = told(
        autoconfig=('', HOST), well_known=('', HOST), autodiscover=('unreachable', ''),
        autodiscover_srv=('', HOST),
    )  # fmt: skip
    found = setups_outside.merged(asked, here, (seen,), HOST)
    assert (found['autoconfig'].host, found['autoconfig'].outside) == (HOST, True)
    assert found['autodiscover'].outside
    assert found['autodiscover-srv'].host == HOST
    assert not found['well-known'].outside, 'its name leads elsewhere'
    assert not found['autoconfig-http'].outside, 'it said nothing of it'
    for strange in (told(STRANGE, autoconfig=('', HOST)), ToldSetups()):
        assert setups_outside.merged(asked, here, (strange,), HOST) == here
    assert setups_outside.merged(asked, here, (seen,), 'other.test')['autodiscover-srv'].problem
    both = (told(SIX, autoconfig=('unreachable', '')), seen)
    assert setups_outside.merged(asked, here, both, HOST)['autoconfig'].host == HOST


@pytest.mark.parametrize(
    'data', [b'', b'HTTP/1.1 404 Not Found\r\n\r\n', b'HTTP/1.1 200 OK\r\n\r\n<html>',
             ConnectionRefusedError(), TimeoutError()],
)  # fmt: skip
def test_a_box_that_gives_no_answer_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, data: bytes | Exception
) -> None:
    async def get(page: web.WebPage, address: str, body: bytes, kind: str) -> bytes:
        assert (page.host, page.encrypted, page.path) == ('other.test', True, setups_outside.PAGE)
        assert json.loads(body) == {'domain': DOMAIN, 'host': HOST}
        assert (address, kind) == (STRANGE, 'application/json')
        if isinstance(data, Exception):
            raise data
        return data

    async def addresses(_asker: Asker, _name: str) -> tuple[str, ...]:
        return (STRANGE,)

    monkeypatch.setattr(web, 'get', get)
    monkeypatch.setattr(Asker, 'addresses', addresses)
    work = setups_outside.ask(Asker(()), 'other.test', DOMAIN, HOST, PLACES)
    assert asyncio.run(work) == (ToldSetups(),)


def test_newer_outlooks_are_followed_to_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer names a page; the question is posted there."""
    asked = []

    async def get(page: web.WebPage, _address: str, body: bytes, **_named: Any) -> bytes:
        asked.append((page.host, bool(body)))
        text = json.dumps({'Url': f'https://{HOST}/autodiscover/autodiscover.xml'})
        return f'HTTP/1.1 200 OK\r\n\r\n{text}'.encode()

    async def find(_host: str) -> tuple[str, ...]:
        return (OURS,)

    monkeypatch.setattr(web, 'get', get)
    place = next(each for each in PLACES if each.key == 'autodiscover-json')
    found = asyncio.run(SetupWalk(find).ask(place, (OURS,)))
    assert asked == [(f'autodiscover.{DOMAIN}', False), (HOST, True)]
    assert found.problem == 'missing'
