# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of earlier owners of an address, kept until an administrator decides.

NAME
    kept_mail - the mail of an address that changes hands

DESCRIPTION
    An address outlives its owners. So whenever a mailbox is removed, or one is about to be made
    or to get another owner, the mail that lies at its address is set aside by one rename, with
    a note of whose it was. Sessions that are open are ended. A new owner starts with an empty
    mailbox. If the act on the directory fails, the mail is put back. Who is the same person as
    before, known by identity, gets it back at once; for any other an administrator gives or
    deletes it.

    Only mail is given, no sorting scripts: these could send mail of the new owner elsewhere.

DIAGNOSTICS
    mail-missing      there is no kept mail of this address, or with this identifier
    mail-in-use       what is stored there belongs to a mailbox
    copy-failed      Dovecot could not copy everything; what is left stays kept
    The errors of `aside`, unchanged.
"""

import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..config.builtin_copy import merge_command
from ..config.users import MAIL_USER
from ..directory import acts
from ..directory.acts import Taken
from ..directory.address import parse_own
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..system import nofollow
from ..system.json_value import JsonValue
from . import aside, content, dsync, kick

_MAILDIR = 'Maildir'
_REPLACED = 'replaced'
"""Mail that came in while kept mail took its place, until that is added too."""
_MOST_SHOWN = 1000
_SECONDS = 5.0
_DOUBTFUL = ('directory-down', 'directory-failed')
"""Errors after which the directory may have changed all the same."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeptMail(JsonValue):
    """Mail that belongs to no mailbox: how much, whose, and since when.

    `id` is its address as long as it still lies where that address has its mail.
    """

    id: str
    address: str
    since: datetime
    bytes: int
    messages: int
    complete: bool
    owner: str = ''
    taken_by: str = ''
    """The owner of the mailbox with this address: a user, or the address if it stands alone."""


def leave(mailbox: Mailbox, delete: bool = False) -> None:
    """Set the mail of a mailbox that was removed aside, or delete it."""
    id_ = aside.set_aside(mailbox.address, mailbox)
    if id_ and (delete or aside.is_empty(id_)):
        aside.forget(id_)


@contextmanager
def guard(taken: Iterable[Taken]) -> Iterator[None]:
    """Let mailboxes get an owner: mail that lies at their addresses is set aside before.

    Where the directory then takes nothing, it is put back.
    """
    pairs = [(after, before) for after, before in taken if isinstance(after, Mailbox)]
    moved: dict[str, str] = {}
    try:
        for after, before in pairs:
            earlier = before if isinstance(before, Mailbox) else None
            moved[after.address] = aside.set_aside(after.address, earlier)
        yield
    except (MailError, OSError) as error:
        if getattr(error, 'code', '') not in _DOUBTFUL:
            _put_back(moved)
        raise
    _tidy_up(moved, {after.address: after for after, _before in pairs})


def stand_guard() -> None:
    """Have `guard` stand around all acts of this process that give a mailbox an owner."""
    if guard not in acts.guards:
        acts.guards.append(guard)


def _put_back(moved: Mapping[str, str]) -> None:
    for address, id_ in moved.items():
        if id_:
            aside.put_back(id_, address)


def _tidy_up(moved: Mapping[str, str], mailboxes: Mapping[str, Mailbox]) -> None:
    """End sessions that began meanwhile, forget empty mail, return people their own.

    The mailboxes are there already, so what goes wrong here only stays kept.
    """
    try:
        for address, id_ in moved.items():
            if id_:
                kick.end(address)
                if aside.is_empty(id_):
                    aside.forget(id_)
        _return_own(mailboxes)
        aside.note_news()
    except (MailError, OSError) as error:
        logger.warning('Kept mail could not be tidied up: %s', error)


def _return_own(mailboxes: Mapping[str, Mailbox]) -> None:
    """Give people back the mail that was theirs before they lost the address."""
    for id_, note in aside.notes().items() if mailboxes else ():
        owner_id = mailboxes[note.address].owner_id if note.address in mailboxes else ''
        if owner_id and owner_id == note.owner_id:
            _give(id_, note, is_own=True)


def _taken_by(present: Mapping[str, Mailbox], address: str) -> str:
    mailbox = present.get(address)
    return (mailbox.owner or address) if mailbox else ''


def waiting(store: Store) -> tuple[KeptMail, ...]:
    """Mail of earlier owners of addresses in use today, the latest first.

    The overview asks this each time, so nothing else is looked at or counted.
    """
    notes = aside.notes()
    present = store.find_many(Mailbox, {note.address for note in notes.values()}) if notes else {}
    taken = {id_: note for id_, note in notes.items() if _taken_by(present, note.address)}
    return _counted(taken, present, time.monotonic() + _SECONDS)


