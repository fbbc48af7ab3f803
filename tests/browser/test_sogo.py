# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's SOGo reads and sends with the settings it brings, and our pages lead there."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lab import freedombox, settings
from lab.settings import BOX, LabUser
from tests.integration import mail

from ..conftest import Host
from . import apps, people

pytestmark = pytest.mark.long
ALICE, BOB = settings.USERS
SHOP = LabUser('sogo-shop', 'shop-lab-password', settings.DOMAINS[1])
CAROL = settings.OUTSIDE_USERS[0]


@pytest.fixture(scope='module', autouse=True)
def _installed(box: Host) -> Iterator[None]:
    """Install SOGo as people do, and remove it afterwards."""
    freedombox.install_app(box.browser(), BOX, 'sogo', 900)
    yield
    apps.remove(box, 'sogo')


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a visitor who is not logged in to SOGo."""
    context = browser.new_context(ignore_https_errors=True)
    yield context.new_page()
    context.close()


def log_in(page: Page, url: str, user: LabUser) -> None:
    """Log in, and open the mail."""
    page.goto(f'{url}/SOGo/')
    page.locator('input[type=text]').first.fill(user.username)
    page.locator('input[type=password]').first.fill(user.password)
    page.locator('button[type=submit]').first.click()
    page.wait_for_url(f'**/so/{user.username}/**', timeout=60_000)
    page.goto(f'{url}/SOGo/so/{user.username}/Mail/view')


def send(page: Page, recipient: str, subject: str) -> None:
    """Send a message; its window closes when it was taken."""
    page.locator('button.md-fab[aria-label="Write a new message"]:visible').first.click()
    page.locator('[ng-click="mailbox.newMessage($event)"]').first.click()
    to = page.locator('md-chips[ng-model="editor.message.editable.to"] input')
    to.fill(recipient)
    to.press('Enter')
    page.locator('input[ng-model="editor.message.editable.subject"]').fill(subject)
    page.locator('button[ng-click="editor.send()"]').first.click()
    expect(page.locator('md-dialog')).to_have_count(0, timeout=60_000)


@pytest.mark.usefixtures('quiet_journal')
def test_it_sends_and_reads(page: Page, url: str, box: Host, outside: Host) -> None:
    out, back = (
        mail.message(ALICE.address, CAROL.address),
        mail.message(CAROL.address, ALICE.address),
    )
    mail.deliver(box.ip, back)
    mail.wait_for(box.ip, ALICE, back)
    log_in(page, url, ALICE)
    expect(page.get_by_role('listitem', name=back['Subject'])).to_be_visible()
    send(page, CAROL.address, out['Subject'])
    arrived = mail.parsed(mail.wait_for(outside.ip, CAROL, out, encrypted=False))
    assert arrived['From'].addresses[0].addr_spec == ALICE.address


def test_our_pages_lead_users_there(
    session_of: Callable[[LabUser], BrowserContext], admin: Page, url: str
) -> None:
    """Users have an account, and SOGo knows no one else."""
    theirs = session_of(ALICE).new_page()
    for page, path in ((admin, ''), (theirs, 'my/devices/')):
        page.goto(url + people.APP + path)
        link = page.get_by_role('link', name='Open SOGo')
        expect(link).to_have_attribute('href', '/SOGo/')
    theirs.close()


def test_a_stand_alone_mailbox_is_not_led_there(visitor: Page, url: str) -> None:
    people.forget_tries()
    people.forget_mailbox(SHOP.address)
    people.mail('mailbox', 'add', SHOP.address, stdin=f'{SHOP.password}\n')
    try:
        people.sign_in(visitor, url, SHOP.address, SHOP.password)
        visitor.goto(f'{url}{people.APP}my/devices/')
        expect(visitor.locator('#email-connect')).to_be_visible()
        expect(visitor.get_by_role('link', name='Open SOGo')).to_have_count(0)
    finally:
        people.forget_mailbox(SHOP.address)
