# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Sieve scripts of mailboxes, where Dovecot reads them.

NAME
    placement - /var/lib/freedombox-email/rules/mailboxes/DOMAIN/LOCAL/NAME.sieve, compiled

DESCRIPTION
    The rules are in the directory; these files follow. They are root's, and vmail may read them.
    A change is compiled before slapd makes it, and takes its place right after, by renames: a rule
    Dovecot would not take is refused as a whole. Dovecot wants a compiled script to be newer than
    its text and to name its path, so it is compiled in a view in which it has that path.
    `settle` makes all files as the directory wants them, after a restore for example.

DIAGNOSTICS
    sieve-failed    sievec takes no such script; nothing was changed
"""

import grp
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ..config.sieve_order import RULES
from ..config.users import MAIL_USER
from ..directory import acts
from ..directory.acts import Acting, PendingEntries
from ..directory.alias import Alias
from ..directory.common_filters import PLACES
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.settings import Settings
from ..directory.store import Store
from ..errors import MailError
from ..system import files
from ..transaction import sandbox
from . import managed_copy
from .label_script import LABELS
from .own_addresses import NO_ADDRESSES, addresses_of
from .personal_script import script
from .quarantine_script import quarantine_script

SIEVEC = '/usr/bin/sievec'
MAILBOXES, HOUSE = Path(RULES, 'mailboxes'), Path(RULES, 'house')
_EARLIER = 5.0
Scripts = Mapping[str, str]
"""Scripts by the stem of their file; '' for one that is not to be there."""

logger = logging.getLogger(__name__)


def folder_of(address: str) -> Path:
    """The folder of the scripts of a mailbox; its address is in its normal form."""
    local, _at, domain = address.rpartition('@')
    return MAILBOXES / domain / local


def scripts_of(store: Store, mailbox: Mailbox) -> Scripts:
    """The scripts a mailbox is to have."""
    vacation = mailbox.vacation
    addresses = addresses_of(store, mailbox) if vacation and vacation.enabled else NO_ADDRESSES
    return {
        'rules': script(vacation, mailbox.filters, addresses, 'rule'),
        'labels': LABELS if mailbox.label_folders else '',
        'quarantine': quarantine_script(mailbox.quarantine),
    }


def copy_of(store: Store, mailbox: Mailbox) -> str:
    """The rules as mail apps see them: they need no lines for the log, and may not know them."""
    vacation = mailbox.vacation
    addresses = addresses_of(store, mailbox) if vacation and vacation.enabled else NO_ADDRESSES
    return script(vacation, mailbox.filters, addresses)


def house_scripts(settings: Settings) -> Scripts:
    """The scripts of all mailboxes."""
    rules = settings.common_filters
    common: dict[str, str] = {
        place: script(None, rules.at(place), logged='common') for place in PLACES
    }
    usual = 'on' if settings.quarantine == 'on' else ''
    return {**common, 'quarantine': quarantine_script(usual)}


def _is_placed(folder: Path, scripts: Scripts) -> bool:
    """Whether a folder has these scripts, compiled by the present Dovecot."""
    return all(_is_one_placed(folder / f'{name}.sieve', text) for name, text in scripts.items())


def _is_one_placed(path: Path, text: str) -> bool:
    try:
        binary = path.with_suffix('.svbin').stat() if text else None
        if path.read_bytes() != text.encode() or binary is None:
            return False
    except FileNotFoundError:
        return not text and not path.exists()
    return binary.st_mtime > path.stat().st_mtime and binary.st_mtime > Path(SIEVEC).stat().st_ctime


def _write(path: Path, text: str, group: int) -> None:
    """Write a script that seems older than what it is compiled into."""
    path.write_text(text, encoding='utf-8', newline='')
    _give(path, group)
    earlier = time.time() - _EARLIER
    os.utime(path, (earlier, earlier))


def _give(path: Path, group: int) -> None:
    """Let Dovecot's user read a file, and have it on the disk."""
    os.chown(path, 0, group)
    path.chmod(0o640)
    with path.open('rb') as stream:
        os.fsync(stream.fileno())


