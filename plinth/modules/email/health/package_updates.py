# SPDX-License-Identifier: AGPL-3.0-or-later
"""Updates of the mail server's packages, from the log of dpkg.

The log is rotated each month, so the one before is read too.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

LOGS = Path('/var/log/dpkg.log.1'), Path('/var/log/dpkg.log')
_OURS = re.compile(r'(postfix|dovecot|rspamd|redis|slapd|roundcube|freedombox)[a-z0-9.+-]*')
_LINE = re.compile(
    r'(\d{4}-\d\d-\d\d) [\d:]{8} upgrade ([a-z0-9.+-]+):\w+ (\d[\w.+:~-]*) (\d[\w.+:~-]*)'
)
_MOST = 50


@dataclass(frozen=True)
class PackageUpdate:
    """A package that was updated, from one version to another."""

    package: str
    before: str
    after: str


def _read(lines: Iterable[str], first: date, last: date) -> Iterator[PackageUpdate]:
    for line in lines:
        found = _LINE.fullmatch(line.strip())
        if found and _OURS.fullmatch(found[2]) and str(first) <= found[1] <= str(last):
            yield PackageUpdate(found[2], found[3], found[4])


def updates(first: date, last: date, logs: Iterable[Path] = LOGS) -> tuple[PackageUpdate, ...]:
    """The updates of some days, each package once with its first and last version."""
    found: dict[str, PackageUpdate] = {}
    for path in logs:
        with suppress(OSError), path.open(encoding='utf-8', errors='replace') as lines:
            for each in _read(lines, first, last):
                begin = found.get(each.package, each).before
                found[each.package] = PackageUpdate(each.package, begin, each.after)
    return tuple(found[name] for name in sorted(found)[:_MOST])
