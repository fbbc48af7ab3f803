# SPDX-License-Identifier: AGPL-3.0-or-later
"""The walk from a new app to the first message, over what the pages show, with a count."""

import imaplib
import json
from email.message import EmailMessage

from playwright.sync_api import Locator, Page, expect

from lab import settings
from tests.integration import mail as messages

from ..conftest import Host
from . import qr
from .people import APP, MAIN, mail

CAROL = settings.OUTSIDE_USERS[0]
PHONE = 'First phone'
LAST = '/var/lib/freedombox-email/last.json'
BEGIN_AGAIN = (
    'import sqlite3; db = sqlite3.connect("/var/lib/plinth/plinth.sqlite3", timeout=30); '
    'db.execute("DELETE FROM freedombox_kvstore WHERE key = \'email_setup\'"); db.commit()'
)


def forget_the_past(box: Host) -> None:
    """Have a journal in which nothing came from outside, and no set-up that was done before."""
    box.run('python3', '-c', BEGIN_AGAIN)
    empty_journal(box)
    box.run('rm', '-f', LAST)


def empty_journal(box: Host) -> None:
    """Remove every entry of the journal; those younger than the time given would stay."""
    box.run('journalctl', '--rotate', '--vacuum-time=1us')


def forget_the_phone() -> None:
    """Revoke the app password that the walk created."""
    name = settings.ADMIN.username
    for each in json.loads(mail('app-password', 'list', name, '--json'))['passwords']:
        if each['label'] == PHONE:
            mail('app-password', 'remove', each['key_id'])


class Walk:
    """A person who does what the pages say, and counts."""

    def __init__(self, clicks: int = 0, typed: int = 0) -> None:
        self.clicks, self.typed = clicks, typed

    def click(self, what: Locator) -> None:
        """Click something that can be seen."""
        what.click()
        self.clicks += 1

    def type(self, field: Locator, text: str) -> None:
        """Type a text into a field."""
        field.fill(text)
        self.typed += 1


def connect_a_phone(page: Page, walk: Walk, domain: str = MAIN) -> qr.DeviceAccount:
    """Go from the guide's last step to the account in the QR code of a new device."""
    walk.click(page.get_by_role('link', name='Connect a device'))
    walk.type(page.locator('#id_label'), PHONE)
    walk.type(page.locator('#id_password'), settings.ADMIN.password)
    walk.click(page.locator('form.email-form [type=submit]'))
    account = qr.account(qr.scan(page))
    assert account.imap == (domain, 993)
    return account


def has(ip: str, account: qr.DeviceAccount, sent: EmailMessage) -> bool:
    """Whether a message is in the mailbox of an account."""
    with imaplib.IMAP4_SSL(ip, account.imap[1], ssl_context=messages.tls()) as phone:
        phone.login(account.login, account.password)
        phone.select()
        _, found = phone.search(None, 'HEADER', 'Message-ID', sent['Message-ID'])
    return bool(found[0])


def _read(box: Host, account: qr.DeviceAccount, sent: EmailMessage) -> None:
    """Fail unless a message is in the mailbox of an account."""
    assert has(box.ip, account, sent), (
        f'{account.login} has not received the message sent to {sent["To"]}'
    )


def read_on_a_phone(page: Page, box: Host, walk: Walk, sent: EmailMessage) -> None:
    """Connect a device from the guide's last step, and read a message on it."""
    _read(box, connect_a_phone(page, walk), sent)


def go_to_the_first_message(page: Page, url: str, box: Host, walk: Walk) -> None:
    """Go from the overview to a message that is read by IMAP, with what the pages show alone."""
    walk.click(page.locator('[data-step=device] a'))
    account = connect_a_phone(page, walk)
    page.goto(url + APP)
    walk.click(page.locator('[data-step=message] a'))
    address = page.locator('#email-test-address').inner_text()
    sent = messages.message(CAROL.address, address)
    messages.deliver_in_time(box.ip, sent)
    expect(page.locator('#email-test-status')).to_have_attribute('data-come', 'yes')
    _read(box, account, sent)