def _compile(stage: Path, folder: Path, name: str, group: int) -> None:
    """Compile a script of the stage as if it was in its folder already."""
    path = folder / f'{name}.sieve'
    ran = sandbox.run(sandbox.showing([(str(stage), str(folder))], (SIEVEC, str(path))))
    if ran.code:
        raise MailError('sieve-failed.rules', ran.words)
    _give(stage / f'{name}.svbin', group)


def _install(stage: Path, folder: Path, scripts: Scripts) -> None:
    """Put scripts in the place of those in use, and remove those that are not to be there."""
    for name, text in scripts.items():
        for suffix in ('.svbin', '.sieve') if text else ('.sieve', '.svbin'):
            path = folder / f'{name}{suffix}'
            if text:
                (stage / path.name).replace(path)
            else:
                path.unlink(missing_ok=True)
    files.sync_folder(folder)
    if not any(scripts.values()) and folder != HOUSE:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def replacing(folder: Path, scripts: Scripts) -> Iterator[None]:
    """Scripts of a folder that take their place once what is done meanwhile has succeeded."""
    if _is_placed(folder, scripts):
        yield
        return
    group = grp.getgrnam(MAIL_USER).gr_gid
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='.new-', dir=RULES) as name:
        stage = Path(name)
        stage.chmod(0o755)
        for each, text in scripts.items():
            if text:
                _write(stage / f'{each}.sieve', text, group)
                _compile(stage, folder, each, group)
        yield
        try:
            _install(stage, folder, scripts)
        except OSError as error:  # the directory has changed: `settle` makes up for it
            logger.warning('Rules could not be put into %s: %s', folder, error)


def _forget(address: str) -> None:
    """Remove the scripts of a mailbox that is gone."""
    shutil.rmtree(folder_of(address), ignore_errors=True)


def _has_any(mailbox: Mailbox) -> bool:
    own = (mailbox.away, mailbox.sorting, mailbox.label_folders, mailbox.quarantine)
    return any(own)


@contextmanager
def _placing(store: Store, mailbox: Mailbox) -> Iterator[None]:
    """The scripts of a mailbox that take their place, and then the copy mail apps see."""
    scripts = scripts_of(store, mailbox)
    with replacing(folder_of(mailbox.address), scripts):
        yield
    if mailbox.enabled:
        managed_copy.follow(mailbox.address, copy_of(store, mailbox))


@contextmanager
def follow(store: Acting, pending: PendingEntries) -> Iterator[None]:
    """Have the scripts of the mailboxes a transaction changes follow its end."""
    assert isinstance(store, Store)  # noqa: S101
    mailboxes = pending.of(Mailbox)
    with ExitStack() as stack:
        if pending.settings:
            stack.enter_context(replacing(HOUSE, house_scripts(pending.settings)))
        for address, mailbox in mailboxes.items():
            if mailbox and (_has_any(mailbox) or folder_of(address).exists()):
                stack.enter_context(_placing(store, mailbox))
        yield
    for address, mailbox in mailboxes.items():
        if mailbox is None:
            _forget(address)
    if pending.of(Alias) or pending.of(Domain):
        _follow_addresses(store)


def stand_by() -> None:
    """Have the scripts follow all acts of this process."""
    if follow not in acts.followers:
        acts.followers.append(follow)


def _follow_addresses(store: Store) -> None:
    """Have automatic replies know addresses that were added or removed."""
    _settle_all(store, store.having(Mailbox, 'away'))


def _settle_all(store: Store, mailboxes: Iterable[Mailbox]) -> None:
    """Make the scripts of mailboxes as wanted; what fails for one is said, and is no other's."""
    for mailbox in mailboxes:
        try:
            with _placing(store, mailbox):
                pass
        except (MailError, OSError) as error:
            logger.warning('The rules of %s could not be placed: %s', mailbox.address, error)


def _present() -> Iterator[str]:
    """Yield the addresses that have a folder of scripts."""
    for folder in MAILBOXES.glob('*/*'):
        yield f'{folder.name}@{folder.parent.name}'


def settle() -> None:
    """Make all files as the directory wants them."""
    with Store() as store, store.exclusive():
        with replacing(HOUSE, house_scripts(store.settings())):
            pass
        mailboxes = {each.address: each for each in store.search(Mailbox)}
        present = set(_present())
        for address in present - mailboxes.keys():
            _forget(address)
        wanted = (each for each in mailboxes.values() if _has_any(each) or each.address in present)
        _settle_all(store, wanted)
