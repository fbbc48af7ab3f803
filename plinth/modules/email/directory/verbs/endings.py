# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for the end of mailboxes and aliases.

DIAGNOSTICS
    mailbox-missing, alias-missing   there is no such entry
    expiry-invalid    the end is past already, or the entry has none that could be changed
    choice-invalid    neither a mailbox nor an alias is meant
    time-invalid      the end is not a date
    entry-changed     another person changed it since it was looked at
"""

import dataclasses
from datetime import datetime

from ...errors import MailError
from ..acts import act
from ..alias import Alias
from ..ending import already, due_warning
from ..entry import now, parse_time
from ..mailbox import Mailbox
from ..store import Store, storing
from .aliases import check_version

KINDS: dict[str, type[Mailbox] | type[Alias]] = {'mailbox': Mailbox, 'alias': Alias}
Ending = Mailbox | Alias


def _check(entry: Ending, end: datetime | None) -> None:
    """Refuse an end that is past, and one of what the app itself decides on."""
    if entry.origin == 'role':
        raise MailError('expiry-invalid.role', address=entry.address)
    if end is not None and end <= now() and end != entry.expires:
        raise MailError('expiry-invalid')


def _with_end(entry: Ending, end: datetime | None, farewell: str) -> Ending:
    """An entry with an end; one that had ended is on again when it gets another end."""
    revives = entry.ended and end != entry.expires
    changed = dataclasses.replace(
        entry,
        expires=end,
        farewell=farewell,
        enabled=entry.enabled or revives,
        warned=entry.warned if end == entry.expires else already(end),
    )
    if isinstance(changed, Mailbox) and revives:
        return dataclasses.replace(changed, closed='')
    return changed


@storing
def set_end(
    store: Store, kind: str, text: str, end: str, farewell: str, version: str = ''
) -> Mailbox | Alias:
    """Choose the end of a mailbox or alias, '' for none, and the text senders get after it."""
    if kind not in KINDS:
        raise MailError('choice-invalid')
    present: Ending = store.get(KINDS[kind], text)
    check_version(present, version)
    moment = parse_time(end)
    _check(present, moment)
    after = _with_end(present, moment, farewell.strip())
    store.change(present, after)
    return after


@act
def end_mailboxes(store: Store, sentence: str) -> tuple[Mailbox, ...]:
    """Switch off the mailboxes whose end has come; logins get the farewell, or a sentence."""
    ended = store.ending(Mailbox, now())
    for mailbox in ended:
        closed = mailbox.closed or mailbox.farewell or sentence
        store.change(mailbox, dataclasses.replace(mailbox, enabled=False, closed=closed))
    return ended


@act
def warn_due(store: Store) -> tuple[tuple[Ending, int], ...]:
    """Entries whose people are to be warned now, with the days before the end; noted as warned."""
    found: list[tuple[Ending, int]] = []
    for kind in KINDS.values():
        for entry in store.having(kind, 'expires'):
            days = due_warning(entry.expires, entry.warned)
            if days and entry.enabled and entry.origin != 'freedombox':
                store.change(entry, dataclasses.replace(entry, warned=days))
                found.append((entry, days))
    return tuple(found)
