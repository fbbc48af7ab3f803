# SPDX-License-Identifier: AGPL-3.0-or-later
"""When mail last came from another mail server, was last sent to one, and a mail app logged in.

NAME
    traffic - the last times of mail traffic, from the journal

DESCRIPTION
    The journal is read backwards, and only as far as the last reading; what was found is kept
    in a file that the web interface may read, so times outlive the journal's own files. Only for
    a message that was announced before and was all there later it is read further back.

    Lines are hostile: host names, senders and replies of other servers are in them. So entries
    count by what journald itself says of their service, and a line by its whole form. A message
    has come in when the queue manager has it: before, the filter may still refuse it.

DIAGNOSTICS
    OSError    the journal cannot be read, or not in time
"""

import json
import logging
import re
from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from ..config.ways_out import DIRECT_LOG
from ..dns import local_facts
from ..dns.compare import is_outside
from ..errors import MailError
from ..system import files, programs
from .last_times import PATH, Times, at, kept

logger = logging.getLogger(__name__)

LEISURE_SECONDS = 120
SECONDS = 5
"""How long reading may take; a page waits for it."""
OVERLAP = timedelta(minutes=10)
"""Read so much of the last reading again: a message is announced before it is all there."""
_LATE = timedelta(seconds=5)
"""Entries may come into the journal so long after their time."""
_HOLDS = timedelta(minutes=1)
"""A reading that found nothing new is kept after so long, for the next one to begin there."""
_TIMED_OUT = 124
"""The exit status of timeout(1) for a program it ended."""

_ADDRESS = r'[0-9A-Fa-f.:]+'
_ID = r'[0-9A-Za-z]{6,24}'
_CLIENT = re.compile(rf'({_ID}): client=[^\s\[\]=,]+\[({_ADDRESS})\](?::\d+)?')
_ACCEPTED = re.compile(rf'({_ID}): from=<.*>, size=\d+, nrcpt=\d+ \(queue active\)')
_SENT = re.compile(
    rf'{_ID}: to=<(?:"(?:[^"\\]|\\.)*"|[^"<>\s]*)@[^"<>\s]*>, (?:orig_to=<[^<>]*>, )?'
    r'relay=[^\s,]+, (?:conn_use=\d+, )?delay=[\d.]+, delays=[\d./]+, dsn=2\.\d+\.\d+, '
    r'status=sent \(.*\)'
)
_LOGIN = re.compile(
    r'(?:imap|pop3)-login: Logged in: user=<[^<>]*>, method=[A-Z0-9-]+, '
    rf'rip=({_ADDRESS}), lip=({_ADDRESS}), .*'
)
_SENDING = frozenset({'postfix/smtp', DIRECT_LOG})
_WORTH = r'^(\w+: (client|from|to)=|(imap|pop3)-login: Logged in: )'
_MATCHES = (
    '_SYSTEMD_UNIT=postfix.service', '_SYSTEMD_UNIT=postfix@-.service',
    'SYSLOG_IDENTIFIER=postfix/smtpd', 'SYSLOG_IDENTIFIER=postfix/qmgr',
    *(f'SYSLOG_IDENTIFIER={name}' for name in sorted(_SENDING)),
    '+', '_SYSTEMD_UNIT=dovecot.service', 'SYSLOG_IDENTIFIER=dovecot',
)  # fmt: skip
_COMMAND = (
    'journalctl', '--quiet', '--no-pager', '--reverse', '--output=json',
    '--output-fields=MESSAGE,SYSLOG_IDENTIFIER', f'--grep={_WORTH}', '--case-sensitive=yes',
)  # fmt: skip


class JournalReader:
    """Reads entries of the journal, newest first, until all times are known."""

    def __init__(self, own: Collection[str], seen_until: datetime | None = None) -> None:
        self._own = frozenset(own)
        self._seen_until = (seen_until - _LATE).timestamp() if seen_until else 0.0
        self._accepted: set[str] = set()
        self._found: dict[str, datetime] = {}

    @property
    def times(self) -> Times:
        """The times found so far."""
        return Times(**self._found)

    def is_outside(self, address: str) -> bool:
        """Whether an address is neither this box, nor in its network, nor a private one."""
        return is_outside(address, self._own)

    def read(self, entries: Iterable[Mapping[str, Any]]) -> Times:
        """The last times in these entries."""
        for entry in entries:
            text, source = entry.get('MESSAGE'), entry.get('SYSLOG_IDENTIFIER')
            moment = int(entry['__REALTIME_TIMESTAMP']) / 1_000_000
            if 'received' in self._found and moment < self._seen_until:
                break
            kind = self._kind(text, str(source)) if isinstance(text, str) else ''
            if kind and kind not in self._found:
                self._found[kind] = at(moment)
                if len(self._found) == len(self.times.to_json()):
                    break
        return self.times

    def _kind(self, text: str, source: str) -> str:
        """The kind of time an entry tells of, or ''."""
        if source == 'postfix/qmgr' and (found := _ACCEPTED.fullmatch(text)):
            self._accepted.add(found[1])
        elif source == 'postfix/smtpd' and (found := _CLIENT.fullmatch(text)):
            was_accepted = found[1] in self._accepted
            self._accepted.discard(found[1])
            return 'received' if was_accepted and self.is_outside(found[2]) else ''
        elif source in _SENDING and _SENT.fullmatch(text):
            return 'sent'
        elif source == 'dovecot' and (found := _LOGIN.fullmatch(text)):
            # Webmail logs in from this box itself.
            return '' if found[1] == found[2] else 'device'
        return ''


def _journal(since: datetime | None, seconds: int = SECONDS) -> Generator[dict[str, Any]]:
    """Entries of the journal about mail, newest first."""
    limit = [] if since is None else [f'--since=@{since.timestamp():.0f}']
    command = [*_COMMAND, *limit, *_MATCHES]
    with closing(programs.lines(command, seconds, fine=(0, 1))) as lines:  # 1: no such entry
        for line in lines:
            if line.endswith('\n'):  # the last one may have been cut off
                yield json.loads(line)


def look(seconds: int = SECONDS) -> Times:
    """The last times of mail, read on from the last reading and kept.

    When there is too much to read, that nothing came in cannot be said; what was found can.
    """
    now = datetime.now(UTC)
    before, read = kept()
    since = min(read, now) - OVERLAP if read else None
    reader = JournalReader(local_facts.own_addresses(), read)
    with closing(_journal(since, seconds)) as entries:
        try:
            reader.read(entries)
        except TimeoutError:
            if not reader.times.or_earlier(before).received:
                raise
    times = reader.times.or_earlier(before)
    if times != before or read is None or now - read > _HOLDS:
        _keep(times, now)
    return times


def catch_up() -> None:
    """Read the whole journal of a box on which mail has worked for long; no page has the time."""
    try:
        look(LEISURE_SECONDS)
    except (OSError, MailError) as error:
        logger.warning('Cannot read the journal about mail: %s', error)


def _keep(times: Times, read: datetime) -> None:
    """Keep the times for the next reading and for the web interface."""
    files.tell_web(PATH, {**times.to_json(), 'read': read.timestamp()})
