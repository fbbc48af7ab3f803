# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Debian package on a real FreedomBox: whatever is done to it, the web interface works.

Runs against a machine of the lab after its first boot, on which no email app is set up.
"""

import imaplib
import re
import smtplib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from threading import Event

import pytest

from lab import freedombox
from lab.host import wait_for
from lab.settings import ADMIN, DOMAINS, FRESH, USERS, LabUser
from lab.web import BoxPage, Browser
from tests.integration import mail

from .box import MODULES, PACKAGE, Box, append, make_older, repack, run_autopkgtest

APP_PATH = '/freedombox/apps/email/'
STATE = '/var/lib/freedombox-email'
MAIL_SERVICES = ('postfix.service', 'dovecot.service', 'rspamd.service')
REDIS = 'freedombox-email-redis.service'
REDIS_SOCKET = '/run/freedombox-email-redis/redis.sock'
ALICE, BOB = USERS[:2]
FOLDERS = ('INBOX', 'Work/2024', '&AOQ-pfel.x')
LONG_AGO = imaplib.Time2Internaldate(datetime(2019, 5, 1, 12, tzinfo=UTC))
BAD_GATEWAY = 502
SET_UP = 600  # seconds for installing the mail daemons from the network


def log_in(user: LabUser = ADMIN) -> Browser:
    """A browser logged in, as administrator unless told otherwise."""
    return freedombox.log_in(FRESH, user)


def is_built_in(page: BoxPage) -> bool:
    """Whether a page of the email app comes from the built-in app."""
    return re.search(r'<h2[^>]*>[^<]*Postfix/Dovecot', page.text) is not None


def offers_installation(page: BoxPage) -> bool:
    """Whether the app's page shows the button that installs it."""
    return 'form-install' in page.text


def assert_web_works(box: Box) -> BoxPage:
    """Check FreedomBox's pages and what serves them; return the email app's page."""
    browser = log_in()
    for path in ('/freedombox/', '/freedombox/apps/', '/freedombox/sys/', APP_PATH):
        page = browser.get(path)
        assert page.status == 200, f'{path}: {page.status}'
    box.run('apachectl', 'configtest')
    assert box.run('find', '/etc', '-xtype', 'l', '-lname', '/usr/share/freedombox*') == ''
    assert box.run('systemctl', 'show', '-p', 'NRestarts', 'plinth.service') == 'NRestarts=0\n'
    return page


def assert_gone(box: Box) -> BoxPage:
    """Check that the built-in app is back, offered for installation, and nothing of ours loads."""
    page = assert_web_works(box)
    assert is_built_in(page)
    assert offers_installation(page)
    assert not box.succeeds('test', '-e', MODULES)
    assert not box.succeeds('test', '-e', '/etc/freedombox/modules-enabled')
    rows = box.stored("SELECT * FROM freedombox_storednotification WHERE app_id LIKE 'email%'")
    assert rows == '[]'
    return page


def is_busy(page: BoxPage) -> bool:
    """Whether the app's page shows that something is being done to it, or can't be had just now.

    Apache answers 502 when FreedomBox closes an idle connection at the moment it is used again.
    """
    return 'class="app-operation"' in page.text or page.status == BAD_GATEWAY


def set_up_app(box: Box) -> None:
    """Install the email app as an administrator does, by its page."""
    browser = log_in()
    page = browser.get(APP_PATH)
    assert offers_installation(page)
    browser.submit(page, page.form(button='install'), install='Install')
    wait_until_set_up(box)


def wait_until_set_up(box: Box) -> None:
    """Wait until no operation of the email app runs, then check that it ended well."""
    browser = log_in()
    wait_for('the operation to end', lambda: not is_busy(browser.get(APP_PATH)), SET_UP, 1)
    assert box.app_version() > 0
    page = browser.get(APP_PATH)
    assert page.status == 200
    assert not offers_installation(page)


@pytest.fixture(autouse=True)
def _purged(box: Box) -> Iterator[None]:
    """Leave no package behind, so that one failed test does not fail the others."""
    yield
    if box.succeeds('test', '-e', MODULES):
        box.run_and_restart('dpkg', '--purge', PACKAGE)
    box.stored("DELETE FROM freedombox_module WHERE name = 'email'")


@pytest.mark.long
def test_comes_and_goes_beside_an_app_that_is_not_set_up(box: Box, tmp_path: Path) -> None:
    """Install, upgrade, remove, install again, purge."""
    assert is_built_in(assert_web_works(box))
    box.install(box.deb)
    assert not is_built_in(assert_web_works(box))

    box.install(repack(box.deb, tmp_path, '999.0'))
    assert not is_built_in(assert_web_works(box))
    assert box.succeeds('test', '-e', f'{MODULES}/modules/email/added.py')

    box.install(box.deb)
    assert 'added' not in box.run('find', MODULES)

    box.apt('remove', PACKAGE)
    assert_gone(box)
    box.install(box.deb)
    assert not is_built_in(assert_web_works(box))
    box.apt('purge', PACKAGE)
    assert_gone(box)


