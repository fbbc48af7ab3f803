# SPDX-License-Identifier: AGPL-3.0-or-later
"""All that is in the mail directory comes back by FreedomBox's own backups page."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab.host import wait_for
from lab.screenshot import log_in
from lab.settings import BOX, OUTSIDE_USERS, USERS, LabUser
from tests.conftest import Host
from tests.integration import mail as post

from .people import APP, MAIN, forget_alias, forget_mailbox, mail, resolved
from .test_users import device_password, keys, reads, sends

pytestmark = pytest.mark.usefixtures('checked')
BACKUPS = '/freedombox/sys/backups/'
ARCHIVE = 'page-backup'
SHOP, TWIN = 'page-backup.test', 'page-twin.test'
CLUB = LabUser('club', 'a-password-of-the-lab', SHOP)
ALICE, BOB = USERS
TEAM, LATER = f'page-team@{MAIN}', f'page-later@{MAIN}'
BOOKS = f'page-books@{MAIN}'
MOST_SECONDS = 300_000
PLACES = '/etc/freedombox-email/places.json'
OWN_PLACES = {'block_lists': [], 'mail_hosts': ['page-backup.test'], 'clock': ''}
SYSTEM = 'page-system'
KEYS = '/var/lib/freedombox-email/keys'


def listed() -> dict[str, list[dict[str, Any]]]:
    """All that is in the directory, but for when and how often it was changed."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kind in ('domain', 'mailbox', 'alias', 'app-password'):
        passing = ('version', 'last_read', 'last_sent')
        for name, entries in json.loads(mail(kind, 'list', '--json')).items():
            if isinstance(entries, list):
                found[name] = [
                    {key: value for key, value in each.items() if key not in passing}
                    for each in entries
                ]
    return found


def make_own_address(page: Page, url: str) -> None:
    """Make an address as a user."""
    mail('domain', 'change', MAIN, '--user-aliases', '3')
    log_in(page.context, url, ALICE)
    page.goto(url + APP + 'my/addresses/add/')
    page.fill('#id_local', BOOKS.partition('@')[0])
    page.click('form.email-form input[type=submit]')
    expect(page.locator('.email-undo')).to_be_visible()


def fill() -> tuple[str, str]:
    """Put something of every kind into the directory; return passwords for devices."""
    end = (date.today() + timedelta(days=30)).isoformat()
    mail('domain', 'add', SHOP)
    mail('domain', 'add', TWIN, '--alias-of', SHOP)
    mail('mailbox', 'add', CLUB.address, stdin=CLUB.password + '\n')
    mail('domain', 'change', SHOP, '--catch-all', CLUB.address)
    mail('alias', 'add', TEAM, ALICE.address, CLUB.address, '--sender', BOB.address,
         '--owner', ALICE.username, '--until', end, '--note', 'Grüße & more')  # fmt: skip
    mail('alias', 'add', f'page-*@{SHOP}', OUTSIDE_USERS[0].address, '--off')
    mail('mailbox', 'forward', BOB.address, CLUB.address)
    return device_password(ALICE.username), device_password(CLUB.address)


def fill_files(box: Host) -> str:
    """Put an administrator's own into files; return the sums of the private keys."""
    box.run('mkdir', '-p', PLACES.rpartition('/')[0])
    box.run('tee', PLACES, stdin=json.dumps(OWN_PLACES))
    box.run('tee', '-a', '/etc/aliases', stdin=f'{SYSTEM}: {ALICE.username}\n')
    box.run('newaliases')
    return key_sums(box)


def clear_files(box: Host) -> None:
    """Take these lines and files away again."""
    box.run('rm', '-f', PLACES)
    box.run('sed', '-i', f'/^{SYSTEM}:/d', '/etc/aliases')
    box.run('newaliases')


def key_sums(box: Host) -> str:
    """The sums of the private keys, and who may read them."""
    return box.run('sh', '-c', f'cd {KEYS} && sha256sum *.key && stat -c "%n %U %G %a" . *.key')


def assert_files_are_back(box: Host, sums: str) -> None:
    """Check that what is in files is there and in use."""
    assert key_sums(box) == sums
    load = 'from plinth.modules.email.dns import endpoints; print(*endpoints.load().mail_hosts)'
    assert box.run('python3', '-c', load).split() == OWN_PLACES['mail_hosts']
    database = box.run('postconf', '-hx', 'alias_maps').strip()
    assert box.run('postalias', '-q', SYSTEM, database).split() == [ALICE.username]


