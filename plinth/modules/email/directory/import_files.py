# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files people exchange: aliases as CSV, and a whole site as YAML.

CSV has one alias on each line below a line with names of columns: `address` and
`destinations`, and if wanted `enabled`, `owner`, `senders`, `expires`, `note`. Several addresses
in one cell have spaces, commas or semicolons between them. An empty cell leaves what is there
as it is. How rows and cells are found in the text is the business of `table`.

A site in YAML has lists `domains`, `mailboxes` and `aliases` of entries with the names of the
fields below, and `relays` and `routes`. Passwords stand in it only as hashes, in a form OpenLDAP
knows; those of relays are in no file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from ..errors import MailError
from . import table
from .address import parse, parse_domain
from .alias import Alias
from .domain import Domain
from .entry import Entry, parse_time
from .mailbox import Mailbox
from .old_mail import DAYS_ATTRIBUTES, normal_days
from .pattern import catch_all_of
from .quota import normal
from .relay import Relay, parse_host
from .route import RouteRule
from .send_limits import LIMIT_ATTRIBUTES
from .verbs.aliases import normal_destinations
from .verbs.bulk import Wanted

LARGEST = 20_000_000
COLUMNS = ('address', 'destinations', 'enabled', 'owner', 'senders', 'expires', 'note')
_TRUE = {'yes', 'true', '1', 'on'}
_FALSE = {'no', 'false', '0', 'off'}
_SCHEME = re.compile(r'\{(ARGON2|SSHA|CRYPT)\}[!-~]{8,500}')
_CRYPT = re.compile(r'\$[a-z0-9]+\$[!-~]{8,500}')
_BETWEEN = re.compile(r'[\s,;]+')
_LINE = '\n line'  # no name in a file can be this