@pytest.mark.long
def test_new_code_is_loaded_at_once(box: Box, tmp_path: Path) -> None:
    """Both of FreedomBox's processes run the code of the new version after an upgrade."""
    box.install(box.deb)
    box.run('systemctl', 'start', 'freedombox-privileged.service')
    before = box.run('systemctl', 'show', '-p', 'MainPID', 'freedombox-privileged.service')
    code = "\nimport syslog\nsyslog.syslog('loaded 999.0')\n"
    box.install(repack(box.deb, tmp_path, '999.0', append(code)))
    log = box.run('journalctl', '--boot', '--grep', 'loaded 999.0', '--output', 'cat')
    assert 'loaded 999.0' in log
    assert box.run('systemctl', 'show', '-p', 'MainPID', 'freedombox-privileged.service') != before


def test_missing_dependencies_leave_the_built_in_app(box: Box) -> None:
    """`dpkg -i` without what we depend on must not take the web interface down."""
    box.run('dpkg', '--force-depends', '--remove', 'python3-ldap3')
    assert not box.succeeds('dpkg', '-i', box.copy_in(box.deb))
    box.run('systemctl', 'restart', 'plinth.service')
    assert is_built_in(assert_web_works(box))
    box.apt('--fix-broken', 'install')
    assert not is_built_in(assert_web_works(box))


@pytest.mark.long
def test_a_broken_version_can_be_removed(box: Box, tmp_path: Path) -> None:
    """When our own code cannot be loaded, removing the package repairs the web interface."""
    box.install(box.deb)
    deb = repack(box.deb, tmp_path, '999.0', append("\nraise RuntimeError('broken')\n"))
    box.run('dpkg', '-i', box.copy_in(deb))
    box.apt('remove', PACKAGE)
    wait_for('the web interface', lambda: log_in().get('/freedombox/').status == 200, 60)
    assert_gone(box)


def test_another_ones_override_is_respected(box: Box) -> None:
    """A file that the admin put in our place stays as it is."""
    override = '/etc/freedombox/modules-enabled/email'
    box.run('mkdir', '-p', str(Path(override).parent))
    box.run('tee', override, stdin=b'freedombox.modules.email\n')
    box.install(box.deb)
    assert is_built_in(assert_web_works(box))
    box.apt('remove', PACKAGE)
    assert box.run('cat', override) == 'freedombox.modules.email\n'
    box.run('rm', '-r', '/etc/freedombox')


def test_upgrade_and_removal_while_our_app_is_set_up(box: Box, tmp_path: Path) -> None:
    """An upgrade takes no mail service away; after a removal senders wait, and mail is kept."""
    box.install(repack(box.deb, tmp_path, '100.0', make_older))
    set_up_app(box)
    before = box.app_version()
    with mail_without_end() as sent:
        box.install(box.deb)
        wait_for('the update', lambda: box.app_version() == before + 1, SET_UP)
    assert len(sent) > 1, 'no mail was sent meanwhile'
    try:
        for each in sent:
            mail.wait_for(FRESH.ip, ALICE, each)
    except AssertionError:
        print(box.run('postqueue', '-p', check=False))
        troubles = 'status=(deferred|bounced)|warning: |lmtp.*(Error|failed)'
        print(box.run('journalctl', '-q', '--no-pager', '--grep', troubles, check=False))
        raise
    assert not box.run('find', MODULES, '-path', '*/email/room*')
    run_autopkgtest(box)
    box.run('mkdir', '-p', f'{STATE}/history', '/var/vmail/example.test/kept')

    box.apt('remove', PACKAGE)
    assert_gone(box)
    assert box.app_version() == 0
    services = (*MAIL_SERVICES, REDIS)
    assert [unit for unit in services if box.succeeds('systemctl', 'is-active', unit)] == []
    box.run('systemctl', 'restart', 'apache2.service')
    assert_gone(box)
    assert box.succeeds('test', '-d', f'{STATE}/history')
    assert box.succeeds('test', '-d', f'{STATE}-redis')
    slapd = box.run('slapcat', '-n', '0')
    ours = ('fbxMailAddress eq', 'olcLastBind', 'size=unlimited')
    assert [word for word in ours if word in slapd] == []
    rule = 'to dn.subtree="ou=mail,dc=thisbox" '
    assert rule in slapd.replace('\n ', ''), 'every process can read the addresses'

    box.run('dpkg', '--purge', PACKAGE)
    assert not box.succeeds('test', '-e', f'{STATE}/history')
    assert not box.succeeds('test', '-e', f'{STATE}-redis')
    assert box.succeeds('test', '-d', '/var/vmail/example.test/kept')
    box.run('rm', '-r', '/var/vmail/example.test/kept')


