# SPDX-License-Identifier: AGPL-3.0-or-later
"""Carry mail and addresses of FreedomBox's built-in app over into ours.

NAME
    copy - copy what the built-in app holds; its own data is only read

DESCRIPTION
    Each user's mail is copied twice into a folder beside the mailboxes. The first time all
    of it, with mail going on as usual: that may take hours. The second time with mail
    stopped, which copies what has changed since and takes moments. Then the copy becomes
    the user's mailbox by one rename, or is merged into one that is there. Whenever this is
    cut short, doing it again goes on from there, and no message is doubled: each is known
    by its GUID. Who was served already is noted until all is done.
    Dovecot reads the built-in app's mail as the user that app runs as, and writes a mailbox
    as ours, so neither can reach what the other may not.

DIAGNOSTICS
    copy-no-room      the copy does not fit; nothing was changed
    builtin-missing      there is no mail of this user, or no mailbox for it
    copy-failed       Dovecot could not copy everything; the detail has its words
    copy-slow         it took too long and was ended; it goes on from there when done again
    builtin-not-due      there is no earlier app to take over from; nothing was changed
    path-not-plain     a link stands where a folder of mail should be; nothing was changed

    Folders below /var/vmail belong to a user that could put links there at any moment: what
    root itself does in them it does by descriptor (`nofollow`).
"""

import os
import pwd
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...config.builtin_copy import copy_command, merge_command
from ...config.users import MAIL_HOME, MAIL_USER
from ...directory.entry import check_user_name
from ...directory.mailbox import Mailbox
from ...directory.store import Store
from ...errors import MailError, Reason
from ...mailstore import dsync
from ...system import nofollow, programs
from ...system.json_value import JsonValue
from ...transaction import history
from . import addresses, survey
from .displace import OUR_CONFIGURATION, check_due

FORMER_USER = 'mail'
MAIL_ROOT = Path(MAIL_HOME)
STAGING = MAIL_ROOT / '.carry'
DONE = history.FOLDER.with_name('carried')
SPARE_MB = 100

_PROGRAM_SECONDS = 600
COPY_SECONDS = 24 * 3600
"""How long copying one user's mail may take while mail goes on."""


@dataclass(frozen=True)
class BuiltinSurvey(JsonValue):
    """The built-in app's mail: users whose mail is to be copied, names of no user, and domain."""

    users: tuple[str, ...]
    strangers: tuple[str, ...]
    primary: str


@dataclass(frozen=True)
class MovedAddresses(JsonValue):
    """Numbers of aliases that are here now and of domains that share them, and what is not."""

    aliases: int
    domains: int
    problems: tuple[Reason, ...] = ()


def builtin_survey() -> BuiltinSurvey:
    """A survey of the built-in app's mail; MailError where a copy lacks room."""
    check_due()
    with Store() as store:
        users = {user.name.lower(): user.name for user in store.users()}
    homes = survey.homes()
    due = [home for home in homes if home.name in users and not _is_done(home)]
    _check_room(due)
    strangers = [home.name for home in homes if home.name not in users and survey.size(home)[1]]
    return BuiltinSurvey(
        tuple(users[home.name] for home in due), tuple(strangers), survey.primary_domain()
    )


def _is_done(home: Path) -> bool:
    """Whether this mail was carried over and none can have come since."""
    return OUR_CONFIGURATION.exists() and (DONE / home.name).exists()


