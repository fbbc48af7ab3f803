# SPDX-License-Identifier: AGPL-3.0-or-later
"""Save the mail directory to a file and bring it back.

NAME
    backup - the subtree ou=mail as LDIF (RFC 2849)

DESCRIPTION
    The file is ordinary LDIF, so it can also be read and loaded by hand with OpenLDAP's own
    tools. It holds password hashes: only root reads it.
    Loading replaces the whole subtree. What was there before is kept until the new one is in
    place, and is put back if it cannot be.
    People are known by their entries in ou=users, which FreedomBox does not save. Where none
    of those in the file is here, it is of another box, and people are known by their names.

DIAGNOSTICS
    dump-failed      the directory could not be read; nothing was written
    load-failed      the file could not be loaded; the directory is as it was
    load-no-file     there is nothing to load
"""

import os
import pathlib
import re
import subprocess
import tempfile
from collections.abc import Mapping

from freedombox.actions import privileged

from ..directory.store import Store
from ..errors import MailError
from ..manifest import DIRECTORY_DUMP
from . import expiry

BASE = 'ou=mail,dc=thisbox'
_AS_ROOT = ['-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///']
_NO_SUCH_OBJECT = 32
_SECONDS = 120
_OWNER = re.compile('^fbxMailOwner: (.+)$', re.MULTILINE)
_IDENTITY = re.compile('^fbxMailOwnerId: (.+)$', re.MULTILINE)


def _run(command: list[str], given: bytes = b'') -> subprocess.CompletedProcess[bytes]:
    """Run one of OpenLDAP's tools."""
    return subprocess.run(command, input=given, capture_output=True, timeout=_SECONDS)  # noqa: PLW1510


def _read_tree() -> bytes:
    """Return the whole subtree as LDIF, parents before children; empty when there is none."""
    done = _run(['ldapsearch', *_AS_ROOT, '-LLL', '-o', 'ldif_wrap=no', '-b', BASE])
    if done.returncode == _NO_SUCH_OBJECT:
        return b''
    if done.returncode:
        raise MailError(
            'dump-failed',
            'The mail directory could not be saved, because it does not answer.',
            done.stderr.decode(errors='replace'),
        )
    return done.stdout


def _remove_tree() -> None:
    """Remove the subtree; no subtree is fine too."""
    done = _run(['ldapdelete', *_AS_ROOT, '-r', BASE])
    if done.returncode not in (0, _NO_SUCH_OBJECT):
        raise MailError(
            'load-failed',
            'The mail directory could not be replaced. It is as it was.',
            done.stderr.decode(errors='replace'),
        )


def _add_tree(tree: bytes) -> subprocess.CompletedProcess[bytes]:
    """Add all entries of a dump."""
    return _run(['ldapadd', *_AS_ROOT], tree)


def _people() -> dict[str, str]:
    """Return the identities of the users of this box by their names."""
    with Store() as store:
        return {user.name: user.id for user in store.users()}


def at_home(tree: bytes, people: Mapping[str, str]) -> bytes:
    """Return a tree in which those who have names of people of this box are these people.

    That is so only if the tree is of another box. On the same one, somebody may have the name
    of another who is gone, but not what was his.
    """
    names: dict[str, str] = {}
    for entry in tree.decode().split('\n\n'):
        owner, identity = _OWNER.search(entry), _IDENTITY.search(entry)
        if owner and identity and not entry.startswith('dn: fbxMailUse='):
            names[identity[1]] = owner[1]
    if not names.keys() & set(people.values()):
        for identity_, name in names.items():
            tree = tree.replace(identity_.encode(), people.get(name, identity_).encode())
    return tree


def _write(path: pathlib.Path, content: bytes) -> None:
    """Replace a file at once, readable by root only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, 'wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        pathlib.Path(name).rename(path)
    except BaseException:
        pathlib.Path(name).unlink(missing_ok=True)
        raise


def dump(path: pathlib.Path) -> None:
    """Write the mail directory to a file."""
    tree = _read_tree()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, tree)


def load(path: pathlib.Path) -> None:
    """Replace the mail directory by the one in a file."""
    if not path.exists():
        raise MailError('load-no-file', 'The backup holds no mail directory.', str(path))
    before = _read_tree()
    tree = at_home(path.read_bytes(), _people())
    _remove_tree()
    added = _add_tree(tree)
    if added.returncode:
        _remove_tree()
        _add_tree(before)
        raise MailError(
            'load-failed',
            'The mail directory of the backup could not be loaded. It is as it was.',
            added.stderr.decode(errors='replace'),
        )


@privileged
def directory_dump() -> None:
    """Write the mail directory where a backup picks it up."""
    dump(pathlib.Path(DIRECTORY_DUMP))


@privileged
def directory_load() -> None:
    """Bring the mail directory back from where a backup put it, without what ended since."""
    load(pathlib.Path(DIRECTORY_DUMP))
    expiry.expire()


@privileged
def directory_forget_dump() -> None:
    """Remove the file, so that only one a backup brings is loaded."""
    pathlib.Path(DIRECTORY_DUMP).unlink(missing_ok=True)