def _bool(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise MailError('site-invalid.yes-no')
    return text in _TRUE


def _texts(value: Any) -> tuple[str, ...]:
    """Several texts, given as a list, or as one with spaces or the like between."""
    items = value if isinstance(value, list) else _BETWEEN.split(str(value or ''))
    return tuple(str(item) for item in items if item)


def _text(value: Any) -> str:
    return '' if value is None else str(value).strip()


def _number(value: Any) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise MailError('site-invalid.number') from error


def _time(value: Any) -> datetime | None:
    return parse_time(value.isoformat() if isinstance(value, date) else _text(value))


def _addresses(value: Any) -> tuple[str, ...]:
    return tuple(sorted({str(parse(text)) for text in _texts(value)}))


def _destinations(value: Any) -> tuple[str, ...]:
    return normal_destinations(_texts(value))


def _quota(value: Any) -> str:
    return normal(_text(value))


def _days(value: Any) -> str:
    return normal_days(_text(value))


def _host(value: Any) -> str:
    return parse_host(_text(value)) if _text(value) else ''


def _domain(value: Any) -> str:
    return parse_domain(_text(value)) if _text(value) else ''


Reader = Callable[[Any], Any]
FIELDS: Mapping[type[Entry], Mapping[str, Reader]] = {
    Domain: {
        'name': _domain,
        'alias_of': _domain,
        'user_mailboxes': _bool,
        'user_aliases': _number,
        'note': _text,
        'mta_sts': _text,
        'dmarc': _text,
        **dict.fromkeys(LIMIT_ATTRIBUTES, _number),
        'route': _text,
        'forwarding': _bool,
        **dict.fromkeys(('quota', 'total_quota'), _quota),
        **dict.fromkeys(DAYS_ATTRIBUTES, _days),
        'client_host': _domain,
    },
    Mailbox: {
        'address': _text,
        'owner': _text,
        'enabled': _bool,
        'note': _text,
        'forwards': _destinations,
        'closed': _text,
        **dict.fromkeys(LIMIT_ATTRIBUTES, _number),
        'route': _text,
        'forwarding': _bool,
        'quota': _quota,
        **dict.fromkeys(DAYS_ATTRIBUTES, _days),
    },
    Alias: {
        'address': _text,
        'destinations': _destinations,
        'enabled': _bool,
        'owner': _text,
        'senders': _addresses,
        'expires': _time,
        'note': _text,
    },
    Relay: {
        'name': _text,
        'host': _host,
        'port': _number,
        'tls': _text,
        'verify': _bool,
        'login': _text,
        'backups': _text,
        'spf': _text,
        'note': _text,
    },
    RouteRule: {'place': _text, 'route': _text},
}
_LISTS: Mapping[str, type[Entry]] = {
    'domains': Domain, 'mailboxes': Mailbox, 'aliases': Alias, 'relays': Relay, 'routes': RouteRule,
}  # fmt: skip
_EXTRA: Mapping[type[Entry], set[str]] = {Domain: {'catch_all'}, Mailbox: {'password_hash'}}
_NEEDED: Mapping[type[Entry], str] = {Alias: 'destinations', Relay: 'host', RouteRule: 'route'}
"""A field each entry of a kind needs besides its key."""


def parse_hash(text: str) -> str:
    """A hashed password as slapd keeps it, or say that it is none."""
    hashed = text.strip()
    if hashed.startswith('$argon2'):
        hashed = '{ARGON2}' + hashed
    elif _CRYPT.fullmatch(hashed):
        hashed = '{CRYPT}' + hashed
    if hashed and not _SCHEME.fullmatch(hashed):
        raise MailError('site-invalid.hash')
    return hashed


def _wanted(kind: type[Entry], item: Mapping[str, Any], line: int) -> Iterator[Wanted]:
    """Yield the entries one item of a file declares."""
    known = FIELDS[kind]
    if item.get(table.LEFT_OVER):
        raise MailError('site-invalid.cells')
    unknown = sorted(set(item) - set(known) - _EXTRA.get(kind, set()) - {_LINE})
    if unknown:
        raise MailError('site-invalid.unknown-field', field=unknown[0][:40])
    for name in filter(None, (kind.KEY, _NEEDED.get(kind, ''))):
        if not item.get(name):
            raise MailError('site-invalid.missing-field', field=name)
    fields = {name: known[name](value) for name, value in item.items() if name in known}
    kind.normal_key(fields[kind.KEY])
    yield Wanted(kind, fields, line, parse_hash(_text(item.get('password_hash'))))
    if item.get('catch_all'):
        everybody = {
            'address': catch_all_of(fields['name']),
            'destinations': _destinations(item['catch_all']),
        }
        yield Wanted(Alias, everybody, line)


def _collect(
    items: Iterable[tuple[type[Entry], Mapping[str, Any], int]],
) -> tuple[list[Wanted], list[tuple[int, MailError]]]:
    """The entries declared, and errors by line."""
    found: list[Wanted] = []
    wrong: list[tuple[int, MailError]] = []
    for kind, item, line in items:
        try:
            found += _wanted(kind, item, line)
        except MailError as error:
            wrong.append((line, error))
    return found, wrong


Parsed = tuple[list[Wanted], list[tuple[int, MailError]]]


def read_csv(text: str) -> Parsed:
    """The aliases in a CSV file, and errors by line."""
    _check_size(text)
    names, rows = table.read(text)
    if not {'address', 'destinations'} <= names:
        raise MailError('site-invalid.columns')
    return _collect((Alias, row.cells, row.line) for row in rows)


def _check_size(text: str) -> None:
    if len(text) > LARGEST:
        raise MailError('site-invalid.too-large')


def _load_yaml(text: str) -> Any:
    """The content of a YAML file, with the line of each mapping in it."""
    import yaml

    parser = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)  # in C: 10 times as fast

    class Loader(parser):  # type: ignore[misc, valid-type]
        """A loader of plain values that notes lines."""

        def construct_item(self, node: Any) -> Any:
            mapping = self.construct_mapping(node, deep=True)
            return {**mapping, _LINE: node.start_mark.line + 1}

    Loader.add_constructor('tag:yaml.org,2002:map', Loader.construct_item)
    try:
        if any(isinstance(event, yaml.events.AliasEvent) for event in yaml.parse(text, parser)):
            raise MailError('site-invalid.references')
        return yaml.load(text, Loader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MailError('site-invalid.yaml', str(error)[:500]) from error


def read_yaml(text: str) -> Parsed:
    """The entries a YAML file declares, and errors by line."""
    _check_size(text)
    site = _load_yaml(text)
    if not isinstance(site, dict) or not set(site) - {_LINE} <= set(_LISTS):
        raise MailError('site-invalid.lists', lists=', '.join(_LISTS))
    items: list[tuple[type[Entry], Mapping[str, Any], int]] = []
    for name, kind in _LISTS.items():
        for item in site.get(name) or ():
            if not isinstance(item, dict):
                raise MailError('site-invalid.no-fields', list=name, field=kind.KEY)
            items.append((kind, item, item[_LINE]))
    return _collect(items)
