# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory written as files that `files` reads again.

What follows by itself from FreedomBox's users is left out, and so are passwords.
"""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .alias import Alias
from .csv_escape import guarded
from .domain import Domain
from .entry import Entry
from .import_files import COLUMNS, FIELDS
from .mailbox import Mailbox
from .relay import Relay
from .route import RouteRule
from .store import Store

_USUAL = (('enabled', True), ('verify', True), ('mta_sts', 'testing'), ('dmarc', 'none'))
_BY_ITSELF = ('role', 'freedombox')


def _chosen(entries: tuple[Any, ...]) -> list[Any]:
    return [entry for entry in entries if entry.origin not in _BY_ITSELF]


def _plain(entry: Entry) -> dict[str, Any]:
    """The fields of an entry that say more than usual."""
    values: dict[str, Any] = {}
    for name in FIELDS[type(entry)]:
        value = getattr(entry, name)
        if isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, datetime):
            value = value.isoformat()
        if value not in ('', [], None, 0) or value is False:
            values[name] = value
    return {name: value for name, value in values.items() if (name, value) not in _USUAL}


def site(store: Store) -> Mapping[str, list[dict[str, Any]]]:
    """All entries that a person chose."""
    return {
        'domains': [_plain(domain) for domain in store.search(Domain)],
        'mailboxes': [_plain(mailbox) for mailbox in _chosen(store.search(Mailbox))],
        'aliases': [_plain(alias) for alias in _chosen(store.search(Alias))],
        'relays': [_plain(relay) for relay in store.search(Relay)],
        'routes': [_plain(rule) for rule in store.search(RouteRule)],
    }


def to_yaml(store: Store) -> str:
    """All entries that a person chose, as YAML."""
    import yaml

    dumper = getattr(
        yaml, 'CSafeDumper', yaml.SafeDumper
    )  # in C, where it is there: 10 times as fast
    text: str = yaml.dump(dict(site(store)), Dumper=dumper, allow_unicode=True, sort_keys=False)
    return text


def to_csv(store: Store) -> str:
    """The aliases that a person chose, as CSV."""
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS, lineterminator='\n')
    rows.writeheader()
    for alias in _chosen(store.search(Alias)):
        values = {name: ' '.join(value) if isinstance(value, list) else value
                  for name, value in _plain(alias).items()}  # fmt: skip
        values['enabled'] = 'yes' if alias.enabled else 'no'
        rows.writerow({name: guarded(str(value)) for name, value in values.items()})
    return out.getvalue()
