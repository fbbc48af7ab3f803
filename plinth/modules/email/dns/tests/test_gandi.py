# SPDX-License-Identifier: AGPL-3.0-or-later
"""Records are read from and written to a zone at Gandi; each request is looked at."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from plinth.modules.email.dns import gandi
from plinth.modules.email.dns.answer import Question, Status
from plinth.modules.email.dns.changes import ZoneChange
from plinth.modules.email.dns.gandi import Gandi
from plinth.modules.email.errors import MailError

from .made_hoster import SECRET, Asked, MadeHoster, serving

ZONE = 'example.org'


class MadeGandi(MadeHoster):
    """Answers as LiveDNS does."""

    def serve(self, request: Asked) -> tuple[int, bytes]:
        """The answer to a request with the right token."""
        assert request.authorization == f'Bearer {SECRET}'
        parts = urlsplit(request.path)
        words = parts.path.split('/')
        if words[:4] != ['', 'domains', self.zone, 'records']:
            return 404, b'{"message": "Can\'t find the DNS zone"}'
        if request.method == 'GET' and len(words) == 4:
            return self._list(parse_qs(parts.query))
        return self._one(request, words[4], words[5])

    def _list(self, query: dict[str, list[str]]) -> tuple[int, bytes]:
        assert set(query) == {'page', 'per_page'}
        first = (int(query['page'][0]) - 1) * int(query['per_page'][0])
        listed = [
            {'rrset_name': label, 'rrset_type': kind, 'rrset_ttl': 300, 'rrset_values': values,
             'rrset_href': 'x'}
            for (label, kind), values in self.sets.items()
        ]  # fmt: skip
        return 200, json.dumps(listed[first : first + int(query['per_page'][0])]).encode()

    def _one(self, request: Asked, label: str, kind: str) -> tuple[int, bytes]:
        """Replace or delete one set."""
        if request.method == 'DELETE':
            assert request.body is None
            return (204, b'') if self.sets.pop((label, kind), None) else (404, b'{}')
        assert request.method == 'PUT'
        assert set(request.body) == {'rrset_ttl', 'rrset_values'}
        others = {each for name, each in self.sets if name == label} - {kind}
        if not request.body['rrset_values'] or (others and 'CNAME' in {kind, *others}):
            return 409, b'{"message": "conflict"}'
        self.sets[label, kind] = request.body['rrset_values']
        return 201, b'{"message": "DNS Record Created"}'


@pytest.fixture(name='hoster')
def fixture_hoster() -> Iterator[MadeGandi]:
    with serving(MadeGandi(ZONE)) as hoster:
        yield hoster


@pytest.fixture(name='zone')
def fixture_zone(hoster: MadeGandi) -> Gandi:
    return Gandi(ZONE, SECRET, hoster.url)


def test_values_are_read_as_the_zone_has_them(hoster: MadeGandi, zone: Gandi) -> None:
    hoster.sets = {('@', 'MX'): ['10 mail.example.org.'], ('@', 'TXT'): ['"v=spf1 " "-all"', '"x"']}
    found = zone.read([Question(ZONE, 'MX'), Question(ZONE, 'TXT'), Question(ZONE, 'A'),
                       Question('_dmarc.example.org', 'TXT')])  # fmt: skip
    assert found[Question(ZONE, 'MX')] == (Status.FOUND, ('10 mail.example.org.',))
    assert found[Question(ZONE, 'TXT')] == (Status.FOUND, ('v=spf1 -all', 'x'))
    assert found[Question(ZONE, 'A')] == (Status.EMPTY, ())
    assert found[Question('_dmarc.example.org', 'TXT')] == (Status.NONE, ())


def test_a_change_keeps_what_it_does_not_name(hoster: MadeGandi, zone: Gandi) -> None:
    hoster.sets = {('@', 'TXT'): ['"v=spf1 a" " -all"', '"other"'], ('old', 'A'): ['192.0.2.1'],
                   ('autoconfig', 'A'): ['192.0.2.9']}  # fmt: skip
    zone.change([
        ZoneChange('autoconfig.example.org', 'CNAME', (), ('example.org.',)),
        ZoneChange('autoconfig.example.org', 'A', ('192.0.2.9',)),
        ZoneChange(ZONE, 'TXT', ('"v=spf1 a -all"',), ('"v=spf1 mx -all"',)),
        ZoneChange('old.example.org', 'A', ('192.0.2.1',)),
        ZoneChange('never.example.org', 'A', ('192.0.2.1',)),
    ])  # fmt: skip
    assert hoster.sets == {
        ('@', 'TXT'): ['"other"', '"v=spf1 mx -all"'],
        ('autoconfig', 'CNAME'): ['example.org.'],
    }


def test_a_long_list_is_read_to_its_end(
    hoster: MadeGandi, zone: Gandi, monkeypatch: pytest.MonkeyPatch
) -> None:
    hoster.sets = {(f'n{number}', 'A'): ['192.0.2.1'] for number in range(7)}
    monkeypatch.setattr(gandi, 'PER_PAGE', 3)
    asked = [Question(f'n{number}.{ZONE}', 'A') for number in range(7)]
    assert {status for status, _values in zone.read(asked).values()} == {Status.FOUND}
    assert len(hoster.asked) == 3
    monkeypatch.setattr(gandi, 'MOST_PAGES', 2)
    with pytest.raises(MailError):
        zone.read(asked)


@pytest.mark.parametrize(
    ('status', 'key'),
    [(401, 'provider-refused.token'), (403, 'provider-refused.token'),
     (404, 'provider-refused.zone'), (429, 'provider-refused.busy'), (500, 'provider-refused')],
)  # fmt: skip
def test_a_refusal_says_why(hoster: MadeGandi, zone: Gandi, status: int, key: str) -> None:
    hoster.status = status
    with pytest.raises(MailError) as caught:
        zone.change([ZoneChange(ZONE, 'A', (), ('192.0.2.1',))])
    assert caught.value.reason.key == key
    assert SECRET not in f'{caught.value.detail} {caught.value}'


@pytest.mark.parametrize('content', [b'', b'{', b'null', b'3', b'[1]', b'[{"rrset_name": ""}]'])
def test_an_answer_that_is_none_changes_nothing(
    hoster: MadeGandi, zone: Gandi, content: bytes
) -> None:
    hoster.content = content
    with pytest.raises(MailError) as caught:
        zone.change([ZoneChange(ZONE, 'A', (), ('192.0.2.1',))])
    assert caught.value.code == 'provider-refused'
    assert [each.method for each in hoster.asked] == ['GET']


def test_it_can_be_kept_and_read_again() -> None:
    from plinth.modules.email.dns.provider import from_json

    assert from_json({'kind': 'gandi', 'zone': ZONE, 'secret': SECRET}) == Gandi(ZONE, SECRET)
    assert Gandi(ZONE, SECRET).server == 'api.gandi.net'
