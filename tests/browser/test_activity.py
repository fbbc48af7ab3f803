# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tab Activity: held mail, and each of the ways out with one click; and a login disowned."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import container
from lab.host import wait_for
from lab.settings import BOX, OUTSIDE_USERS, LabUser
from tests.integration import mail as post

from .looks import visit_in_all_looks
from .people import APP, MAIN, forget_mailbox, mail

SHOP = LabUser('page-held', 'harbour lamp forty', MAIN)
CAROL = OUTSIDE_USERS[0]
ACTIVITY = f'{APP}activity/'
ROW = f'section[aria-labelledby=email-held] li:has-text("{SHOP.address}")'


@pytest.fixture(autouse=True)
def fixture_shop() -> Iterator[None]:
    """A mailbox over its limit, with an app password and a held message."""
    forget_mailbox(SHOP.address)
    mail('mailbox', 'add', SHOP.address, stdin=f'{SHOP.password}\n')
    mail('limits', 'mailbox', SHOP.address, '--per-hour=1')
    mail('app-password', 'add', SHOP.address, 'Tablet')
    container.execute(BOX, ['systemctl', 'stop', 'freedombox-email-limits.service'])
    message = post.message(SHOP.address, CAROL.address)
    strangers = [f'{CAROL.username}+{number}@{CAROL.domain}' for number in range(3)]
    with post.submission(BOX.ip, SHOP.address, SHOP.password) as session:
        session.send_message(message, SHOP.address, strangers)
    yield
    mail('queue', 'delete', SHOP.address, '--count=99', check=False)
    forget_mailbox(SHOP.address)


def held() -> int:
    """How many messages of the shop are held."""
    groups = json.loads(mail('queue', 'list', '--json'))['queue']['held']
    return sum(each['messages'] for each in groups if each['login'] == SHOP.address)


def test_the_pages_with_held_mail_fit(admin: Page, url: str) -> None:
    for path in ('', f'held/{SHOP.address}/', f'held/{SHOP.address}/delete/'):
        visit_in_all_looks(admin, url + ACTIVITY + path)


def test_held_mail_is_named_on_the_overview_and_released(admin: Page, url: str) -> None:
    admin.goto(url + APP)
    admin.get_by_role('link', name='Show held messages').click()
    row = admin.locator(ROW)
    expect(row).to_contain_text('3 recipients')
    expect(row).to_contain_text('Over the limit: 1 recipient in an hour')
    row.get_by_role('button', name='Release').click()
    expect(admin.locator('.alert-success').first).to_contain_text('Released 1 message.')
    expect(admin.locator(ROW)).to_have_count(0)
    assert held() == 0


def test_deleting_asks_once(admin: Page, url: str) -> None:
    admin.goto(url + ACTIVITY)
    admin.locator(ROW).get_by_role('link', name='Delete').click()
    expect(admin.locator('h3')).to_have_text(f'Delete 1 held message of {SHOP.address}?')
    assert held() == 1
    admin.get_by_role('button', name='Delete messages').click()
    expect(admin.locator('.alert-success').first).to_contain_text('Deleted 1 held message.')
    assert held() == 0


def test_a_mailbox_is_frozen_its_password_revoked_and_opened_again(admin: Page, url: str) -> None:
    admin.goto(url + ACTIVITY)
    admin.locator(ROW).get_by_role('button', name='Freeze mailbox').click()
    expect(admin.locator('.email-undo')).to_contain_text(f'Froze {SHOP.address}')
    tablet = admin.locator('.email-rows li:has-text("Tablet")')
    expect(tablet).to_contain_text(re.compile('never used|last'))
    assert not opens()
    tablet.get_by_role('button', name='Revoke').click()
    expect(admin.locator('.alert-success').first).to_contain_text('Revoked the app password')
    expect(tablet).to_have_count(0)
    admin.get_by_role('button', name='Unfreeze').click()
    expect(admin.locator('.alert-success').first).to_contain_text(f'Unfroze {SHOP.address}.')
    assert opens()


@pytest.mark.long
def test_freezing_is_undone(admin: Page, url: str) -> None:
    admin.goto(url + ACTIVITY)
    admin.locator(ROW).get_by_role('button', name='Freeze mailbox').click()
    admin.locator('.email-undo button').click()
    wait_for('logins to be allowed', opens, 10)


def test_limits_and_a_sentence_are_set_on_the_pages(admin: Page, url: str) -> None:
    admin.goto(f'{url}{APP}mailboxes/at/{SHOP.address}/')
    expect(admin.locator('#id_recipients_hour')).to_have_value('1')
    admin.fill('#id_recipients_hour', '7')
    admin.fill('#id_closed', 'Moving house until Monday.')
    admin.click('form.email-form input[type=submit]')
    expect(admin.locator('.email-answer')).to_contain_text('Moving house until Monday.')
    (found,) = json.loads(mail('mailbox', 'list', SHOP.address, '--json'))['mailboxes']
    assert (found['recipients_hour'], found['closed']) == (7, 'Moving house until Monday.')
    admin.goto(f'{url}{APP}domains/at/{MAIN}/')
    expect(admin.locator('#id_recipients_day')).to_have_value('0')


def opens() -> bool:
    """Whether the mailbox can be opened."""
    words = ['doveadm', 'auth', 'test', SHOP.address, SHOP.password]
    return container.execute(BOX, words, check=False).returncode == 0
