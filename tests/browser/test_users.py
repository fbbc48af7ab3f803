# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users who are renamed, locked or deleted on FreedomBox's own pages, and their mail."""

import imaplib
import json
import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab import freedombox
from lab.host import wait_for
from lab.settings import ADMIN, BOX, OUTSIDE_USERS, LabUser
from tests.integration import mail as post

from .people import APP, MAIN, forget_alias, forget_mailbox, mail, resolved

ERIN = LabUser('pageerin', 'erin-lab-password', MAIN)
ERIKA = LabUser('pageerika', ERIN.password, MAIN)
FAIR = f'page-fair@{MAIN}'
PATIENCE = 60


def edit(page: Page, url: str, user: LabUser) -> None:
    """Open FreedomBox's page of a user."""
    page.goto(f'{url}/freedombox/sys/users/{user.username}/edit/')


def save(page: Page) -> None:
    """Save FreedomBox's page of a user, as the administrator."""
    page.fill('#id_confirm_password', ADMIN.password)
    page.click('.form-update input[type=submit]')
    if page.locator('#id_delete').is_checked():
        page.click('#user-delete-confirm-dialog .confirm')
    expect(page.locator('.alert-success').first).to_be_visible()
    expect(page.locator('.alert-danger')).to_have_count(0)


def delete(page: Page, url: str, user: LabUser) -> None:
    """Delete a user."""
    edit(page, url, user)
    page.check('#id_delete')
    save(page)


def rename(page: Page, url: str, user: LabUser, name: str) -> None:
    """Give a user another name."""
    edit(page, url, user)
    page.fill('#id_username', name)
    save(page)


def found(address: str) -> dict[str, Any]:
    """The entry of a mailbox."""
    listed = json.loads(mail('mailbox', 'list', address, '--json'))['mailboxes']
    return next((each for each in listed if each['address'] == address), {})


def alias(address: str) -> dict[str, Any]:
    """The entry of an alias."""
    listed = json.loads(mail('alias', 'list', address, '--json'))['aliases']
    return next(each for each in listed if each['address'] == address)


def works(address: str) -> bool:
    """Whether mail to an address is taken in."""
    return bool(resolved(address)['accepted'])


def reads(login: str, password: str) -> bool:
    """Whether a login opens a mailbox."""
    try:
        with post.mailbox(BOX.ip, login, password):
            return True
    except imaplib.IMAP4.error:
        return False


def sends(login: str, password: str) -> bool:
    """Whether a login may hand in mail."""
    try:
        with post.submission(BOX.ip, login, password):
            return True
    except smtplib.SMTPAuthenticationError:
        return False


def device_password(owner: str) -> str:
    """Make a password for a device."""
    return str(json.loads(mail('app-password', 'add', owner, 'Phone', '--json'))['password']
               ['password'])  # fmt: skip


def keys() -> list[str]:
    """The keys of all passwords for devices."""
    return mail('app-password', 'list', '--names').split()


@pytest.fixture(autouse=True)
def fixture_erin(admin: Page, url: str) -> Iterator[None]:
    freedombox.create_user(freedombox.log_in(BOX), ERIN)
    wait_for('the mailbox of a new user', lambda: works(ERIN.address), PATIENCE)
    yield
    admin.goto(url + '/freedombox/sys/users/')
    for user in (ERIN, ERIKA):
        if admin.locator(f'a[href*="/users/{user.username}/edit/"]').count():
            delete(admin, url, user)
            admin.goto(url + '/freedombox/sys/users/')
    wait_for('the user to be gone', lambda: found(ERIN.address).get('gone'), PATIENCE)
    for address in (FAIR, ERIKA.address):
        forget_alias(address)
    forget_mailbox(ERIN.address)


def test_a_deleted_user_is_kept_out_and_the_mail_is_kept(admin: Page, url: str) -> None:
    sent = post.message(OUTSIDE_USERS[0].address, ERIN.address)
    post.deliver(BOX.ip, sent)
    post.wait_for(BOX.ip, ERIN, sent)
    password = device_password(ERIN.username)
    mail('alias', 'add', FAIR, f'alice@{MAIN}', '--owner', ERIN.username)
    assert reads(ERIN.username, password)
    delete(admin, url, ERIN)
    wait_for('the mailbox to be off', lambda: not works(ERIN.address), PATIENCE)
    assert post.ask(BOX.ip, ERIN.address) == [550]
    for given in (ERIN.password, password):
        assert not reads(ERIN.username, given)
        assert not sends(ERIN.address, given)
    assert password[:4] in keys(), 'kept for a time, should the same user come back'
    assert (works(FAIR), alias(FAIR)['owner']) == (True, '')
    held = json.loads(mail('mailbox', 'show', ERIN.address, '--json'))['content']
    assert held['messages'] == 2, 'the mail, and the one that told of the password'
    admin.goto(url + APP + f'mailboxes/at/{ERIN.address}/')
    expect(admin.locator('#email-headline')).to_have_text('Off')
    expect(admin.locator('.email-answer')).to_contain_text('was deleted')
    expect(admin.locator('#email-gone time')).to_be_visible()


def test_a_new_user_with_the_name_gets_no_old_password_for_a_device(admin: Page, url: str) -> None:
    password = device_password(ERIN.username)
    delete(admin, url, ERIN)
    wait_for('the mailbox to be off', lambda: not works(ERIN.address), PATIENCE)
    freedombox.create_user(freedombox.log_in(BOX), ERIN)
    mail('reconcile')
    wait_for('the mailbox of the new user', lambda: works(ERIN.address), PATIENCE)
    assert reads(ERIN.username, ERIN.password)
    assert not reads(ERIN.username, password)
    assert password[:4] not in keys()
    held = json.loads(mail('mailbox', 'show', ERIN.address, '--json'))['content']
    assert held['messages'] == 0, 'mail of the earlier user goes to nobody unasked'


def test_a_renamed_user_has_both_addresses_and_all_that_was_theirs(admin: Page, url: str) -> None:
    password = device_password(ERIN.username)
    mail('alias', 'add', FAIR, f'alice@{MAIN}', '--owner', ERIN.username)
    rename(admin, url, ERIN, ERIKA.username)
    wait_for('the new address', lambda: works(ERIKA.address), PATIENCE)
    for address in (ERIN.address, ERIKA.address):
        assert resolved(address)['mailboxes'] == [ERIN.address]
        sent = post.message(OUTSIDE_USERS[0].address, address)
        post.deliver(BOX.ip, sent)
        post.wait_for(BOX.ip, ERIKA, sent)
    for login in (ERIKA.username, ERIKA.address, ERIN.address):
        assert sends(login, ERIN.password), login
    assert reads(ERIKA.username, password)
    assert not reads(ERIN.username, ERIN.password)
    assert alias(FAIR)['owner'] == ERIKA.username
    assert ERIN.address in resolved(FAIR)['senders']
    assert password[:4] in mail('app-password', 'list', ERIKA.username, '--names').split()


def test_a_locked_user_cannot_log_in_until_unlocked(admin: Page, url: str) -> None:
    password = device_password(ERIN.username)
    edit(admin, url, ERIN)
    admin.uncheck('#id_is_active')
    save(admin)
    for given in (ERIN.password, password):
        assert not reads(ERIN.username, given)
        assert not sends(ERIN.address, given)
    assert works(ERIN.address), 'mail for them is still kept'
    edit(admin, url, ERIN)
    admin.check('#id_is_active')
    save(admin)
    for given in (ERIN.password, password):
        assert reads(ERIN.username, given)
        assert sends(ERIN.address, given)
