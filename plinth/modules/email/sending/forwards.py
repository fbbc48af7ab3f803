# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forwards that fail: noticed in the journal, stopped after some days, and told to their owner.

NAME
    forwards - the deliveries of forwarded mail, as Postfix logs them

DESCRIPTION
    A delivery is one of a forward if the message was for another address (`orig_to`) than that
    it is delivered to. For each destination that fails, a file of root's holds since when, how
    often, and the other server's last words; a success removes it. A destination fails if it
    refused all mail of FAILING_DAYS days, and FEWEST messages at least on more than one day.
    Mail that waits counts, too. But unless the other server itself returned the last message, the
    fault may be the box's own way out; so any mail must have left the box in that time.

    Lines hold words of other servers, so entries count by what journald says of their service
    and by their whole form.

DIAGNOSTICS
    journal-unreadable   the journal cannot be read, or not in time; nothing is changed
"""

import json
import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from pathlib import Path
from typing import Any

from ..directory.alias import Alias
from ..directory.mailbox import Mailbox
from ..directory.person import Person
from ..directory.store import Store
from ..directory.verbs import own
from ..directory.verbs.forward_rules import Forwarding, stop_failing
from ..errors import MailError
from ..system import files, programs
from ..system.files import File
from ..words import messages as words
from .system_mail import send

STATE = Path('/var/lib/freedombox-email/forwards.json')
FAILING_DAYS = 5
FEWEST = 2
_DAY = 24 * 3600
FORGET = 30 * _DAY
"""A destination that had no mail for so long is forgotten: nothing is known of it any more."""
_SECONDS = 60
_FIRST_TIME = 2 * 3600
_MATCHES = ('_SYSTEMD_UNIT=postfix.service', '_SYSTEMD_UNIT=postfix@-.service')
_COMMAND = (
    'journalctl', '--quiet', '--no-pager', '--output=json', '--grep=orig_to=<.*status=|status=sent',
    '--output-fields=MESSAGE,SYSLOG_IDENTIFIER',
)  # fmt: skip
_AGENT = re.compile(r'postfix/(?:[\w-]+/)?(?:smtp|error)')
_DELIVERY = re.compile(
    r'([0-9A-Za-z]{6,24}): to=<([^<>\s]+@[^<>\s]+)>, (?:orig_to=<([^<>]*)>, )?relay=\S+, '
    r'(?:conn_use=\d+, )?delay=[\d.]+, delays=[\d./]+, dsn=\d\.\d+\.\d+, '
    r'status=(sent|bounced|deferred) \((.*)\)'
)
_OF_SENDER = re.compile(r'\(in reply to (?:MAIL FROM|AUTH|[EH]HLO|STARTTLS) command\)')
"""Refusals of the box or the sender, by a relay for example."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FailingForward:
    """A destination that has refused all mail since a moment."""

    since: float
    last: float
    messages: tuple[str, ...]
    """The queue numbers of the last ones."""
    reply: str
    is_returned: bool = False
    """Whether the other server returned the last one: the fault is there."""

    def is_over(self, now: float, last_sent: float) -> bool:
        """Whether it is to be stopped; `last_sent` is when any mail last left the box."""
        days = FAILING_DAYS * _DAY
        return (
            now - self.since >= days
            and len(self.messages) >= FEWEST
            and self.last - self.since >= _DAY
            and (self.is_returned or last_sent > self.since)
        )


@dataclass(frozen=True)
class OutgoingDelivery:
    """One attempt to deliver a message to another server."""

    moment: float
    message: str
    destination: str
    is_forward: bool
    status: str
    reply: str

    @property
    def is_sent(self) -> bool:
        """Whether the other server took it."""
        return self.status == 'sent'

    @property
    def is_returned(self) -> bool:
        """Whether the other server wants no mail for the recipient."""
        return self.status == 'bounced' and not _OF_SENDER.search(self.reply)


def deliveries(entries: Iterable[Mapping[str, Any]]) -> Iterator[OutgoingDelivery]:
    """Attempts to deliver mail to other servers, of the entries of a journal."""
    for entry in entries:
        text, source = entry.get('MESSAGE'), str(entry.get('SYSLOG_IDENTIFIER'))
        found = _DELIVERY.fullmatch(text) if isinstance(text, str) else None
        if found and _AGENT.fullmatch(source):
            to, orig_to = found[2].lower(), (found[3] or '').lower()
            yield OutgoingDelivery(
                int(entry['__REALTIME_TIMESTAMP']) / 1_000_000,
                found[1], to, orig_to not in ('', to), found[4], found[5],
            )  # fmt: skip


def followed(
    failing: Mapping[str, FailingForward], found: Iterable[OutgoingDelivery], now: float
) -> dict[str, FailingForward]:
    """The destinations that fail, after some more deliveries."""
    after = dict(failing)
    for each in found:
        if each.is_sent:
            after.pop(each.destination, None)
        if each.is_sent or not each.is_forward:
            continue
        known = after.get(each.destination)
        earlier = known or FailingForward(each.moment, each.moment, (), '')
        messages = tuple(dict.fromkeys((*earlier.messages, each.message)))[-FEWEST:]
        after[each.destination] = replace(
            earlier, last=each.moment, messages=messages, reply=each.reply,
            is_returned=each.is_returned,
        )  # fmt: skip
    return {name: each for name, each in after.items() if now - each.last < FORGET}


