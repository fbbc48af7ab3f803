# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports of other mail servers on the box's domain, as if they had come for weeks."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from . import container
from .settings import BOX, DOMAINS

FOLDER = '/var/lib/freedombox-email-reports'
_DOMAIN = DOMAINS[0]
_RECEIVERS = ('google.com', 'mail.ru', 'outside.test')


def _line(kind: str, day: int, sender: str, **values: Any) -> dict[str, Any]:
    """A line of the box's store, for a day so long ago."""
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0) - timedelta(days=day)
    return {
        'kind': kind,
        'sender': sender,
        'domain': _DOMAIN,
        'organisation': sender,
        'id': f'{sender}-{kind}-{day}',
        'begin': int(begin.timestamp()),
        'end': int(begin.timestamp()) + 86399,
        **values,
    }


def _lines(days: int, forged: int) -> Iterator[dict[str, Any]]:
    """Yield the lines of so many days, with forgeries of so many addresses."""
    for day in range(1, days + 1):
        for place, sender in enumerate(_RECEIVERS):
            rows = [[BOX.ip, 3 + (day * 7 + place * 5) % 17, True, True, True, 'none']]
            if day % 3 == place:
                strangers = range(forged)
                rows += [[f'192.0.2.{66 + n}', 1 + (day + n) % 4, False, False, False, 'none']
                         for n in strangers]  # fmt: skip
                rows.append(['2001:db8:51::25', 2, False, True, True, 'none'])
            yield _line('dmarc', day, sender, policy='none', rows=rows)
        yield _line('tls', day, 'google.com', works={'sts': 4 + day % 5}, fails={}, failures=[])


def clear() -> None:
    """Take all reports away, and the policies chosen because of them."""
    container.execute(BOX, ['find', FOLDER, '-mindepth', '1', '-delete'])
    container.execute(BOX, ['freedombox-email', 'domain', 'change', _DOMAIN, '--dmarc', 'none'])


def fill(days: int = 24, forged: int = 3) -> None:
    """Put reports where the box keeps those it has read."""
    clear()
    months: dict[str, list[str]] = {}
    for line in _lines(days, forged):
        month = f'{datetime.fromtimestamp(line["begin"], UTC):%Y-%m}'
        months.setdefault(month, []).append(json.dumps(line) + '\n')
    aside = [{'kind': 'aside', 'code': code, 'day': f'{datetime.now(UTC):%Y-%m-%d}'}
             for code in ('report-bomb', 'report-unproven', 'report-unproven')]  # fmt: skip
    months[f'{datetime.now(UTC):%Y-%m}-aside'] = [json.dumps(line) + '\n' for line in aside]
    folder = f'{FOLDER}/{_DOMAIN}'
    container.execute(BOX, ['mkdir', '-p', folder])
    for month, lines in months.items():
        container.execute(BOX, ['tee', f'{folder}/{month}.jsonl'], stdin=''.join(lines))
    container.execute(BOX, ['chown', '-R', 'fbx-mail-reports:plinth', folder])
