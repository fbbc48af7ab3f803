# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mailbox fills up: its owner is warned, mail waits, and after some deleting comes in again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import container
from lab.host import wait_for
from lab.screenshot import RETRIES
from lab.settings import BOX, USERS
from tests.integration.imap import Imap
from tests.integration.mail import ask

from .looks import NARROW, WIDE, usable, visit
from .people import APP, MAIN, mail, send

ALICE, BOB = USERS
MINE = APP + 'my/messages/'


@pytest.fixture(autouse=True)
def fixture_empty() -> Iterator[None]:
    clean()
    yield
    clean()


def clean() -> None:
    """Have Alice's mailbox empty, without a quota."""
    mail('quota', 'mailbox', ALICE.address, 'default')
    mail('quota', 'domain', MAIN, '--total', 'default')
    for folder in ('INBOX', '*'):  # other tests file mail, too
        container.execute(
            BOX, ['doveadm', 'expunge', '-u', ALICE.address, 'mailbox', folder, 'all'], check=False
        )
    words = ['doveadm', 'mailbox', 'delete', '-u', ALICE.address, '-s', 'Restored']
    container.execute(BOX, words, check=False)
    container.execute(BOX, ['systemctl', 'stop', 'freedombox-email-quota.service'])


def put(subject: str, size: int) -> None:
    """Put a message into Alice's inbox."""
    head = f'From: Ann <ann@outside.test>\r\nSubject: {subject}\r\n\r\n'.encode()
    with Imap(BOX.ip, ALICE.address, ALICE.password) as session:
        session.do('APPEND INBOX', head + b'x' * (size - len(head) - 2) + b'\r\n')


def subjects(folder: str = 'INBOX') -> str:
    with Imap(BOX.ip, ALICE.address, ALICE.password) as session:
        session.do(f'SELECT {folder}')
        return session.do('FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]')


@pytest.mark.long
def test_a_quota_warns_refuses_and_lets_in_again(admin: Page, alice: Page, url: str) -> None:
    visit(admin, f'{url}{APP}mailboxes/at/{ALICE.address}/', NARROW)
    admin.fill('#id_quota', '1,5 GB')
    admin.get_by_role('button', name='Save').click()
    expect(admin.locator('#id_quota_error')).to_contain_text('Enter a size like 500 MB or 2 GiB')
    admin.fill('#id_quota', '1 mb')
    admin.get_by_role('button', name='Save').click()
    expect(admin.locator('#id_quota')).to_have_value('1 MB')

    put('Holiday pictures', 900_000)
    ask(BOX.ip, ALICE.address)
    wait_for('the warning', lambda: 'mailbox is 80 % full' in subjects(), 40, 0.5)
    put('More pictures', 99_000)
    wait_for('mail to wait', lambda: ask(BOX.ip, ALICE.address) == [452], 30, 1)
    visit(alice, url + MINE, NARROW)
    expect(alice.locator('progress')).to_be_visible()
    expect(alice.locator('details li').first).to_contain_text('Inbox')

    with Imap(BOX.ip, ALICE.address, ALICE.password) as session:
        session.do('SELECT INBOX')
        session.do('STORE 1:* +FLAGS.SILENT (\\Deleted)')
        session.do('EXPUNGE')
    assert ask(BOX.ip, ALICE.address) == [250]

    alice.get_by_role('link', name='Show deleted messages').click()
    alice.get_by_role('button', name='Restore selected').click()
    expect(alice.get_by_role('alert')).to_contain_text('Select at least one message')
    alice.get_by_label('More pictures').check()
    alice.get_by_role('button', name='Restore selected').click()
    expect(alice.locator('.alert-success, [role=status]').first).to_contain_text(
        'Restored 1 message into the folder “Restored”'
    )
    assert 'More pictures' in subjects('Restored')


def test_pages_fit_and_can_be_used_by_all(alice: Page, admin: Page, url: str) -> None:
    put('<b>Offer</b> \u202eabc', 5000)
    container.execute(BOX, ['doveadm', 'expunge', '-u', ALICE.address, 'mailbox', 'INBOX', 'all'])
    mail('quota', 'domain', MAIN, '--total', '5 GB')
    deleted = f'{url}{MINE}deleted/{ALICE.address}/'
    for page, path in ((alice, url + MINE), (alice, deleted)):
        for size in (WIDE, NARROW):
            visit(page, path, size)
            usable(page)
    expect(alice.locator('.email-row').first).to_contain_text('<b>Offer</b>')
    visit(admin, f'{url}{APP}domains/at/{MAIN}/', NARROW)
    expect(admin.locator('#email-domain-storage progress')).to_be_visible()


def test_no_one_sees_or_restores_messages_of_others(alice: Page, url: str) -> None:
    alice.goto(url + MINE)
    token = next(each['value'] for each in alice.context.cookies() if each['name'] == 'csrftoken')
    for page in ('storage', 'deleted'):
        answer = alice.request.get(f'{url}{MINE}{page}/{BOB.address}/', max_retries=RETRIES)
        assert answer.status == 404, page
    assert send(alice, url, f'my/messages/deleted/{BOB.address}/', token, uids='1') in (403, 404)