def clear() -> None:
    """Take it all away again, and what was added later."""
    mail('mailbox', 'forward', BOB.address)
    for key in keys():
        mail('app-password', 'remove', key)
    for address in (TEAM, BOOKS, LATER):
        forget_alias(address)
    forget_mailbox(CLUB.address)
    for name in (TWIN, SHOP):
        mail('domain', 'remove', name, '--force', check=False)
    mail('domain', 'change', MAIN, '--user-aliases', '0')


def delete_archive(page: Page, url: str) -> None:
    """Delete the backup if it is there."""
    page.goto(url + BACKUPS)
    link = page.locator(f'a[href$="/delete/{ARCHIVE}/"]')
    if link.count():
        link.click()
        page.click('.form-delete input[type=submit]', no_wait_after=True)
        expect(page.locator('.alert-success')).to_contain_text('deleted', timeout=MOST_SECONDS)


@pytest.fixture(autouse=True)
def fixture_clean(admin: Page, url: str, box: Host) -> Iterator[None]:
    delete_archive(admin, url)
    clear()
    clear_files(box)
    yield
    clear()
    clear_files(box)
    delete_archive(admin, url)


@pytest.fixture(name='alice')
def fixture_alice(admin: Page) -> Iterator[Page]:
    context = admin.context.browser.new_context(ignore_https_errors=True)  # type: ignore[union-attr]
    yield context.new_page()
    context.close()


def back_up(page: Page, url: str) -> None:
    """Make a backup of this app."""
    page.goto(url + BACKUPS + 'create/email/')
    page.fill('#id_backups-name', ARCHIVE)
    page.locator('input[type=submit]').last.click(no_wait_after=True)
    made = page.locator('.alert-success', has_text='created')
    expect(made).to_be_visible(timeout=MOST_SECONDS)


def restore(page: Page, url: str) -> None:
    """Bring back what is in the backup."""
    page.goto(url + BACKUPS + f'root/restore-archive/{ARCHIVE}/')
    page.locator('#restore_btn').click(no_wait_after=True)
    expect(page.locator('.alert-success')).to_contain_text('Restored', timeout=MOST_SECONDS)
    expect(page.locator('.alert-danger')).to_have_count(0)


def test_everything_comes_back(admin: Page, url: str, alice: Page, box: Host) -> None:
    make_own_address(alice, url)
    of_alice, of_club = fill()
    sums = fill_files(box)
    sent = post.message(OUTSIDE_USERS[0].address, CLUB.address)
    club = LabUser(CLUB.address, CLUB.password, SHOP)
    post.deliver(BOX.ip, sent)
    post.wait_for(BOX.ip, club, sent)
    before = listed()
    back_up(admin, url)
    checks = json.loads(mail('check', '--json', check=False))['checks']
    assert {each['check']: each['state'] for each in checks}['backup'] == 'works'
    clear()
    clear_files(box)
    box.run('sh', '-c', f'rm {KEYS}/*.key')
    mail('alias', 'add', LATER, ALICE.address)
    assert not reads('alice', of_alice)
    restore(admin, url)
    wait_for('Postfix and Dovecot', lambda: reads(ALICE.username, ALICE.password), 60)
    assert listed() == before
    assert_files_are_back(box, sums)
    for login, password in ((ALICE.username, of_alice), (CLUB.address, of_club)):
        assert reads(login, password)
        assert sends(login, password)
    assert reads(CLUB.address, CLUB.password)
    post.wait_for(BOX.ip, club, sent)
    assert resolved(TEAM)['mailboxes'] == [ALICE.address, CLUB.address]
    assert resolved(BOOKS)['mailboxes'] == [ALICE.address]
    assert resolved(f'any@{TWIN}')['mailboxes'] == [CLUB.address]
    assert resolved(BOB.address)['mailboxes'] == [BOB.address, CLUB.address]
    assert not resolved(LATER)['accepted']
    assert json.loads(mail('status', '--json', check=False))
    admin.goto(url + APP)
    expect(admin.locator('#email-headline')).to_have_text(re.compile('Mail is working'))
    alice.goto(url + APP + 'my/')
    expect(alice.get_by_role('link', name=BOOKS)).to_be_visible()
