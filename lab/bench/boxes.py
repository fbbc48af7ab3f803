# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two boxes that are compared, made ready in the same way."""

import imaplib
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from .. import container, freedombox, life, settings
from ..host import LabError, step, wait_for
from ..settings import BOX, BUILTIN, LabUser, Machine

USERS = tuple(
    LabUser(f'load{n:02}', 'load-lab-password', settings.DOMAINS[0]) for n in range(1, 11)
)
"""Ten FreedomBox users whose mailboxes are measured. They are made once and kept."""

BOXES = (BOX, BUILTIN)
_SERVICES = ('slapd', 'nslcd', 'rspamd', 'dovecot', 'postfix')
NO_LIMITS = 'smtpd_client_event_limit_exceptions=static:all'
"""A setting of Postfix that lifts the limits for strangers."""
_LMTP = '/var/spool/postfix/private/dovecot-lmtp'
_REDIS = {BOX: 'freedombox-email-redis', BUILTIN: 'redis-server'}


def prepare() -> None:
    """Bring both boxes up with the app, the users and freshly started daemons."""
    life.up()
    if container.layers_of(BUILTIN) != container.layers_of(BOX):
        container.discard(BUILTIN)
    life.boot_box(BUILTIN)
    freedombox.wait_until_ready(BUILTIN)
    with step("FreedomBox's built-in app on the second box"):
        freedombox.install_app(freedombox.log_in(BUILTIN), BUILTIN)
    for machine in BOXES:
        with step(f'Ten users on {machine.name}'):
            start_afresh(machine)


def start_afresh(machine: Machine) -> None:
    """Make the users who are measured, and start the daemons again.

    All mail of a load comes from one host, so the limits for strangers are lifted for it.
    """
    browser = freedombox.log_in(machine)
    for user in USERS:
        freedombox.create_user(browser, user)
    container.execute(machine, ['postconf', '-e', NO_LIMITS])
    container.execute(machine, ['systemctl', 'restart', _REDIS[machine], *_SERVICES], timeout=180)
    for user in USERS:
        wait_for(f'the mailbox of {user.username}', partial(_opens, machine, user), 120, 1)


def in_turn(
    machines: tuple[Machine, Machine], what: str, times: int, action: Callable[[Machine, int], None]
) -> None:
    """Do something to one box and then to the other, this often, each first in turn."""
    for number in range(1, times + 1):
        for machine in machines if number % 2 else reversed(machines):
            with step(f'{what}: {machine.name}, {number} of {times}'):
                action(machine, number)


def log_in(machine: Machine, user: LabUser) -> imaplib.IMAP4_SSL:
    """An IMAP session on the TLS port, LabError when there is none to be had."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        session = imaplib.IMAP4_SSL(machine.ip, ssl_context=context, timeout=60)
        session.login(user.username, user.password)
    except (OSError, imaplib.IMAP4.error) as error:
        raise LabError(f'{machine.name} lets {user.username} not read mail: {error}') from error
    return session


def _opens(machine: Machine, user: LabUser) -> bool:
    try:
        with log_in(machine, user) as session:
            return session.select()[0] == 'OK'
    except LabError:
        return False


def folders(session: imaplib.IMAP4_SSL) -> list[str]:
    """The names of all folders, quoted as IMAP wants them."""
    answer = session.list()[1]
    lines = [line.decode() for line in answer if isinstance(line, bytes)]
    return [line.rpartition(' "/" ')[2] for line in lines if '\\Noselect' not in line]


def empty(machine: Machine) -> None:
    """Remove all mail of the users who are measured."""
    for user in USERS:
        with log_in(machine, user) as session:
            for folder in folders(session):
                if session.select(folder)[1] == [b'0']:
                    continue
                session.store('1:*', '+FLAGS', r'(\Deleted)')
                session.expunge()


def count(machine: Machine) -> int:
    """How many messages the users would see, in all folders."""
    total = 0
    for user in USERS:
        with log_in(machine, user) as session:
            for folder in folders(session):
                answer = session.status(folder, '(MESSAGES)')[1][0]
                total += int(answer.rpartition(b'MESSAGES ')[2].rstrip(b')'))
    return total


def check_scanned(machine: Machine) -> None:
    """Raise LabError unless mail in the first mailbox carries Rspamd's verdict."""
    if not _is_scanned(machine):
        raise LabError(f'Rspamd did not look at the mail on {machine.name}.')


@contextmanager
def unfiltered(machine: Machine) -> Iterator[None]:
    """Have Postfix ask no filter meanwhile, and see that it did not."""
    names = ('smtpd_milters', 'non_smtpd_milters')
    before = container.execute(machine, ['postconf', *names]).stdout.splitlines()
    _set(machine, [f'{name} =' for name in names])
    try:
        yield
        if _is_scanned(machine):
            raise LabError(f'Rspamd looked at the mail on {machine.name}.')
    finally:
        _set(machine, before)


def _set(machine: Machine, values: list[str]) -> None:
    """Change parameters of Postfix for all of its programs, also those that run."""
    container.execute(machine, ['postconf', '-e', *values])
    container.execute(machine, ['systemctl', 'restart', 'postfix'])


def _is_scanned(machine: Machine) -> bool:
    """Whether mail in the first mailbox carries Rspamd's verdict."""
    with log_in(machine, USERS[0]) as session:
        session.select(readonly=True)
        _, answer = session.fetch('1', '(BODY.PEEK[HEADER.FIELDS (X-Spamd-Result)])')
    return b'default:' in b''.join(part[1] for part in answer if isinstance(part, tuple))


def deliver(address: str, count: int, line: str = '') -> list[float]:
    """Hand our box's Dovecot messages for a mailbox; the milliseconds of each delivery."""
    program = Path(__file__).with_name('deliver.py').read_text(encoding='utf-8')
    words = ['python3', '-I', '-', _LMTP, address, str(count), line]
    found: list[float] = json.loads(container.execute(BOX, words, stdin=program).stdout)
    return found
