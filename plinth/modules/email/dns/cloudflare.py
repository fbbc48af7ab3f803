# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write records into a zone at Cloudflare, by its web interface (developers.cloudflare.com/api).

All changes go in one request, which Cloudflare makes all of or none, deletions first. Each value
is a record with an id of its own. A name that Cloudflare stands in front of (proxied) shows other
addresses to the world than its records: ours are never.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import MailError
from .answer import Question, Status
from .changes import Values, ZoneChange
from .hoster import HostedZone
from .records import TTL, quoted
from .zone_sets import answers, spelled

URL = 'https://api.cloudflare.com/client/v4'
PER_PAGE = 100
MOST_PAGES = 50
_PROXIED = frozenset({'A', 'AAAA', 'CNAME'})
_PARTS: Mapping[str, tuple[tuple[str, type[int] | type[str]], ...]] = {
    'SRV': (('priority', int), ('weight', int), ('port', int), ('target', str)),
    'CAA': (('flags', int), ('tag', str), ('value', str)),
    'TLSA': (('usage', int), ('selector', int), ('matching_type', int), ('certificate', str)),
}
"""The fields of values that are no text there, in the order zone files have them."""


class Kept(NamedTuple):
    """A record of the zone, with its id there."""

    id: str
    name: str
    kind: str
    text: str


def _host(name: str) -> str:
    return f'{name.rstrip(".")}.'


_TEXTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    'TXT': lambda each: each['content'] if each['content'][:1] == '"' else quoted(each['content']),
    'MX': lambda each: f'{int(each["priority"])} {_host(each["content"])}',
    'CNAME': lambda each: _host(each['content']),
    'NS': lambda each: _host(each['content']),
    'SRV': lambda each: _joined('SRV', {**each['data'], 'target': _host(each['data']['target'])}),
    'CAA': lambda each: _joined('CAA', {**each['data'], 'value': quoted(each['data']['value'])}),
    'TLSA': lambda each: _joined('TLSA', each['data']),
}


def _joined(kind: str, data: Mapping[str, Any]) -> str:
    return ' '.join(str(data[name]) for name, _type in _PARTS[kind])


def text_of(each: Mapping[str, Any]) -> str:
    """The value of a record as zone files spell it."""
    made = _TEXTS.get(str(each['type']))
    return str(made(each) if made else each['content'])


def record_of(name: str, kind: str, text: str) -> dict[str, Any]:
    """A record with a value as zone files spell it."""
    record: dict[str, Any] = {'name': name, 'type': kind, 'ttl': TTL}
    if kind in _PROXIED:
        record['proxied'] = False
    if kind in _PARTS:
        fields = _PARTS[kind]
        words = text.split(' ', len(fields) - 1)
        record['data'] = {
            field: made(word.strip('"').rstrip('.') if field in ('value', 'target') else word)
            for (field, made), word in zip(fields, words, strict=True)
        }
        return record
    if kind == 'MX':
        priority, _space, text = text.partition(' ')
        record['priority'] = int(priority)
    return {**record, 'content': text if kind == 'TXT' else text.rstrip('.')}


@dataclass(frozen=True)
class Cloudflare(HostedZone):
    """A zone at Cloudflare, and a token that may read the zone and change its records."""

    url: str = URL

    def _path(self) -> str:
        """The path of the zone's records, by the id of the zone."""
        found = self._hoster.ask('GET', f'/zones?name={self.zone}')
        try:
            ids = [str(each['id']) for each in found['result'] if each['name'] == self.zone]
        except (KeyError, TypeError) as error:
            raise MailError('provider-refused', 'no zones', server=self.server) from error
        if len(ids) != 1 or not ids[0].isalnum():
            raise MailError('provider-refused.zone', self.zone, server=self.server)
        return f'/zones/{ids[0]}/dns_records'

    def _records(self, path: str) -> Iterator[Kept]:
        """All records of the zone."""
        for number in range(1, MOST_PAGES + 1):
            found = self._hoster.ask('GET', f'{path}?page={number}&per_page={PER_PAGE}')
            try:
                page = [_kept(each) for each in found['result']]
                pages = int(found['result_info']['total_pages'])
            except (KeyError, TypeError, ValueError) as error:
                raise MailError('provider-refused', 'no records', server=self.server) from error
            yield from page
            if number >= pages:
                return
        raise MailError('provider-refused', 'a zone without end', server=self.server)

    def read(self, questions: Iterable[Question]) -> dict[Question, tuple[Status, Values]]:
        """The values in the zone."""
        sets: dict[tuple[str, str], list[str]] = {}
        for each in self._records(self._path()):
            sets.setdefault((each.name, each.kind), []).append(each.text)
        return answers(sets, questions)

    def change(self, changes: Iterable[ZoneChange]) -> None:
        """Make all changes, or none."""
        path = self._path()
        kept = list(self._records(path))
        deletes, posts = [], []
        for change in changes:
            doomed = {spelled(change.kind, text) for text in change.removed}
            here = [each for each in kept if (each.name, each.kind) == (change.name, change.kind)]
            gone = [each for each in here if spelled(each.kind, each.text) in doomed]
            there = {spelled(each.kind, each.text) for each in here if each not in gone}
            deletes += [{'id': each.id} for each in gone]
            posts += [record_of(change.name, change.kind, text) for text in change.added
                      if spelled(change.kind, text) not in there]  # fmt: skip
        self._hoster.ask('POST', f'{path}/batch', {'deletes': deletes, 'posts': posts})


def _kept(each: Mapping[str, Any]) -> Kept:
    """A record as the list has it."""
    name, kind = str(each['name']).lower(), str(each['type'])
    return Kept(str(each['id']), name, kind, text_of(each))
