# SPDX-License-Identifier: AGPL-3.0-or-later
"""A club's mailbox for its treasurer: made, used and handed over by pages alone, on a phone."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lab.settings import USERS, LabUser
from tests.integration import mail as post

from ..conftest import Host
from . import looks, roundcube
from .conftest import page_of
from .people import APP, MAIN, forget_mailbox, mail

TREASURER = f'club-treasurer@{MAIN}'
SHARED = f'Shared/{TREASURER}'
SAVE = 'form.email-form input[type=submit]'
ALICE, BOB = USERS
PHONE = {'width': 360, 'height': 740}


@pytest.fixture(autouse=True)
def _no_treasurer() -> Iterator[None]:
    """Begin without the mailbox, and leave none."""
    forget_mailbox(TREASURER)
    yield
    forget_mailbox(TREASURER)


@pytest.fixture(name='phone')
def fixture_phone(admin: Page) -> Page:
    """The administrator at a phone."""
    admin.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return admin


@pytest.fixture(name='alice')
def fixture_alice(session_of: Callable[[LabUser], BrowserContext]) -> Iterator[Page]:
    """A member at a phone."""
    for page in page_of(session_of(ALICE)):
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        yield page


def make(page: Page, url: str) -> None:
    """Make the mailbox with its first member."""
    page.goto(f'{url}{APP}mailboxes/add/')
    page.fill('#id_local', 'club-treasurer')
    page.select_option('#id_domain', MAIN)
    page.select_option('#id_owner', label='Several people (shared mailbox)')
    page.click(SAVE)
    expect(page.locator('h3')).to_contain_text(f'Members of {TREASURER}')
    looks.usable(page)
    page.select_option('#id_person', label=ALICE.username)
    page.click(SAVE)
    expect(page.locator('#email-members + dl')).to_contain_text('Read, write and send')


def hand_over(page: Page, url: str) -> None:
    """Have one member leave and another join, today."""
    page.goto(f'{url}{APP}mailboxes/at/{TREASURER}/')
    page.get_by_role('link', name='Hand over').click()
    looks.usable(page)
    page.fill('#id_day', date.today().isoformat())
    page.get_by_label(f'{ALICE.username} leaves').check()
    page.select_option('#id_person', label=BOB.username)
    page.click(SAVE)
    expect(page.locator('#email-members + dl')).to_contain_text(BOB.username)
    expect(page.locator('#email-members + dl')).not_to_contain_text(ALICE.username)


def test_a_mailbox_is_shared_and_a_member_leaves(phone: Page, alice: Page, url: str) -> None:
    make(phone, url)
    alice.goto(f'{url}{APP}my/')
    row = alice.locator('.email-row', has_text=TREASURER)
    expect(row).to_contain_text('Read, write and send')
    looks.usable(alice)
    row.get_by_role('link', name='Leave').click()
    alice.get_by_role('button', name='Leave mailbox').click()
    expect(alice.locator('.email-row', has_text=TREASURER)).to_have_count(0)
    assert ALICE.username not in mail('members', 'list', TREASURER)


def test_a_member_that_leaves_by_mistake_is_brought_back_by_undo(phone: Page, url: str) -> None:
    make(phone, url)
    phone.get_by_role('link', name='Change members').click()
    phone.get_by_label(ALICE.username, exact=True).select_option('')
    phone.click(SAVE)
    assert ALICE.username not in mail('members', 'list', TREASURER)
    phone.click('.email-undo button')
    expect(phone.locator('#email-members + dl')).to_contain_text(ALICE.username)


def test_a_planned_hand_over_is_shown_and_canceled(phone: Page, url: str) -> None:
    make(phone, url)
    phone.get_by_role('link', name='Hand over').click()
    phone.fill('#id_day', '2040-01-01')
    phone.get_by_label(f'{ALICE.username} leaves').check()
    phone.click(SAVE)
    expect(phone.locator('#email-handover')).to_contain_text(f'{ALICE.username} leaves.')
    phone.get_by_role('link', name='Cancel hand-over').click()
    phone.get_by_role('button', name='Cancel hand-over').click()
    expect(phone.locator('#email-handover')).to_have_count(0)
    assert ALICE.username in mail('members', 'list', TREASURER)


def test_an_end_date_is_set_shown_and_undone(phone: Page, url: str) -> None:
    make(phone, url)
    phone.get_by_role('link', name='End date').click()
    looks.usable(phone)
    phone.fill('#id_expires', '2020-01-01')
    phone.click(SAVE)
    expect(phone.locator('#id_expires_error')).to_be_visible()
    phone.fill('#id_expires', '2040-01-01')
    phone.fill('#id_farewell', 'The club is closed.')
    phone.click(SAVE)
    expect(phone.locator('#email-end')).to_contain_text('Expires')
    assert 'The club is closed.' in mail('end-date', 'list')
    phone.click('.email-undo button')
    expect(phone.locator('#email-end')).to_have_count(0)


@pytest.mark.long
@pytest.mark.usefixtures('quiet_journal')
def test_the_treasurer_works_in_the_browser_and_hands_over(
    phone: Page, browser: Browser, url: str, box: Host
) -> None:
    roundcube.install(box)
    make(phone, url)
    asked = post.message(BOB.address, TREASURER)
    post.submit(box.ip, BOB, asked)
    post.wait_for(box.ip, ALICE, asked, SHARED)
    sent = post.message(TREASURER, BOB.address)
    with roundcube.session(browser, url, ALICE) as webmail:
        assert webmail.opened(SHARED, asked['Subject'])
        webmail.compose(BOB.address, sent['Subject'], TREASURER)
        webmail.send()
    post.wait_for(box.ip, BOB, sent)
    hand_over(phone, url)
    with roundcube.session(browser, url, BOB) as webmail:
        assert webmail.opened(SHARED, asked['Subject'])
        post.wait_for(box.ip, BOB, sent, f'{SHARED}/Sent')
        assert webmail.opened(f'{SHARED}/Sent', sent['Subject'])
    with roundcube.session(browser, url, ALICE) as webmail:
        assert not webmail.opened(SHARED, asked['Subject'])
        assert not [each for each in webmail.senders() if TREASURER in each]