def _check_room(homes: list[Path]) -> None:
    """Refuse to begin a copy that does not fit; mail that was copied before counts."""
    room = os.statvfs(MAIL_ROOT)
    wanted, files = SPARE_MB * 1_000_000, 0
    for home in homes:
        need, have = survey.size(home), survey.size(STAGING / home.name)
        wanted += max(0, need[0] - have[0])
        files += max(0, need[1] - have[1])
    missing = wanted - room.f_bavail * room.f_frsize
    if missing > 0 or (room.f_files and files > room.f_favail):
        raise MailError(
            'copy-no-room',
            f'{MAIL_ROOT}: {wanted} bytes in {files} files are wanted.',
            megabytes=max(1, missing // 1000000),
        )


def builtin_copy(user: str) -> None:
    """Copy a user's mail as it is now, beside the mailboxes."""
    check_due()
    _copy(_home(user), user, COPY_SECONDS)


def builtin_place(user: str) -> None:
    """Copy the changes since, and make the copy the user's mailbox."""
    check_due()
    place(user, dsync.SECONDS)


def place(user: str, seconds: float = COPY_SECONDS) -> None:
    """The same as `builtin_place`, at any time root itself wants it."""
    source = _home(user)
    failure = None
    try:
        _copy(source, user, seconds)
    except MailError as error:
        failure = error
    staged = STAGING / source.name
    _copy_scripts(source, staged)
    _give(source.name, MAIL_USER)
    _place(staged, _mailbox_folder(user), user)
    if failure:
        raise failure
    DONE.mkdir(mode=0o700, exist_ok=True)
    (DONE / source.name).touch()


def builtin_addresses() -> MovedAddresses:
    """Carry aliases over, and let domains share the addresses of the primary one."""
    check_due()
    with Store() as store, store.exclusive(), store.transaction():
        aliases, missing = addresses.add_aliases(store, survey.aliases())
        sharing, apart = addresses.share_domains(store, survey.domains())
    return MovedAddresses(aliases, sharing, (*missing, *apart))


def builtin_requeue() -> None:
    """Have waiting mail read again when Postfix starts; to be called while it is stopped.

    Mail that waits for an alias, or at a second domain, was taken under the rules of one app
    and would be unknown to the other if its recipients were not worked out anew.
    """
    check_due()
    _program('postsuper', '-r', 'ALL', 'incoming', 'active', 'deferred')


def builtin_finish() -> None:
    """Clear away files of the copying; the mail is in place."""
    check_due()
    clear()
    shutil.rmtree(DONE, ignore_errors=True)


def clear() -> None:
    """Clear away copies, and have no other user in the folder of all mail."""
    with nofollow.folder(MAIL_ROOT) as root:
        shutil.rmtree(STAGING.name, ignore_errors=True, dir_fd=root)
    _program('systemd-tmpfiles', '--create', 'freedombox-email.conf')


def _home(user: str) -> Path:
    """Where the built-in app keeps a user's mail."""
    check_user_name(user)
    for home in survey.homes():
        if home.name == user.lower():
            return home
    raise MailError('builtin-missing.mail', user=user)


def _mailbox_folder(user: str) -> Path:
    """The folder of the mailbox a user's short name opens."""
    with Store() as store:
        found = store.search(Mailbox, where={'login': user})
    if not found:
        raise MailError('builtin-missing.mailbox', user=user)
    local, _, domain = found[0].address.rpartition('@')
    return MAIL_ROOT / domain / local


def _program(*command: str, folder: int | None = None) -> None:
    """Run a program that must succeed, in a folder that is held open."""
    place = '/' if folder is None else f'/proc/{os.getpid()}/fd/{folder}'
    with programs.failing_as('copy-failed.not-run', program=command[0]):
        ran = programs.run(command, folder=place, seconds=_PROGRAM_SECONDS)
    if ran.code:
        raise MailError('copy-failed.program', ran.words, program=command[0])


def _sync(
    account: str, name: str, command: tuple[str, ...], seconds: float = dsync.SECONDS
) -> None:
    """Have Dovecot copy a user's mail, or say how much room is lacking."""
    try:
        dsync.sync(account, name, command, seconds)
    except MailError:
        room = os.statvfs(MAIL_ROOT)
        if room.f_bavail * room.f_frsize < SPARE_MB * 1_000_000 // 10:
            _check_room([survey.ROOT / name.lower()])
        raise


def _copy(source: Path, user: str, seconds: float) -> None:
    """Make the copy of a user's mail as the built-in app has it now."""
    staged = STAGING / source.name
    account = pwd.getpwnam(FORMER_USER)
    # That user may pass through to its copy, and see nothing on the way.
    with nofollow.folder(MAIL_ROOT) as root:
        os.fchown(root, -1, account.pw_gid)
        os.fchmod(root, 0o710)
        _make(STAGING.name, 0o711, root)
    with nofollow.folder(STAGING) as staging:
        os.fchmod(staging, 0o711)
        _make(staged.name, 0o700, staging)
    _give(staged.name, FORMER_USER)
    _sync(FORMER_USER, user, copy_command(str(source), str(staged)), seconds)


def _make(name: str, mode: int, parent: int) -> None:
    """Make a folder that may be there."""
    with suppress(FileExistsError):
        os.mkdir(name, mode, dir_fd=parent)


def _give(name: str, account: str) -> None:
    """Let a copy belong to a user, with all below it and nothing a link leads to."""
    with nofollow.folder(STAGING) as staging:
        owner = f'{account}:{account}'
        _program('chown', '-RhP', owner, '--', f'./{name}', folder=staging)


def _copy_scripts(source: Path, staged: Path) -> None:
    """Copy a user's own sorting scripts, with the rights of the built-in app's user."""
    found = [name for name in dsync.SCRIPTS if os.path.lexists(source / name)]
    for name in found:
        with nofollow.folder(staged) as copy:
            _program('rm', '-rf', '--', f'./{name}', folder=copy)
        code, words = dsync.run_as(
            FORMER_USER, source.name,
            ('cp', '-R', '-P', '--preserve=timestamps', '--', str(source / name), str(staged)),
            _PROGRAM_SECONDS,
        )  # fmt: skip
        if code:
            raise MailError('copy-failed.filters', words)


def _place(staged: Path, folder: Path, user: str) -> None:
    """Make a copy the mailbox, or add it to the one that is there."""
    account = pwd.getpwnam(MAIL_USER)
    with nofollow.folder(MAIL_ROOT) as root:
        _make(folder.parent.name, 0o700, root)
    with nofollow.folder(folder.parent) as domain:
        os.fchown(domain, account.pw_uid, account.pw_gid)  # also if a crash came in between
        if not os.path.lexists(folder):
            with nofollow.folder(STAGING) as staging:
                os.rename(staged.name, folder.name, src_dir_fd=staging, dst_dir_fd=domain)
            return
    if os.path.lexists(folder / 'Maildir'):
        _sync(MAIL_USER, user, merge_command(str(staged), str(folder)))
    else:
        dsync.move(('Maildir',), staged, folder)
    if not any(os.path.lexists(folder / name) for name in dsync.SCRIPTS):
        dsync.move(dsync.SCRIPTS, staged, folder)
    with nofollow.folder(STAGING) as staging:
        shutil.rmtree(staged.name, dir_fd=staging)
