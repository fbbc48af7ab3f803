# SPDX-License-Identifier: AGPL-3.0-or-later
"""Save the mail directory to a file and bring it back.

NAME
    dump - the subtree ou=mail as LDIF (RFC 2849)

DESCRIPTION
    The file is ordinary LDIF, so it can also be read by hand with OpenLDAP's own tools. It
    holds password hashes: it lies in a folder of root, only for as long as a backup or its
    restoration takes.
    What is brought back may come from anywhere, so it is checked as data, entry by entry
    (`directory.tree`), and put in place in one transaction: wholly or not at all. The tree
    of before is on the disk first, and can be brought back the same way.
    People are known by their entries in ou=users, which FreedomBox does not save. Where none
    of those in the file is here, it is of another box, and people are known by their names.
    /etc/aliases is saved as text; Postfix reads the database that is made of it.

DIAGNOSTICS
    dump-failed      the directory could not be read; nothing was written
    load-no-file     there is nothing to load
    aliases-failed   Postfix cannot read /etc/aliases; the directory is loaded
    And what `directory.ldif` and `directory.tree` say of a file; the directory is as it was.
"""

import logging
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ..config.paths import DIRECTORY_DUMP, EARLIER_DUMP
from ..directory import ldif, tree
from ..directory.ldif import LdifRecord
from ..directory.store import Store
from ..directory.suffix import BASE_DN
from ..errors import MailError
from ..mailstore import kept_mail
from ..maintenance import due
from ..rules import placement
from ..system import nofollow, programs

BEFORE = Path(DIRECTORY_DUMP).with_name('before-restore.ldif')
MOST_BYTES = 256 * 1024 * 1024
_COMMAND = ['ldapsearch', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-LLL', '-o', 'ldif_wrap=no']
_NO_SUCH_OBJECT = 32
_SECONDS = 60

DUMP_SECONDS = 600.0
_MEMBERS = frozenset({
    'fbxmailmember', 'fbxmailmemberwrites', 'fbxmailmembersends', 'fbxmailleaving',
    'fbxmailjoining',
})  # fmt: skip
"""Attributes with identities in them."""
logger = logging.getLogger(__name__)


def _read_tree() -> bytes:
    """The whole subtree as LDIF, parents before children; empty when there is none."""
    with programs.failing_as('dump-failed'):
        ran = programs.run([*_COMMAND, '-b', BASE_DN], seconds=DUMP_SECONDS)
    if ran.code == _NO_SUCH_OBJECT:
        return b''
    if ran.code:
        raise MailError('dump-failed', ran.words)
    return ran.output.encode()  # LDIF is ASCII: the rest is base64 (RFC 2849)


def _people() -> dict[str, str]:
    """The identities of the users of this box by their names."""
    with Store() as store:
        return {user.name: user.id for user in store.users()}


def _first(record: LdifRecord, name: str) -> str:
    return next((value.decode(errors='replace') for value in record.values(name)), '')


def at_home(records: Iterable[LdifRecord], people: Mapping[str, str]) -> list[LdifRecord]:
    """Records in which those who have names of people of this box are these people.

    That is so only if they are of another box. On the same one, a person may have the name
    of another who is gone, but owns nothing of theirs.
    """
    found = list(records)
    # The entry for sending of an app password keeps a name of long ago.
    named = [each for each in found if _first(each, 'fbxMailUse') != 'send']
    names = {_first(each, 'fbxMailOwnerId'): _first(each, 'fbxMailOwner') for each in named}
    names.pop('', None)
    if names.keys() & set(people.values()):
        return found
    ids = {id_.encode(): people.get(name, id_).encode() for id_, name in names.items()}
    return [
        replace(each, attributes=tuple(_moved(pair, ids) for pair in each.attributes))
        for each in found
    ]


def _moved(pair: tuple[str, bytes], ids: Mapping[bytes, bytes]) -> tuple[str, bytes]:
    """An attribute with the identity a person has on this box."""
    name, value = pair
    if name.lower() == 'fbxmailownerid':
        return name, ids.get(value, value)
    if name.lower() in _MEMBERS:
        for before, after in ids.items():
            value = value.replace(before, after)
        return name, value
    return pair


def _write(path: Path, content: bytes) -> None:
    """Replace a file at once, readable by root only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, 'wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def dump(path: Path) -> None:
    """Write the mail directory to a file in a folder of root's own."""
    content = _read_tree()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, content)


def saved() -> bytes:
    """The directory a backup brought, from the place of this version or of an earlier one."""
    for path in (DIRECTORY_DUMP, EARLIER_DUMP):
        try:
            return nofollow.read(Path(path), MOST_BYTES, of_root=True)
        except FileNotFoundError:
            continue
    raise MailError('load-no-file', DIRECTORY_DUMP)


def _began() -> float:
    """The moment the file came to this box, before any mail of the same backup."""
    found = [Path(path).stat().st_ctime for path in (DIRECTORY_DUMP, EARLIER_DUMP)
             if Path(path).exists()]  # fmt: skip
    return min(found, default=time.time())


def load(content: bytes) -> tuple[str, ...]:
    """Replace the mail directory by a saved one; return the entries that were left out.

    A backup of a box without a mail directory changes nothing.
    """
    found = tree.check(at_home(ldif.parse(content), _people()))
    if not content.strip():
        return ()
    dump(BEFORE)
    tree.replace(found)
    for each in found.left_out:
        logger.warning('Not restored, for it would not be accepted today: %s', each)
    return found.left_out


def read_system_aliases() -> str:
    """Have Postfix read the /etc/aliases a backup brought; return why it does not."""
    try:
        ran = programs.run(['newaliases'], seconds=_SECONDS)
    except MailError as error:
        return error.detail
    if ran.errors.strip():
        logger.warning('/etc/aliases: %s', ran.words)
    return ran.words if ran.code else ''


def directory_dump() -> None:
    """Write the mail directory where a backup picks it up."""
    dump(Path(DIRECTORY_DUMP))


def directory_load() -> list[str]:
    """Load the mail directory a backup brought; aliases that expired since are off.

    Returns the entries that were left out. The aliases of the system are read again first,
    for also a backup without a directory brings them.
    """
    problem = read_system_aliases()
    since = _began()
    left_out = load(saved())
    with Store() as store:
        kept_mail.reunite(store, since)
    placement.settle()
    directory_forget_dump()
    due.do_all()
    if problem:
        raise MailError('aliases-failed', problem)
    return list(left_out)


def directory_forget_dump() -> None:
    """Remove the file, so that only one a backup brings is loaded."""
    Path(DIRECTORY_DUMP).unlink(missing_ok=True)
    try:
        with nofollow.folder(Path(EARLIER_DUMP).parent) as parent:
            os.unlink(Path(EARLIER_DUMP).name, dir_fd=parent)
    except FileNotFoundError:
        return