@dataclass(frozen=True)
class WatchedForwards:
    """The file: what fails, when mail last left, and up to where the journal was read."""

    failing: Mapping[str, FailingForward]
    cursor: str = ''
    last_sent: float = 0.0

    @classmethod
    def read(cls, text: str) -> 'WatchedForwards':
        """The file's contents; nothing where it is missing or damaged."""
        try:
            raw = json.loads(text)
            failing = {
                str(name): FailingForward(
                    float(each['since']), float(each['last']),
                    tuple(map(str, each['messages'])), str(each['reply']),
                    each['is_returned'] is True,
                )
                for name, each in raw['failing'].items()
            }  # fmt: skip
            return cls(failing, str(raw['cursor']), float(raw['last_sent']))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls({})

    def to_text(self) -> str:
        """The file's contents."""
        failing = {name: asdict(each) for name, each in self.failing.items()}
        return json.dumps({'failing': failing, 'cursor': self.cursor, 'last_sent': self.last_sent})


def known() -> WatchedForwards:
    """The present state."""
    return WatchedForwards.read(files.read(str(STATE)).text)


def _journal(cursor: str) -> list[dict[str, Any]]:
    """Entries since a place in the journal; a new box reads some hours."""
    since = f'--after-cursor={cursor}' if cursor else f'--since=-{_FIRST_TIME}s'
    try:
        with closing(programs.lines([*_COMMAND, since, *_MATCHES], _SECONDS, fine=(0, 1))) as lines:
            return [json.loads(line) for line in lines if line.endswith('\n')]
    except OSError as error:
        if cursor:
            return _journal('')  # the place is gone, with the journal's oldest files
        raise MailError('journal-unreadable', str(error)) from error


def follow() -> None:
    """Read on in the journal; stop what has failed for long, and tell the owners."""
    state, now = known(), time.time()
    entries = _journal(state.cursor)
    found = tuple(deliveries(entries))
    failing = followed(state.failing, found, now)
    cursor = str(entries[-1]['__CURSOR']) if entries else state.cursor
    last_sent = max([state.last_sent, *(each.moment for each in found if each.is_sent)])
    over = {name: each for name, each in failing.items() if each.is_over(now, last_sent)}
    for destination, each in over.items():
        _stop(destination, each.reply)
    left = {name: each for name, each in failing.items() if name not in over}
    content = WatchedForwards(left, cursor, last_sent).to_text().encode()
    files.write(str(STATE), File('file', content, 0o600))


def _stop(destination: str, reply: str) -> None:
    """Stop all forwards to a destination, and tell their owners."""
    with Store() as store:
        for stopped in stop_failing(store, destination, reply):
            logger.info('Mail of %s is no longer forwarded to %s.', stopped.address, destination)
            _tell(store, stopped, destination, reply)


def _owner_of(store: Store, stopped: Forwarding) -> str:
    """The address of the owner of a forward; that of the postmaster where there is no other."""
    if isinstance(stopped, Mailbox):
        return stopped.address
    try:
        if stopped.owner_id:
            return own.main_address(store, Person(stopped.owner, stopped.owner_id))
        if stopped.owner:
            return store.get(Mailbox, stopped.owner).address
    except MailError:
        pass  # gone, or switched off
    return f'postmaster@{stopped.domain}'


def message_about(stopped: Forwarding, owner: str, destination: str, reply: str) -> EmailMessage:
    """The message to the owner of a forward that was stopped."""
    is_off = isinstance(stopped, Alias) and not stopped.enabled
    text = words.FORWARD_STOPPED_ALIAS if is_off else words.FORWARD_STOPPED
    domain = owner.rpartition('@')[2]
    message = EmailMessage()
    message['From'] = formataddr(('FreedomBox', f'postmaster@{domain}'))
    message['To'] = owner
    message['Subject'] = words.FORWARD_STOPPED_SUBJECT.format(address=stopped.address)
    message['Date'] = formatdate()
    message['Message-ID'] = make_msgid(domain=domain)
    message['Auto-Submitted'] = 'auto-generated'
    message.set_content(
        text.format(
            address=stopped.address, destination=destination, days=FAILING_DAYS, reply=reply
        )
    )
    return message


def _tell(store: Store, stopped: Forwarding, destination: str, reply: str) -> None:
    """Send the owner of a forward the message that it was stopped."""
    owner = _owner_of(store, stopped)
    try:
        send(message_about(stopped, owner, destination, reply),
             sender=f'postmaster@{owner.rpartition("@")[2]}')  # fmt: skip
    except MailError as error:
        logger.warning('%s was not told of a stopped forward: %s', owner, error.detail)