@pytest.mark.long
def test_reinstalled_app_can_be_set_up_again(box: Box) -> None:
    """Removing and installing again ends with a working app after one click."""
    box.install(box.deb)
    set_up_app(box)
    box.apt('remove', PACKAGE)
    box.install(box.deb)
    assert offers_installation(assert_web_works(box))
    set_up_app(box)
    assert not is_built_in(assert_web_works(box))


def mailbox() -> AbstractContextManager[imaplib.IMAP4]:
    """Open Alice's mailbox as her mail program does."""
    return mail.mailbox(FRESH.ip, ALICE.username, ALICE.password)


@contextmanager
def mail_without_end() -> Iterator[list[EmailMessage]]:
    """Bob writes to Alice meanwhile, twice a second; each message has to be taken at once."""
    sent: list[EmailMessage] = []
    over = Event()

    def write() -> None:
        while not over.wait(0.5):
            message = mail.message(BOB.address, ALICE.address)
            mail.submit(FRESH.ip, BOB, message)
            sent.append(message)

    with ThreadPoolExecutor() as pool:
        writing = pool.submit(write)
        try:
            yield sent
        finally:
            over.set()
        writing.result()


def put(folder: str, subject: str, flags: str) -> None:
    """Put a message with a date of its own into a folder of Alice's."""
    message = mail.message('carol@outside.test', ALICE.address, Subject=subject)
    with mailbox() as session:
        session.create(f'"{folder}"')
        session.subscribe(f'"{folder}"')
        stored = session.append(f'"{folder}"', flags, LONG_AGO, message.as_bytes())
        assert stored[0] == 'OK', stored


def deliver(recipient: str, subject: str) -> None:
    """Bring a message to the box from outside."""
    message = mail.message('carol@outside.test', recipient, Subject=subject)
    mail.deliver(FRESH.ip, message)


def wait_for_mail(*subjects: str) -> None:
    """Wait until messages are in Alice's INBOX."""
    for subject in subjects:
        mail.wait_for(FRESH.ip, ALICE, mail.message('a@b.c', 'd@e.f', Subject=subject))


def contents() -> dict[str, list[str]]:
    """Alice's mail as a mail app sees it: folders, UIDs, flags, dates, subjects."""
    wanted = '(UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)])'
    found = {}
    with mailbox() as session:
        for folder in FOLDERS:
            session.select(f'"{folder}"', readonly=True)
            parts = session.fetch('1:*', wanted)[1]
            seen = [b' '.join(part).decode() for part in parts if isinstance(part, tuple)]
            found[folder] = [f'{session.response("UIDVALIDITY")[1]}'] + [
                re.sub(r'^\d+ |\\\\Recent ?|\s+', ' ', line).replace(' )', ')') for line in seen
            ]
        found['subscribed'] = sorted(str(line) for line in session.lsub()[1])
    return found


def keys(box: Box) -> str:
    """The digests of the keys mail is signed with."""
    return box.run('sha256sum', *(f'/var/lib/rspamd/dkim/{name}.dkim.key' for name in DOMAINS))


def fill_built_in(box: Box) -> None:
    """Use the built-in app as a family does: mail, folders, a sorting script, aliases."""
    for number in range(3):
        put('INBOX', f'old {number}', '(\\Seen)' if number else '()')
    put('Work/2024', 'in a folder', '(\\Flagged \\Answered family)')
    put('&AOQ-pfel.x', 'in an odd folder', '(\\Draft)')
    deliver('alice@second.test', 'by mail')
    script = b'require "fileinto";\nif header :is "Subject" "sort me" { fileinto "Work/2024"; }\n'
    box.run('doveadm', 'sieve', 'put', '-u', 'alice', '-a', 'sorting', stdin=script)
    box.run('redis-cli', '-n', '7', 'HSET', 'RS', 'learns_spam', '41')
    page = log_in(ALICE).get(f'{APP_PATH}aliases/')
    assert page.status == 200
    browser = log_in(ALICE)
    page = browser.get(f'{APP_PATH}aliases/')
    browser.submit(page, page.form(has_field='alias'), alias='sales')
    wait_for_mail('by mail')


def wait_for_failure(box: Box, since: str, words: str) -> None:
    """Wait until FreedomBox says in its log that a set-up failed, and for what reason."""

    def said() -> bool:
        log = box.run('journalctl', '-u', 'plinth.service', '--since', since, '-o', 'cat')
        return 'Error' in log and words in log and not is_busy(log_in().get(APP_PATH))

    wait_for(f'{words!r} in the log', said, SET_UP, 1)


