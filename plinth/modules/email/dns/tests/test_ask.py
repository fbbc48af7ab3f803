# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what servers, lists and clocks say, without a network."""

import asyncio
import pathlib
import struct
import threading
import time
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...errors import MailError
from .. import ask as ask_module
from .. import public_address, web
from ..answer import SILENCE, Answer, Question, Status
from ..ask import ATTEMPTS, DEAD_AFTER, MOST_VALUES, QUERY_SECONDS, Asker, read, reverse_name
from ..endpoints import BlockList, Places, parse
from ..local_facts import lasting
from ..look import look
from ..probe import read_listing, read_policy, read_time, subjects
from ..records import Site, wanted
from ..tags import DMARC, MTA_STS, TLS_RPT, is_meant, is_version, squeezed
from ..tags import parse as parse_tags

PLACES = pathlib.Path(__file__).parents[5] / 'data/usr/share/freedombox-email/places.json'
LIST = BlockList('bl.test', 'A list', 'https://bl.test/')


def message(*records: str, question: str = 'a.test. TXT') -> dns.message.Message:
    """An answer holding these records."""
    name, kind = question.split()
    answer = dns.message.make_response(dns.message.make_query(name, kind))
    for record in records:
        owner, rdtype, value = record.split(None, 2)
        answer.answer.append(dns.rrset.from_text(owner, 60, 'IN', rdtype, value))
    return dns.message.from_wire(answer.to_wire())


def test_strings_of_a_text_are_one_value() -> None:
    assert read(message('a.test. TXT "one " "two"'), '').values == ('one two',)


def test_aliases_are_followed_within_a_message() -> None:
    found = read(message('a.test. CNAME b.test.', 'b.test. TXT "x"'), '')
    assert (found.values, found.via) == (('x',), ('b.test',))
    assert read(message('a.test. CNAME b.test.', 'b.test. CNAME a.test.'), '').status is Status.LOOP


@given(st.binary(max_size=300), st.integers(0, 4), st.integers(0, 65535))
def test_any_packet_is_read_or_refused(data: bytes, answers: int, flags: int) -> None:
    head = struct.pack('!6H', 1, flags, 0, answers, 0, 0)
    try:
        found = read(dns.message.from_wire(head + data), '')
    except (dns.exception.DNSException, ValueError):
        return  # what `exchange` counts as garbage
    assert len(found.values) <= MOST_VALUES


