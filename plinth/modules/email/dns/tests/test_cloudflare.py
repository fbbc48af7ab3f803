# SPDX-License-Identifier: AGPL-3.0-or-later
"""Records are read from and written to a zone at Cloudflare; each request is looked at."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from plinth.modules.email.dns import cloudflare
from plinth.modules.email.dns.answer import Question, Status
from plinth.modules.email.dns.changes import ZoneChange
from plinth.modules.email.dns.cloudflare import Cloudflare
from plinth.modules.email.dns.records import Key, Site, wanted
from plinth.modules.email.errors import MailError

from .made_hoster import SECRET, Asked, MadeHoster, serving

ZONE, ID = 'example.org', '023e105f4ecef8ad9ca31a8372d0c353'
PATH = f'/zones/{ID}/dns_records'
_FIELDS = {
    'SRV': {'priority', 'weight', 'port', 'target'},
    'CAA': {'flags', 'tag', 'value'},
    'TLSA': {'usage', 'selector', 'matching_type', 'certificate'},
}


class MadeCloudflare(MadeHoster):
    """Answers as Cloudflare does; `records` are those of the zone."""

    def __init__(self, zone: str) -> None:
        super().__init__(zone)
        self.records: list[dict[str, Any]] = []

    def add(self, kind: str, name: str = ZONE, **values: Any) -> None:
        """Have one more record, in the form the list has it."""
        number = f'{len(self.records):032x}'
        record = {'id': number, 'type': kind, 'name': name, 'ttl': 1, 'meta': {}, **values}
        self.records.append(record)

    def serve(self, request: Asked) -> tuple[int, bytes]:
        """The answer to a request with the right token."""
        assert request.authorization == f'Bearer {SECRET}'
        parts = urlsplit(request.path)
        query = parse_qs(parts.query)
        if (request.method, parts.path) == ('GET', '/zones'):
            is_here = query == {'name': [self.zone]}
            return _success([{'id': ID, 'name': self.zone}] if is_here else [])
        if (request.method, parts.path) == ('GET', PATH):
            return self._list(query)
        assert (request.method, parts.path) == ('POST', f'{PATH}/batch')
        return self._batch(request.body)

    def _list(self, query: dict[str, list[str]]) -> tuple[int, bytes]:
        page, size = int(query['page'][0]), int(query['per_page'][0])
        pages = -(-len(self.records) // size)
        return _success(self.records[(page - 1) * size : page * size], page, pages)

    def _batch(self, body: Any) -> tuple[int, bytes]:
        """Delete, then add: all or none."""
        assert set(body) == {'deletes', 'posts'}
        gone = {each['id'] for each in body['deletes']}
        if gone - {each['id'] for each in self.records}:
            return 404, b'{"success": false}'
        kept = [each for each in self.records if each['id'] not in gone]
        for each in body['posts']:
            self._check(each)
            if any(_is_alias_beside(each, other) for other in kept):
                return 400, b'{"success": false, "errors": [{"code": 81053}]}'
        self.records = kept
        for each in body['posts']:
            self.add(each.pop('type'), each.pop('name'), **each)
        return _success({'posts': body['posts']})

    def _check(self, record: dict[str, Any]) -> None:
        """Each field a kind needs, and no other."""
        kind = record['type']
        fields = {'name', 'type', 'ttl'}
        fields |= {'proxied'} if kind in ('A', 'AAAA', 'CNAME') else set()
        fields |= {'data'} if kind in _FIELDS else {'content'}
        fields |= {'priority'} if kind == 'MX' else set()
        assert set(record) == fields
        assert record['name'] == self.zone or record['name'].endswith(f'.{self.zone}')
        assert record.get('proxied') in (None, False)
        assert set(record.get('data', ())) == _FIELDS.get(kind, set())
        assert kind == 'TXT' or not record.get('content', '').endswith('.')
        assert kind != 'TXT' or record['content'].startswith('"')


def _success(result: Any, page: int = 1, pages: int = 1) -> tuple[int, bytes]:
    info = {'page': page, 'total_pages': pages}
    return 200, json.dumps({'success': True, 'result': result, 'result_info': info}).encode()


def _is_alias_beside(record: dict[str, Any], other: dict[str, Any]) -> bool:
    return record['name'] == other['name'] and 'CNAME' in (record['type'], other['type'])


@pytest.fixture(name='hoster')
def fixture_hoster() -> Iterator[MadeCloudflare]:
    with serving(MadeCloudflare(ZONE)) as hoster:
        yield hoster


@pytest.fixture(name='zone')
def fixture_zone(hoster: MadeCloudflare) -> Cloudflare:
    return Cloudflare(ZONE, SECRET, hoster.url)


def test_values_are_read_as_zone_files_spell_them(hoster: MadeCloudflare, zone: Cloudflare) -> None:
    hoster.add('MX', content='mail.example.org', priority=10)
    hoster.add('TXT', content='v=spf1 -all')
    hoster.add('TXT', content='"in two" " parts"')
    hoster.add('CNAME', 'autoconfig.example.org', content='example.org', proxied=True)
    target = {'priority': 0, 'weight': 1, 'port': 993, 'target': 'example.org'}
    hoster.add('SRV', '_imaps._tcp.example.org', content='1 993 example.org', data=target)
    hoster.add('CAA', content='0 issue "letsencrypt.org"',
               data={'flags': 0, 'tag': 'issue', 'value': 'letsencrypt.org'})  # fmt: skip
    found = zone.read([
        Question(ZONE, 'MX'), Question(ZONE, 'TXT'), Question('autoconfig.example.org', 'CNAME'),
        Question('_imaps._tcp.example.org', 'SRV'), Question(ZONE, 'CAA'), Question(ZONE, 'A'),
        Question('none.example.org', 'A'),
    ])  # fmt: skip
    assert list(found.values()) == [
        (Status.FOUND, ('10 mail.example.org.',)), (Status.FOUND, ('in two parts', 'v=spf1 -all')),
        (Status.FOUND, ('example.org.',)), (Status.FOUND, ('0 1 993 example.org.',)),
        (Status.FOUND, ('0 issue "letsencrypt.org"',)), (Status.EMPTY, ()), (Status.NONE, ()),
    ]  # fmt: skip


def test_all_wanted_records_are_written_and_found_again(
    hoster: MadeCloudflare, zone: Cloudflare
) -> None:
    keys = (Key('k', 'QUJD' * 100),)
    records = wanted(Site(ZONE, ZONE, ('192.0.2.1', '2001:db8::1'), keys, ('ab' * 32,)))
    changes = [ZoneChange(each.name, each.kind, (), (each.text,)) for each in records if each.value]
    zone.change(changes)
    assert len(hoster.asked) == 3, 'the zone, its records, and one request with all changes'
    found = zone.read([Question(each.name, each.kind) for each in records])
    for each in records:
        status, values = found[Question(each.name, each.kind)]
        assert (status, each.value in values) == (Status.FOUND, True), each
    before = list(hoster.records)
    zone.change(changes)
    assert hoster.records == before, 'what is there is not added again'


def test_a_change_keeps_what_it_does_not_name(hoster: MadeCloudflare, zone: Cloudflare) -> None:
    hoster.add('TXT', content='"v=spf1 a" " -all"')
    hoster.add('TXT', content='other')
    hoster.add('A', 'autoconfig.example.org', content='192.0.2.9', proxied=True)
    zone.change([
        ZoneChange('autoconfig.example.org', 'CNAME', (), ('example.org.',)),
        ZoneChange('autoconfig.example.org', 'A', ('192.0.2.9',)),
        ZoneChange(ZONE, 'TXT', ('"v=spf1 a -all"',), ('"v=spf1 mx -all"',)),
    ])  # fmt: skip
    assert [(each['type'], each['content']) for each in hoster.records] == [
        ('TXT', 'other'), ('CNAME', 'example.org'), ('TXT', '"v=spf1 mx -all"'),
    ]  # fmt: skip


def test_a_long_list_is_read_to_its_end(
    hoster: MadeCloudflare, zone: Cloudflare, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        hoster.add('A', f'n{number}.{ZONE}', content='192.0.2.1', proxied=False)
    monkeypatch.setattr(cloudflare, 'PER_PAGE', 3)
    asked = [Question(f'n{number}.{ZONE}', 'A') for number in range(7)]
    assert {status for status, _values in zone.read(asked).values()} == {Status.FOUND}
    monkeypatch.setattr(cloudflare, 'MOST_PAGES', 2)
    with pytest.raises(MailError):
        zone.read(asked)


def test_a_token_for_another_zone_is_refused(hoster: MadeCloudflare) -> None:
    with pytest.raises(MailError) as caught:
        Cloudflare('other.org', SECRET, hoster.url).read([Question('other.org', 'A')])
    assert caught.value.reason.key == 'provider-refused.zone'


@pytest.mark.parametrize(
    ('status', 'key'),
    [(400, 'provider-refused'), (401, 'provider-refused.token'), (403, 'provider-refused.token'),
     (429, 'provider-refused.busy'), (500, 'provider-refused')],
)  # fmt: skip
def test_a_refusal_says_why(
    hoster: MadeCloudflare, zone: Cloudflare, status: int, key: str
) -> None:
    hoster.status = status
    with pytest.raises(MailError) as caught:
        zone.change([ZoneChange(ZONE, 'A', (), ('192.0.2.1',))])
    assert caught.value.reason.key == key
    assert SECRET not in f'{caught.value.detail} {caught.value}'


@pytest.mark.parametrize(
    'content',
    [b'', b'{', b'null', b'[]', b'{"result": null}', b'{"result": [1]}', b'{"result": []}',
     b'{"result": [{"name": "example.org", "id": "../x"}]}'],
)  # fmt: skip
def test_an_answer_that_is_none_changes_nothing(
    hoster: MadeCloudflare, zone: Cloudflare, content: bytes
) -> None:
    hoster.content = content
    with pytest.raises(MailError) as caught:
        zone.change([ZoneChange(ZONE, 'A', (), ('192.0.2.1',))])
    assert caught.value.code == 'provider-refused'
    assert [each.method for each in hoster.asked] == ['GET']


def test_it_can_be_kept_and_read_again() -> None:
    from plinth.modules.email.dns.provider import from_json

    kept = {'kind': 'cloudflare', 'zone': ZONE, 'secret': SECRET}
    assert from_json(kept) == Cloudflare(ZONE, SECRET)
    assert Cloudflare(ZONE, SECRET).server == 'api.cloudflare.com'
