# SPDX-License-Identifier: AGPL-3.0-or-later
"""Entries, ways of mail, moments and pages of a list in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from ...directory.alias import Alias
from ...directory.domain import Domain
from ...directory.entry import now
from ...directory.mailbox import Mailbox
from ...directory.recipients import Recipients
from ...directory.resolve import DeliveryStep, Path
from ...health.observation import Records
from ...status import State
from ...templatetags.email_extras import breakable, moment, relative
from .. import shown
from ..listing import ROWS, ListPart
from ..password import client_of

MOMENT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ('domain', 'state', 'words'),
    [
        (Domain('one.test'), State.WORKS, 'Every user has a mailbox'),
        (Domain('two.test'), State.WORKS, 'addresses listed here'),
        (Domain('two.test', user_mailboxes=True), State.WORKS, 'Every user has a mailbox'),
        (Domain('two.test', alias_of='one.test'), State.WORKS, 'Alias of one.test'),
        (Domain('two.test', enabled=False), State.BROKEN, 'rejected'),
        (
            Domain('two.test', enabled=False, gone=MOMENT),
            State.BROKEN,
            'no longer has this domain name',
        ),
    ],
)
def test_domains(domain: Domain, state: State, words: str) -> None:
    seen = shown.of_domain(domain, 'one.test')
    assert seen.state is state
    assert words in str(seen.sentence)


@pytest.mark.parametrize(
    ('records', 'state', 'words'),
    [
        (None, State.WORKS, 'Every user has a mailbox'),
        (Records('one.test', MOMENT), State.WORKS, 'Every user has a mailbox'),
        (Records('one.test', None), State.UNKNOWN, 'not been checked'),
        (Records('one.test', MOMENT, 2, ('MX', 'SPF'), keeps_out=True), State.BROKEN, 'MX, SPF'),
        (Records('one.test', MOMENT, 1, ('SPF',)), State.LOOK, '1 DNS problem: SPF'),
    ],
)
def test_a_domain_is_no_better_than_its_records(
    records: Records | None, state: State, words: str
) -> None:
    seen = shown.of_domain(Domain('one.test'), 'one.test', records)
    assert seen.state is state
    assert words in str(seen.sentence)
    assert 'Every user has a mailbox' in f'{seen.sentence} {seen.more}'
    off = shown.of_domain(Domain('one.test', enabled=False), 'one.test', records)
    assert (off.state, off.word) == (State.BROKEN, 'Off')


@pytest.mark.parametrize(
    ('mailbox', 'state', 'words'),
    [
        (Mailbox('a@x.test'), State.WORKS, 'its own password'),
        (Mailbox('a@x.test', owner='alice'), State.WORKS, 'the user alice'),
        (Mailbox('a@x.test', enabled=False), State.LOOK, 'Stored mail is kept'),
        (
            Mailbox('a@x.test', owner='alice', enabled=False, gone=MOMENT),
            State.LOOK,
            'alice was deleted',
        ),
    ],
)
def test_mailboxes(mailbox: Mailbox, state: State, words: str) -> None:
    seen = shown.of_mailbox(mailbox)
    assert seen.state is state
    assert words in str(seen.sentence)


@pytest.mark.parametrize(
    ('alias', 'word'),
    [
        (Alias('a@x.test', ('b@x.test',)), 'Works'),
        (Alias('a@x.test', ('b@x.test',), enabled=False), 'Off'),
        (Alias('a@x.test', ('b@x.test',), expires=now() - timedelta(days=1)), 'Expired'),
        (Alias('a@x.test', ('b@x.test',), origin='role'), 'Works'),
    ],
)
def test_aliases(alias: Alias, word: str) -> None:
    assert shown.of_alias(alias).word == word
    assert shown.of_own_alias(alias).word == word


@pytest.mark.parametrize(
    ('kinds', 'word', 'words'),
    [
        (['mailbox'], 'Works', '1 local mailbox'),
        (['alias', 'mailbox', 'mailbox'], 'Works', '2 local mailboxes'),
        (['alias', 'remote'], 'Works', '1 external address'),
        (['alias', 'mailbox', 'remote'], 'Works', '1 local mailbox, 1 external address'),
        (['unknown'], 'Rejected', 'rejected'),
        (['off'], 'Rejected', 'rejected'),
        (['alias', 'off'], 'Not delivered', 'not delivered'),
    ],
)
def test_ways(kinds: list[str], word: str, words: str) -> None:
    steps = tuple(
        DeliveryStep(f'{n}@x.test', kind, int(n > 0), f'{n}@x.test')  # type: ignore[arg-type]
        for n, kind in enumerate(kinds)
    )
    seen = shown.of_path(Path('0@x.test', steps))
    assert seen.word == word
    assert words in str(seen.sentence)
    assert all(shown.of_step(step).sentence for step in steps)


@pytest.mark.parametrize(
    ('seconds', 'words'),
    [
        (-5, 'just now'),
        (-7200, '2\xa0hours ago'),
        (7200, 'in 2\xa0hours'),
        (172_799, 'in 2\xa0days'),
    ],
)
def test_moments_are_relative(seconds: int, words: str) -> None:
    assert relative(MOMENT + timedelta(seconds=seconds), MOMENT) == words


def test_the_exact_moment_is_there_too() -> None:
    html = moment(MOMENT)
    assert html.startswith('<time datetime="2026-11-21T12:00:00+00:00" title="')
    assert 'visually-hidden' in html


def test_addresses_are_escaped_and_may_break() -> None:
    assert breakable('a&b@x.test') == 'a&amp;b@<wbr>x.test'
    assert breakable('<b>') == '&lt;b&gt;'


def test_pages_of_a_list() -> None:
    rows = tuple(Domain(f'd{n}.test') for n in range(2))
    part = ListPart(rows, ROWS + 2, 2)
    assert (part.pages, part.first, part.last, part.before, part.after) == (2, 26, 27, 1, 0)
    assert ListPart((), 0, 1).pages == 1


@pytest.mark.parametrize(
    ('headers', 'client'),
    [
        ({}, '127.0.0.1'),
        ({'x-forwarded-for': '192.0.2.7'}, '192.0.2.7'),
        ({'x-forwarded-for': '203.0.113.9, 192.0.2.7'}, '192.0.2.7'),
        ({'x-forwarded-for': '203.0.113.9\n, nonsense'}, ''),
    ],
)
def test_a_client_cannot_say_it_is_another(headers: dict[str, str], client: str) -> None:
    assert client_of(RequestFactory().get('/', headers=headers)) == client


@pytest.mark.parametrize(
    ('recipients', 'records', 'word'),
    [
        (Recipients.UNDECIDED, None, 'Warning'),
        (Recipients.UNDECIDED, Records('two.test', MOMENT), 'Warning'),
        (Recipients.UNDECIDED, Records('two.test', None), 'Not checked'),
        (Recipients.UNDECIDED, Records('two.test', MOMENT, 1, ('MX',), keeps_out=True), 'Broken'),
        (Recipients.NONE, Records('two.test', MOMENT, 1, ('MX',), keeps_out=True), 'No mail'),
    ],
)
def test_a_domain_without_recipients(
    recipients: Recipients, records: Records | None, word: str
) -> None:
    found = shown.of_domain(Domain('two.test'), 'one.test', records, recipients)
    assert (str(found.word), found.is_off) == (word, recipients is Recipients.NONE)