@pytest.mark.parametrize(
    ('answered', 'least', 'most'),
    [(0, 2 * DEAD_AFTER, 4 * DEAD_AFTER), (1, 8 * DEAD_AFTER - 1, 8 * DEAD_AFTER - 1)],
    ids=['dead', 'slow'],
)
def test_a_server_that_never_answers_is_given_up(
    answered: int, least: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_module, 'QUERY_SECONDS', 0.1)
    heard = 0

    class Deaf(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast(asyncio.DatagramTransport, transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            nonlocal heard
            heard += 1
            if heard <= answered:
                answer = dns.message.make_response(dns.message.from_wire(data))
                self.transport.sendto(answer.to_wire(), addr)

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        place = await loop.create_datagram_endpoint(Deaf, local_addr=('127.0.0.1', 0))
        asker = Asker((), place[0].get_extra_info('sockname')[1], asyncio.Semaphore(DEAD_AFTER))
        names = [Question(f'{number}.test', 'A') for number in range(4 * DEAD_AFTER)]
        await asyncio.gather(*(asker.exchange(name, '127.0.0.1') for name in names))
        place[0].close()

    asyncio.run(ask())
    assert least <= heard <= most


def test_a_resolver_that_failed_is_asked_last() -> None:
    async def ask() -> tuple[Answer, tuple[str, ...]]:
        asker = Asker(('192.0.2.1', '192.0.2.2'))
        asker._ask = answer  # type: ignore[method-assign,assignment]
        return await asker.recurse('a.test', 'A'), asker.resolvers

    async def answer(_question: object, server: str, _flags: int) -> Answer:
        return Answer(Status.EMPTY) if server.endswith('2') else SILENCE

    assert asyncio.run(ask()) == (Answer(Status.EMPTY), ('192.0.2.2', '192.0.2.1'))


def test_a_wrong_signature_is_told_from_a_failure() -> None:
    async def answer(_question: object, _server: str, flags: int) -> Answer:
        checked = not flags & dns.flags.CD
        return Answer(Status.FAILED if checked else Status.FOUND, () if checked else ('x',))

    async def ask() -> Answer:
        asker = Asker(('192.0.2.1',))
        asker._ask = answer  # type: ignore[method-assign,assignment]
        return await asker.recurse('a.test', 'TXT')

    assert asyncio.run(ask()) == Answer(Status.BOGUS, ('x',))


@given(st.binary(max_size=200))
def test_the_time_in_any_packet(data: bytes) -> None:
    try:
        assert isinstance(read_time(data), float)
    except ValueError:
        assert len(data) < 48 or not 1 <= data[1] <= 15


@given(st.binary(max_size=200))
def test_a_policy_in_any_answer(data: bytes) -> None:
    assert isinstance(read_policy(data).text, str)


def test_a_policy() -> None:
    assert read_policy(b'HTTP/1.1 200 OK\r\nA: b\r\n\r\nversion: STSv1').text == 'version: STSv1'
    assert read_policy(b'HTTP/1.1 404 No\r\n\r\n').problem == 'policy-missing'


@pytest.mark.parametrize(
    ('url', 'page'),
    [
        ('https://a.test/ip/', web.WebPage('a.test', '/ip/')),
        ('http://a.test:8080?x=1', web.WebPage('a.test', '/?x=1', 8080, False)),
    ],
)
def test_web_addresses(url: str, page: web.WebPage) -> None:
    assert web.parse(url) == page


@pytest.mark.parametrize('url', ['', 'ftp://a.test/', 'https:///x', 'https://a.test/x y', 'a.test'])
def test_what_is_no_web_address(url: str) -> None:
    with pytest.raises(ValueError, match='Not a'):
        web.parse(url)


@pytest.mark.parametrize(
    ('text', 'address'),
    [
        ('198.51.100.7\n', '198.51.100.7'),
        ('2600:0::1', '2600::1'),
        ('192.168.1.2', ''),
        ('<html>', ''),
        (None, ''),
    ],
)
def test_what_a_service_says_of_our_address(text: str | None, address: str) -> None:
    assert public_address.read_address(text) == address


def test_no_service_is_chosen() -> None:
    with pytest.raises(MailError, match='Privacy'):
        public_address.ask('')


TABLE = """\
26000000000000000000000000000001 02 40 00 01    eth0
26000000000000000000000000000002 02 40 00 00    eth0
26000000000000000000000000000003 03 40 00 00    eth1
fe800000000000000000000000000001 02 40 20 80    eth0
"""


@pytest.mark.parametrize(
    ('address', 'found'),
    [('2600::1', '2600::2'), ('2600::2', '2600::2'), ('2600::9', '2600::9')],
)
def test_an_address_that_changes_daily_is_not_published(address: str, found: str) -> None:
    assert lasting(address, TABLE) == found


@pytest.mark.parametrize(
    ('answer', 'problem'),
    [
        (Answer(Status.FOUND, ('127.0.0.2',)), ''),
        (Answer(Status.FOUND, ('127.255.255.254',)), 'refused'),
        (Answer(Status.FOUND, ('127.0.0.1',)), 'refused'),
        (Answer(Status.FOUND, ('127.0.0.10',)), ''),
        (Answer(Status.FOUND, ('127.0.0.16',)), ''),
        (Answer(Status.FOUND, ('127.0.0.1', '127.0.0.4')), ''),
        (Answer(Status.FOUND, ('192.0.2.1',)), 'odd'),
        (SILENCE, 'silent'),
    ],
)
def test_what_lists_say(answer: Answer, problem: str) -> None:
    listing = read_listing(LIST, '192.0.2.1', answer)
    assert listing is not None
    assert listing.problem == problem


OURS = {each.zone: each for each in parse(PLACES.read_text()).block_lists}


@pytest.mark.parametrize(
    ('zone', 'answers', 'problem'),
    [
        ('zen.spamhaus.org', ('127.0.0.2',), ''),
        ('zen.spamhaus.org', ('127.0.0.4',), ''),
        ('zen.spamhaus.org', ('127.0.0.10',), 'home'),
        ('zen.spamhaus.org', ('127.0.0.11',), 'home'),
        ('zen.spamhaus.org', ('127.0.0.11', '127.0.0.3'), ''),
        ('zen.spamhaus.org', ('127.0.0.30',), ''),
        ('zen.spamhaus.org', ('127.0.0.1',), 'odd'),
        ('zen.spamhaus.org', ('127.0.0.13',), 'odd'),
        ('zen.spamhaus.org', ('127.0.0.13', '127.0.0.10'), 'home'),
        ('zen.spamhaus.org', ('127.255.255.252',), 'refused'),
        ('zen.spamhaus.org', ('127.255.255.254',), 'refused'),
        ('dbl.spamhaus.org', ('127.0.1.2',), ''),
        ('dbl.spamhaus.org', ('127.0.1.106',), ''),
        ('dbl.spamhaus.org', ('127.0.1.99',), 'odd'),
        ('dbl.spamhaus.org', ('127.0.1.255',), 'refused'),
        ('bl.spamcop.net', ('127.0.0.2',), ''),
        ('bl.spamcop.net', ('127.0.0.10',), 'odd'),
        ('bl.mailspike.net', ('127.0.0.11',), ''),
        ('dnsbl.dronebl.org', ('127.0.0.13',), ''),
        ('dnsbl.dronebl.org', ('127.0.0.1',), 'refused'),
        ('multi.surbl.org', ('127.0.0.16',), ''),
        ('multi.surbl.org', ('127.0.0.128',), ''),
        ('multi.surbl.org', ('127.0.0.1',), 'refused'),
        ('multi.surbl.org', ('93.184.216.34',), 'odd'),
    ],
)
def test_each_list_has_its_own_answers(zone: str, answers: tuple[str, ...], problem: str) -> None:
    listing = read_listing(OURS[zone], 'x', Answer(Status.FOUND, answers))
    assert listing is not None
    assert listing.problem == problem


def test_an_answer_is_shown_as_the_list_calls_it() -> None:
    answer = Answer(Status.FOUND, ('127.0.0.10', '127.0.0.77'))
    listing = read_listing(OURS['zen.spamhaus.org'], 'x', answer)
    assert listing is not None
    assert listing.codes == ('127.0.0.10 (PBL)', '127.0.0.77')


@pytest.mark.parametrize('answers', [{'bad': ['127.0.0.2']}, {'listed': ['x']}])
def test_what_are_no_answers(answers: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r'bad|x'):
        BlockList('bl.test', 'A list', 'https://bl.test/', answers=answers)


def test_not_listed() -> None:
    assert read_listing(LIST, 'x', Answer(Status.NONE)) is None


def test_what_lists_are_asked() -> None:
    addresses = ('192.0.2.1', '2001:db8::1')
    assert list(subjects(LIST, 'a.test', addresses)) == [('192.0.2.1', '1.2.0.192.bl.test')]
    both = BlockList('bl.test', 'A list', 'https://bl.test/', 'all')
    assert len(list(subjects(both, 'a.test', addresses))) == 2
    names = BlockList('bl.test', 'A list', 'https://bl.test/', 'domain')
    assert list(subjects(names, 'a.test', addresses)) == [('a.test', 'a.test.bl.test')]
    assert reverse_name('192.0.2.1') == '1.2.0.192.in-addr.arpa'


@pytest.mark.parametrize('text', ['', '[]', '{}', '{"block_lists": [{"zone": "x"}]}'])
def test_what_is_no_file_of_places(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse(text)


@given(st.text(max_size=200))
def test_any_tags_are_tags_or_not(text: str) -> None:
    for version in (DMARC, MTA_STS, TLS_RPT):
        assert is_meant(text, version) or not is_version(text, version)
    squeezed(text)
    try:
        parse_tags(text)
    except ValueError:
        return


def test_a_dead_network_costs_little_and_leaves_nothing_behind() -> None:
    before, started = threading.active_count(), time.monotonic()
    site = Site('a.test', 'a.test', ('192.0.2.1',))
    places = Places((LIST,), ('mx.test',), 'clock.test')
    seen = look(site, wanted(site), places, servers=('192.0.2.53',))
    assert time.monotonic() - started < ATTEMPTS * QUERY_SECONDS + 1
    assert threading.active_count() == before
    assert not seen.resolver_answers
    assert seen.zone is None


def test_a_look_without_any_resolver() -> None:
    site = Site('a.test', 'a.test')
    assert look(site, wanted(site), Places(), servers=()).port_25 is None
    assert asyncio.run(Asker(()).recurse('a.test', 'A')) == SILENCE


def test_no_one_is_asked_about_an_onion() -> None:
    assert look(Site('x.onion', 'x.onion'), (), Places(), servers=('192.0.2.53',)).views == {}
