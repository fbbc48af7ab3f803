# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new FreedomBox without a domain: from Install to a phone that reads and sends mail."""

import pytest
from playwright.sync_api import Page, expect

from lab import dns, freedombox, life, settings
from lab.host import wait_for
from lab.screenshot import log_in
from lab.settings import ADMIN, FRESH
from tests.integration import mail

from ..conftest import Host
from . import mail_programs, qr
from .conftest import Fresh
from .looks import NARROW, visit
from .test_guide import GUIDE, MOST_CLICKS, MOST_TYPED, is_done, step_of
from .test_life import INSTALL_SECONDS, until
from .walk import Walk, connect_a_phone, has

pytestmark = pytest.mark.long
APP = '/freedombox/apps/email/'
HOME = 'family.test'
CAROL = settings.OUTSIDE_USERS[0]


@pytest.fixture(scope='module')
def new(fresh: Fresh) -> Fresh:
    """A box whose administrator put email off in the first-boot wizard."""
    dns.publish([*life.zones(), dns.MailZone(HOME, FRESH.ip)])
    freedombox.complete_first_boot(FRESH, ADMIN, domain='')
    return fresh


@pytest.fixture
def admin(visitor: Page, new: Fresh) -> Page:
    """A page of its administrator."""
    log_in(visitor.context, new.url, ADMIN)
    visitor.set_default_timeout(60_000)
    return visitor


def installed(page: Page, url: str, walk: Walk) -> None:
    """Find the app among all others, and install it."""
    page.goto(f'{url}/freedombox/apps/')
    page.get_by_text('Add new app').click()
    page.locator(f'a[href="{APP}"]').first.click()
    walk.click(page.get_by_role('button', name='Install'))
    shown = page.locator('#email-headline')
    until(page, url + APP, lambda: shown.count() == 1, 'email to be installed', INSTALL_SECONDS)


def without_a_domain(page: Page, url: str) -> None:
    """Each step leads on, to the one about the domain; nothing is said to work that does not."""
    for code in ('ports', 'out', 'dns', 'certificate', 'people', 'message', 'device'):
        visit(page, f'{url}{GUIDE}{code}/', NARROW)
        assert not is_done(page), f'{code} is said to be done, and there is no domain'
        page.locator('.content-container .btn-primary').click()
        assert step_of(page) == 'domain', f'{code} leads to {page.url}'


def add_domain(page: Page, walk: Walk) -> None:
    """Add a domain, and wait until mail follows it."""
    page.get_by_label('Your domain').fill('box.local')
    page.get_by_role('button', name='Add domain').click()
    expect(page.locator('#id_name_error')).to_contain_text('only works in your own network')
    walk.type(page.get_by_label('Your domain'), HOME)
    walk.click(page.get_by_role('button', name='Add domain'))
    expect(page.locator('#email-adding')).to_contain_text(HOME)
    expect(page.locator('#email-guide')).to_have_attribute('data-done', 'yes', timeout=120_000)
    walk.click(page.locator('#email-guide-on'))


def by_the_guide(page: Page, walk: Walk) -> qr.DeviceAccount:
    """Pass the steps in their order until a phone is connected."""
    seen = [step_of(page)]
    while step_of(page) != 'device':
        walk.click(page.locator('#email-guide-on'))
        assert step_of(page) not in ('', *seen), 'a dead end, or around in a circle'
        seen.append(step_of(page))
    return connect_a_phone(page, walk, HOME)


def test_from_install_to_a_phone_that_sends(admin: Page, new: Fresh) -> None:
    walk = Walk()
    installed(admin, new.url, walk)
    without_a_domain(admin, new.url)
    admin.goto(new.url + APP)
    walk.click(admin.get_by_role('link', name='Continue'))
    assert step_of(admin) == 'domain'
    add_domain(admin, walk)
    assert step_of(admin) == 'ports'
    phone = by_the_guide(admin, walk)
    assert walk.clicks <= MOST_CLICKS
    assert walk.typed <= MOST_TYPED
    assert phone.address == f'{ADMIN.username}@{HOME}'

    received = mail.message(CAROL.address, phone.address)

    def is_taken() -> bool:
        return mail.answer(lambda: mail.deliver(FRESH.ip, received))[0] == 250

    wait_for('a message from outside to be taken', is_taken, 120, 2)
    wait_for('the phone to have it', lambda: has(FRESH.ip, phone, received), 60, 1)
    sent = mail.message(phone.address, CAROL.address)
    with mail_programs.computer(Host(FRESH, ()), HOME):
        mail_programs.configure(phone)
        mail_programs.fetch()
        assert mail_programs.fetched(received['Subject']), 'mbsync brought no message'
        mail_programs.send_by_msmtp(sent)
    mail.wait_for(settings.OUTSIDE.ip, CAROL, sent, encrypted=False)
