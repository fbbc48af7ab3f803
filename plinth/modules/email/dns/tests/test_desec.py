# SPDX-License-Identifier: AGPL-3.0-or-later
"""Records are read from and written to a zone at deSEC; each request is looked at."""

from collections.abc import Iterator

import pytest

from plinth.modules.email.dns.answer import Question, Status
from plinth.modules.email.dns.changes import ZoneChange
from plinth.modules.email.dns.desec import DeSec
from plinth.modules.email.errors import MailError

from .made_hoster import SECRET, MadeHoster, running

ZONE = 'example.org'


@pytest.fixture(name='hoster')
def fixture_hoster() -> Iterator[MadeHoster]:
    with running(ZONE) as hoster:
        yield hoster


@pytest.fixture(name='zone')
def fixture_zone(hoster: MadeHoster) -> DeSec:
    return DeSec(ZONE, SECRET, hoster.url)


def test_values_are_read_as_the_zone_has_them(hoster: MadeHoster, zone: DeSec) -> None:
    hoster.sets = {('', 'MX'): ['10 mail.example.org.'], ('', 'TXT'): ['"v=spf1 " "-all"', '"x"']}
    found = zone.read([Question(ZONE, 'MX'), Question(ZONE, 'TXT'), Question(ZONE, 'A'),
                       Question('_dmarc.example.org', 'TXT')])  # fmt: skip
    assert found[Question(ZONE, 'MX')] == (Status.FOUND, ('10 mail.example.org.',))
    assert found[Question(ZONE, 'TXT')] == (Status.FOUND, ('v=spf1 -all', 'x'))
    assert found[Question(ZONE, 'A')] == (Status.EMPTY, ())
    assert found[Question('_dmarc.example.org', 'TXT')] == (Status.NONE, ())
    (asked,) = hoster.asked
    assert (asked.method, asked.authorization) == ('GET', f'Token {SECRET}')


def test_a_change_keeps_what_it_does_not_name(hoster: MadeHoster, zone: DeSec) -> None:
    hoster.sets = {('', 'TXT'): ['"v=spf1 a" " -all"', '"other"'], ('old', 'A'): ['192.0.2.1']}
    zone.change([
        ZoneChange(ZONE, 'TXT', ('"v=spf1 a -all"',), ('"v=spf1 mx -all"',)),
        ZoneChange('old.example.org', 'A', ('192.0.2.1',)),
        ZoneChange('_dmarc.example.org', 'TXT', (), ('"v=DMARC1; p=none"',)),
    ])  # fmt: skip
    assert hoster.sets == {
        ('', 'TXT'): ['"other"', '"v=spf1 mx -all"'],
        ('_dmarc', 'TXT'): ['"v=DMARC1; p=none"'],
    }
    assert [each.method for each in hoster.asked] == ['GET', 'PATCH'], 'all goes in one request'


@pytest.mark.parametrize(
    ('status', 'key'),
    [
        (400, 'provider-refused'), (401, 'provider-refused.token'), (403, 'provider-refused.token'),
        (404, 'provider-refused.zone'), (429, 'provider-refused.busy'), (500, 'provider-refused'),
        (302, 'provider-refused'),
    ],
)  # fmt: skip
def test_a_refusal_says_why(hoster: MadeHoster, zone: DeSec, status: int, key: str) -> None:
    hoster.status = status
    with pytest.raises(MailError) as caught:
        zone.change([ZoneChange(ZONE, 'A', (), ('192.0.2.1',))])
    assert caught.value.reason.key == key
    assert SECRET not in f'{caught.value.detail} {caught.value}'


@pytest.mark.parametrize(
    'content', [b'', b'{', b'null', b'3', b'[1]', b'[{"subname": ""}]', b'[' * 9999]
)
def test_an_answer_that_is_none_changes_nothing(
    hoster: MadeHoster, zone: DeSec, content: bytes
) -> None:
    hoster.content = content
    with pytest.raises(MailError) as caught:
        zone.change([ZoneChange(ZONE, 'A', (), ('192.0.2.1',))])
    assert caught.value.code == 'provider-refused'
    assert [each.method for each in hoster.asked] == ['GET']


def test_no_connection_is_said() -> None:
    with pytest.raises(MailError, match='does not answer'):
        DeSec(ZONE, SECRET, 'http://127.0.0.1:1').read([Question(ZONE, 'A')])


@pytest.mark.parametrize('token', ['', 'two words', 'line\nbreak', 'ä', 'x' * 501, 'nul\0'])
def test_a_token_no_header_holds_is_refused(token: str) -> None:
    with pytest.raises(MailError) as caught:
        DeSec(ZONE, token)
    assert caught.value.code == 'token-invalid'
