# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rights of members in shared mailboxes, where Dovecot reads them.

NAME
    rights - /var/lib/freedombox-email/shared/rights and listed, written by root alone

DESCRIPTION
    Both files follow from the directory: `rights` has the rights of each member (an access control
    list of Dovecot, RFC 4314), `listed` the mailboxes to list for each (acl_sharing_map). They are
    written after each act that changes a shared mailbox, by whichever verb, and when the app
    is set up. Members whose rights changed have their sessions ended, so that no open session goes
    on with rights of before, and mail apps look again; who joins has the folders subscribed.

    A mailbox that is off, or to which logins are refused, is open to no member either.

DIAGNOSTICS
    rights-failed   the files could not be written; rights of before may still count
"""

import grp
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..config.mailbox_room import DELETED
from ..config.sharing import FOLDER, LISTED, RIGHTS
from ..config.users import MAIL_USER
from ..directory import acts
from ..directory.acts import Acting, PendingEntries
from ..directory.mailbox import Mailbox
from ..directory.member import Member
from ..directory.store import Store
from ..errors import MailError
from ..system import files, programs
from . import kick

LOCK = Path('/run/freedombox-email-rights.lock')
READS, WRITES = 'lr', 'lrwstipek'
"""Letters of RFC 4314: list and read; and write, seen, delete, insert, post, expunge, create."""
READ_ONLY = f'{DELETED}* owner r'
"""The line that lets owners read deleted mail and no more; Dovecot needs this right itself."""
FOLDERS = ('INBOX', 'Drafts', 'Sent', 'Archive', 'Trash', 'Junk')
_GROUP = 'group='
_SECONDS = 30.0
_EXISTS = 65
"""The exit status of doveadm when a folder to be made is there (EX_DATAERR)."""

Grant = tuple[str, str]
"""The address of a shared mailbox, and the identity of a member."""

logger = logging.getLogger(__name__)


def _open(mailboxes: Iterable[Mailbox]) -> Iterator[tuple[Mailbox, Member]]:
    """The members of shared mailboxes that are open to them."""
    for mailbox in mailboxes:
        if mailbox.enabled and not mailbox.closed:
            for member in mailbox.member_rights:
                yield mailbox, member


def rights_text(mailboxes: Iterable[Mailbox]) -> str:
    """Dovecot's list of rights, one for the mailbox itself and one for all folders in it.

    Mail apps change nothing among deleted mail, where they could keep mail past all quotas.
    """
    lines = ['# Written by freedombox-email from the mail directory.\n', f'{READ_ONLY}\n']
    for mailbox, member in _open(mailboxes):
        letters = WRITES if member.writes else READS
        for name in (f'{FOLDER}/{mailbox.address}', f'{FOLDER}/{mailbox.address}/*'):
            lines.append(f'{name} {_GROUP}{member.id} {letters}\n')
    return ''.join(lines)


def listed_text(mailboxes: Iterable[Mailbox]) -> str:
    """Dovecot's file of shared mailboxes for each member: a line with a key, one with a value."""
    return ''.join(
        f'shared/shared-boxes/group/{member.id}/{mailbox.address}\n1\n'
        for mailbox, member in _open(mailboxes)
    )


def granted(text: str) -> dict[Grant, str]:
    """The rights in a list as `rights_text` writes it."""
    found: dict[Grant, str] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(f' {_GROUP}')
        if rest and name.startswith(f'{FOLDER}/') and not name.endswith('/*'):
            id_, _, letters = rest.partition(' ')
            found[name.removeprefix(f'{FOLDER}/'), id_] = letters
    return found


def _put(path: str, text: str) -> None:
    """Write one of the files for root, to be read by Dovecot's user."""
    group = grp.getgrnam(MAIL_USER).gr_gid
    files.write(path, files.File('file', text.encode(), 0o640, 0, group))


def settle(store: Store) -> None:
    """Let Dovecot know the rights the directory has now, and let sessions and folders follow."""
    try:
        with files.locked(LOCK, _SECONDS):
            mailboxes = store.having(Mailbox, 'members')
            before = granted(files.read(RIGHTS).content.decode())
            now = granted(text := rights_text(mailboxes))
            present = files.read(RIGHTS).content
            if present == text.encode() and files.read(LISTED).kind == 'file':
                return
            _put(LISTED, listed_text(mailboxes))
            _put(RIGHTS, text)
    except (OSError, KeyError, MailError) as error:
        raise MailError('rights-failed', str(error)) from error
    _follow(store, before, now)


def _follow(store: Store, before: dict[Grant, str], now: dict[Grant, str]) -> None:
    """End the sessions of members whose rights changed; show the folders to those who join."""
    for address in sorted({address for address, _id in now.keys() - before.keys()}):
        _make_folders(address)
    every = sorted(before.keys() | now.keys())
    for grant in (each for each in every if before.get(each) != now.get(each)):
        for login in logins_of(store, grant[1]):
            kick.end(login)
        if grant not in before:
            _show(store, *grant)


def logins_of(store: Store, id_: str) -> tuple[str, ...]:
    """The mailboxes in use of a member."""
    where = {'address': id_} if '@' in id_ else {'owner_id': id_}
    return tuple(each.address for each in store.search(Mailbox, where=where) if each.enabled)


def _make_folders(address: str) -> None:
    """Make the usual folders of a shared mailbox, which its members cannot have made for them."""
    _doveadm('mailbox', 'create', '-u', address, *FOLDERS, fine=(0, _EXISTS))


def _folders(login: str, address: str) -> list[str]:
    """The folders of a shared mailbox by the names a member sees."""
    root = f'{FOLDER}/{address}'
    return _doveadm('mailbox', 'list', '-u', login, root, f'{root}/*').splitlines()


def _show(store: Store, address: str, id_: str) -> None:
    """Have mail apps of a new member show the folders of a shared mailbox."""
    for login in logins_of(store, id_):
        if names := _folders(login, address):
            _doveadm('mailbox', 'subscribe', '-u', login, *names)


def _doveadm(*words: str, fine: tuple[int, ...] = (0,)) -> str:
    """Run doveadm, whose failure is for the log: rights do not depend on it."""
    try:
        ran = programs.run(['doveadm', *words], seconds=_SECONDS)
    except MailError as error:
        logger.warning('Folders of a shared mailbox: %s', error.detail)
        return ''
    if ran.code not in fine:
        logger.warning('Folders of a shared mailbox: %s', ran.words)
    return ran.output


@contextmanager
def follow(store: Acting, pending: PendingEntries) -> Iterator[None]:
    """Have Dovecot know the rights as they are after a transaction that changes a mailbox."""
    assert isinstance(store, Store)  # noqa: S101
    yield
    if pending.of(Mailbox):
        settle(store)


def stand_by() -> None:
    """Have the rights follow all acts of this process."""
    if follow not in acts.followers:
        acts.followers.append(follow)