def restart(box: Box, *command: str) -> str:
    """Restart FreedomBox's web service in some way and return the moment before."""
    since = '@' + box.run('date', '+%s').strip()
    box.run_and_restart(*command)
    wait_for('the web interface', lambda: log_in().get('/freedombox/').status == 200, 60)
    return since


@pytest.mark.long
def test_over_a_built_in_app_that_is_set_up(box: Box) -> None:
    """All mail is there, once, whatever cuts the take-over short; and the way back is open."""
    box.run('rm', '-rf', '/var/vmail')  # kept when this app was removed before: it would be joined
    set_up_app(box)
    built_in = box.app_version()
    fill_built_in(box)
    before, signing = contents(), keys(box)

    # No room: refused, and the built-in app goes on.
    box.run('mkdir', '-p', '/var/vmail')
    box.run('mount', '-t', 'tmpfs', '-o', 'size=50m', 'tmpfs', '/var/vmail')
    since = '@' + box.run('date', '+%s').strip()
    box.install(box.deb)
    wait_for_failure(box, since, 'There is not enough disk space')
    assert box.app_version() == built_in
    deliver('alice@example.test', 'while there is no room')
    wait_for_mail('while there is no room')
    box.run('umount', '/var/vmail')

    # Killed at its most delicate moment, with mail stopped: the next start carries on.
    since = restart(box, 'systemctl', 'restart', 'plinth.service')
    wait_for('mail to stop', lambda: 'builtin_place' in log_since(box, since), SET_UP, 0.2)
    restart(box, 'systemctl', 'kill', '--signal=KILL', '--kill-whom=all', 'plinth.service')
    box.run('systemctl', 'reset-failed', 'plinth.service')
    wait_for('our update', lambda: box.app_version() > built_in, SET_UP, 1)
    wait_until_set_up(box)
    assert not is_built_in(assert_web_works(box))

    assert_carried_over(box, before)
    assert keys(box) == signing
    assert box.run('redis-cli', '-s', REDIS_SOCKET, 'HGET', 'RS', 'learns_spam') == '41\n'
    assert not box.succeeds('systemctl', 'is-active', 'redis-server.service'), 'nobody needs it'
    for zone in ('internal', 'external'):
        services = box.run('firewall-cmd', f'--zone={zone}', '--list-services').split()
        assert 'submission' in services
        assert 'smtp-submission' not in services

    box.apt('purge', PACKAGE)
    assert_gone(box)
    set_up_app(box)
    page = assert_web_works(box)
    assert is_built_in(page)
    assert 'sales' in log_in(ALICE).get(f'{APP_PATH}aliases/').text
    for unit in MAIL_SERVICES:
        assert box.succeeds('systemctl', 'is-active', unit), unit
    assert subjects(contents())['INBOX'] == [*subjects(before)['INBOX'], 'while there is no room']
    assert box.run('redis-cli', '-n', '7', 'HGET', 'RS', 'learns_spam') == '41\n'
    deliver('sales@second.test', 'back again')
    wait_for_mail('back again')


def log_since(box: Box, since: str) -> str:
    """The log of root's service since a moment."""
    unit = 'freedombox-privileged.service'
    return box.run('journalctl', '-u', unit, '--since', since, '-o', 'cat')


def subjects(seen: dict[str, list[str]]) -> dict[str, list[str]]:
    """The subjects in each folder."""
    return {
        folder: [line.partition('ubject: ')[2].strip() for line in lines[1:]]
        for folder, lines in seen.items()
        if folder != 'subscribed'
    }


def assert_carried_over(box: Box, before: dict[str, list[str]]) -> None:
    """Check that a mail program sees what it saw before, and that all addresses work."""
    after = contents()
    late = after['INBOX'].pop()
    assert 'while there is no room' in late
    assert after == before
    for address in ('sales@example.test', 'alice@second.test', 'sales@second.test'):
        deliver(address, f'to {address}')
        wait_for_mail(f'to {address}')
    deliver('alice@example.test', 'sort me')
    sorted_mail = mail.message('a@b.c', 'd@e.f', Subject='sort me')
    mail.wait_for(FRESH.ip, ALICE, sorted_mail, 'Work/2024')
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        deliver('nobody-known@second.test', 'to nobody')
    assert not box.succeeds('test', '-e', '/var/vmail/.carry')
    assert box.run('stat', '-c', '%U %G %a', '/var/vmail') == 'vmail vmail 700\n'
    assert box.run('find', '/var/vmail', '-not', '-user', 'vmail') == ''
    assert box.run('find', '/var/mail', '-mindepth', '1', '-not', '-user', 'mail') == ''
    assert 'Your mail has moved' in log_in().get(APP_PATH).text