def _counted(
    notes: Mapping[str, aside.Note], present: Mapping[str, Mailbox], until: float
) -> tuple[KeptMail, ...]:
    """How much was set aside, as far as there is time."""
    return tuple(
        KeptMail(
            id_, note.address, note.since, *content.count(aside.root() / id_, until),
            note.owner, _taken_by(present, note.address),
        )
        for id_, note in list(notes.items())[:_MOST_SHOWN]
    )  # fmt: skip


def kept(store: Store) -> tuple[KeptMail, ...]:
    """Stored mail that belongs to no mailbox, the latest first."""
    notes = aside.notes()
    lying = {f'{path.name}@{path.parent.name}': path for path in content.folders()}
    present = store.find_many(Mailbox, {*lying, *(note.address for note in notes.values())})
    until = time.monotonic() + _SECONDS
    found = _counted(notes, present, until)
    orphans = [(name, path) for name, path in lying.items() if name not in present]
    return (*found, *(
        KeptMail(name, name, content.at(path.lstat().st_mtime), *content.count(path, until))
        for name, path in orphans[:_MOST_SHOWN]
    ))  # fmt: skip


def _meant(text: str) -> dict[str, aside.Note]:
    """The kept mail an identifier or an address stands for, the latest first."""
    if aside.ID.fullmatch(text):
        return {id_: note for id_, note in aside.notes().items() if id_ == text}
    address = str(parse_own(text))
    return {id_: note for id_, note in aside.notes().items() if note.address == address}


def has(address: str) -> bool:
    """Whether there is kept mail of an address."""
    return bool(_meant(address))


def _missing(text: str) -> MailError:
    return MailError('mail-missing', name=text)


def delete_kept(store: Store, text: str) -> str:
    """Delete mail that belongs to no mailbox; return whose address it was."""
    with store.exclusive():
        found = _meant(text)
        for id_ in found:
            aside.forget(id_)
        if aside.ID.fullmatch(text):
            if not found:
                raise _missing(text)
            return found[text].address
        return _delete_lying(store, str(parse_own(text)), bool(found))


def _delete_lying(store: Store, address: str, is_done: bool) -> str:
    """Delete mail that lies at an address without a mailbox, as earlier versions left it."""
    if store.find(Mailbox, address):
        if not is_done:
            raise MailError('mail-in-use', address=address)
    elif content.folder_of(address).is_dir():
        content.delete(address)
    elif not is_done:
        raise _missing(address)
    return address


def give(store: Store, text: str) -> str:
    """Give kept mail to the mailbox that has the address today; return that."""
    with store.exclusive():
        found = _meant(text)
        if not found:
            raise _missing(text)
        address = next(iter(found.values())).address
        mailbox = store.get(Mailbox, address)
        for id_, note in found.items():
            _give(id_, note, bool(note.owner_id) and note.owner_id == mailbox.owner_id)
    return address


def reunite(store: Store, since: float) -> None:
    """Give back mail that was set aside since a moment, when it came before its mailbox.

    So it is while a backup is restored: files come first, then the directory.
    """
    with store.exclusive():
        for id_, note in aside.notes().items():
            if note.aside >= since and store.find(Mailbox, note.address):
                _give(id_, note, is_own=True)


def _give(id_: str, note: aside.Note, is_own: bool) -> None:
    """Put kept mail into a mailbox; only their own comes with sorting scripts."""
    kick.end(note.address)
    if is_own and aside.put_back(id_, note.address):
        return
    home, item = _home(note.address), aside.root() / id_
    if not any(content.messages(home)) and not (item / _REPLACED).is_dir():
        _swap(item, home)
    for name in (aside.MAIL, _REPLACED):
        _merge(id_, name, home, note.address)
    if is_own and not any(os.path.lexists(home / name) for name in dsync.SCRIPTS):
        dsync.move(dsync.SCRIPTS, item / aside.MAIL, home)
    aside.forget(id_)


def _home(address: str) -> Path:
    """The folder of a mailbox, made for Dovecot if need be."""
    folder = content.folder_of(address)
    with nofollow.folder(aside.domain_folder(address)) as domain:
        aside.make(folder.name, domain)
    return folder


def _swap(item: Path, home: Path) -> None:
    """Have kept mail be all of an empty mailbox; mail of this moment is added after."""
    with nofollow.folder(item) as handle:
        aside.make(_REPLACED, handle)
    dsync.move((_MAILDIR,), home, item / _REPLACED)
    dsync.move((_MAILDIR,), item / aside.MAIL, home)


def _merge(id_: str, name: str, home: Path, address: str) -> None:
    """Have Dovecot add messages to a mailbox, as the user all mail belongs to."""
    source = aside.root() / id_ / name
    if not any(content.messages(source)):
        return
    with aside.passable(id_):
        dsync.sync(MAIL_USER, address, merge_command(str(source), str(home)))
