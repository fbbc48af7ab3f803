# SPDX-License-Identifier: AGPL-3.0-or-later
"""Destinations that the direct way does not reach, remembered for a while.

Where a relay stands in for the direct way, each message tries that first, which may take half a
minute. After `TRIES` failures in a row for a destination its mail goes to the relay at once, for
`PAUSE`; then the direct way has its chance again. Postfix gets the destinations as a
filter of DNS (`smtp_dns_reply_filter`) of just those services: without their records it goes on to
the relay, so the ways of other senders stay as they are.

What happened is read in the journal, in Postfix's own lines about a delivery; a line counts by its
whole beginning, since at its end are words of other servers.

DIAGNOSTICS
    OSError, TimeoutError   the journal cannot be read, or not in time
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..config.ways_out import DIRECT_LOG, SKIPPED
from ..directory.address import parse_domain
from ..errors import MailError
from ..system import files, programs
from ..system.json_value import JsonValue

TRIES = 3
PAUSE = timedelta(days=7)
MOST = 1000
PATH = Path('/var/lib/freedombox-email/direct-failures.json')
_CURSOR = PATH.with_suffix('.cursor')
_SECONDS = 10
_DELIVERY = re.compile(
    r'[0-9A-Za-z]{6,24}: to=<(?:"(?:[^"\\]|\\.)*"|[^"<>\s]*)@([^"<>\s@]+)>, (?:orig_to=<[^<>]*>, )?'
    r'relay=([^\s,\[]+)(?:\[[^\]\s]*\])?(?::\d+)?, .*?status=(sent|deferred|bounced) '
)


@dataclass(frozen=True)
class DirectFailure(JsonValue):
    """A destination, its failures in a row, and until when its mail goes to the relay at once."""

    domain: str
    count: int
    until: datetime | None = None

    def failed(self, now: datetime) -> 'DirectFailure':
        """The same after one more failure."""
        count = self.count + 1
        return DirectFailure(self.domain, count, now + PAUSE if count >= TRIES else None)


@dataclass(frozen=True)
class DirectFailures(JsonValue):
    """All destinations with a failure."""

    found: tuple[DirectFailure, ...] = ()

    def skipped(self) -> tuple[DirectFailure, ...]:
        """Those whose mail goes to the relay at once."""
        return tuple(each for each in self.found if each.until)


def kept(path: Path = PATH) -> DirectFailures:
    """The destinations of the last look."""
    try:
        return DirectFailures.from_json(json.loads(path.read_text(encoding='utf-8')))
    except (OSError, ValueError):
        return DirectFailures()


def outcomes(lines: Iterable[str], relays: Collection[str]) -> Iterator[tuple[str, bool]]:
    """Yield destinations and whether the direct way worked; `relays` are hosts."""
    for line in lines:
        found = _DELIVERY.match(line)
        if found is None:
            continue
        try:
            domain = parse_domain(found[1])
        except MailError:
            continue
        host, status = found[2], found[3]
        is_direct = host not in relays and host != 'none'
        yield domain, is_direct and status != 'deferred'


def after(
    before: DirectFailures, seen: Iterable[tuple[str, bool]], relays: Collection[str], now: datetime
) -> DirectFailures:
    """The destinations after some outcomes; a pause that is over is forgotten."""
    known = {each.domain: each for each in before.found if each.until is None or each.until > now}
    for domain, worked in seen:
        present = known.pop(domain, DirectFailure(domain, 0))
        if present.until:
            known[domain] = present
        elif not worked and domain not in relays:
            known[domain] = present.failed(now)
    return DirectFailures(tuple(known.values())[-MOST:])


def table(failures: DirectFailures) -> str:
    """The filter of DNS without the records of these destinations."""
    names = sorted(re.escape(each.domain) for each in failures.skipped())
    return ''.join(f'/^{name}\\.? +[0-9]+ +IN +(MX|A|AAAA) / IGNORE\n' for name in names)


def _journal() -> Iterator[str]:
    """Lines about deliveries on the direct way since the last look."""
    command = (
        'journalctl', '--quiet', '--no-pager', '--output=json', '--output-fields=MESSAGE',
        f'--cursor-file={_CURSOR}', '_SYSTEMD_UNIT=postfix.service',
        f'SYSLOG_IDENTIFIER={DIRECT_LOG}',
    )  # fmt: skip
    with closing(programs.lines(command, _SECONDS, fine=(0, 1))) as lines:
        for line in lines:
            entry: Mapping[str, object] = json.loads(line) if line.endswith('\n') else {}
            yield str(entry.get('MESSAGE', ''))


def write_table(failures: DirectFailures) -> bool:
    """Have the filter be there and right; whether it was not."""
    path = Path(SKIPPED)
    wanted = files.File('file', table(failures).encode(), 0o644)
    if files.read(str(path)).digest == wanted.digest:
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write(str(path), wanted)
    return True


def watch(relays: Collection[str]) -> None:
    """Look at what happened since the last time; `relays` are their hosts."""
    seen = list(outcomes(_journal(), relays))
    failures = after(kept(), seen, relays, datetime.now(UTC))
    files.tell_web(PATH, failures.to_json())
    if write_table(failures):
        programs.run(['postfix', 'reload'])
