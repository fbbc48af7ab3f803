# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a new app to the first message: what was seen, the next step, and who receives mail."""

import imaplib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import freedombox, settings
from lab.host import wait_for
from tests.integration import certificates
from tests.integration import mail as messages

from ..conftest import Host
from .looks import NARROW, WIDE, visit
from .people import APP, MAIN, OTHER, mail, resolved
from .test_life import settled
from .walk import Walk, empty_journal, forget_the_past, forget_the_phone, go_to_the_first_message

pytestmark = pytest.mark.usefixtures('checked')
ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
THIRD = 'third-domain.test'
NAMES = '/freedombox/sys/names/'
UNREACHED = 'Mail is working on FreedomBox. No other mail server has reached it yet.'


def last(page: Page) -> str:
    """The sentences of the overview about the last messages."""
    return page.locator('.email-last').inner_text()


def from_outside(box: Host, address: str = ALICE.address) -> None:
    """Bring a message as another mail host does, and wait until it has arrived."""
    sent = messages.message(CAROL.address, address)
    messages.deliver_in_time(box.ip, sent)
    messages.wait_for(box.ip, ALICE, sent)


def test_a_box_no_server_has_reached_is_not_said_to_receive(
    admin: Page, url: str, box: Host
) -> None:
    forget_the_past(box)
    sent = messages.message(BOB.address, ALICE.address)
    messages.submit(box.ip, BOB, sent)
    messages.wait_for(box.ip, ALICE, sent)
    admin.goto(url + APP)
    expect(admin.locator('#email-headline')).to_have_text(UNREACHED)
    assert 'Last message from outside: none yet' in last(admin)
    admin.locator('[data-code=unreached]').get_by_role('link', name='Test receiving').click()
    status = admin.locator('#email-test-status')
    expect(status).to_contain_text('Waiting for the message')
    for size in (NARROW, WIDE):
        visit(admin, admin.url, size)
    address = admin.locator('#email-test-address').inner_text()
    messages.deliver_in_time(box.ip, messages.message(CAROL.address, address))
    expect(status).to_contain_text('A message from another mail server arrived')
    expect(status).to_have_attribute('data-come', 'yes')
    admin.goto(url + APP)
    assert 'Last message from outside: just now' in last(admin)
    expect(admin.locator('[data-code=unreached]')).to_have_count(0)
    assert 'reached' not in admin.locator('#email-headline').inner_text()


def test_what_was_seen_outlives_the_journal(admin: Page, url: str, box: Host) -> None:
    from_outside(box)
    admin.goto(url + APP)
    empty_journal(box)
    admin.goto(url + APP)
    expect(admin.locator('.email-last')).to_contain_text(re.compile('outside: .*(just now|ago)'))


def test_a_message_that_left_is_told(admin: Page, url: str, box: Host) -> None:
    sent = messages.message(ALICE.address, CAROL.address)
    messages.submit(box.ip, ALICE, sent)
    messages.wait_for(settings.OUTSIDE.ip, CAROL, sent, encrypted=False)
    admin.goto(url + APP)
    assert 'Last sent: just now' in last(admin)


def progress(page: Page) -> dict[str, str]:
    """How far each step is."""
    return {
        row.get_attribute('data-step') or '': row.get_attribute('data-progress') or ''
        for row in page.locator('.email-steps li').all()
    }


def test_the_steps_follow_what_is_seen_until_all_are_done(admin: Page, url: str, box: Host) -> None:
    forget_the_past(box)
    with certificates.authority(box):
        admin.goto(url + APP)
        assert list(progress(admin).items()) == [
            ('domain', 'done'), ('ports', 'next'), ('out', 'done'), ('dns', 'done'),
            ('certificate', 'open'), ('people', 'done'), ('message', 'open'), ('device', 'open'),
        ]  # fmt: skip
        assert admin.locator('.content-container .btn-primary').count() == 1
        for size in (NARROW, WIDE):
            visit(admin, url + APP, size)
        messages.deliver_in_time(box.ip, messages.message(CAROL.address, ALICE.address))
        admin.goto(url + APP)
        steps = progress(admin)
        assert (steps['ports'], steps['message'], steps['certificate']) == ('done', 'done', 'next')
        key = certificates.issue(box, MAIN)
        certificates.renewed(box, MAIN)
        wait_for('the certificate', lambda: certificates.shown(box, MAIN) == (key,) * 2, 60)
        admin.goto(url + APP)
        assert progress(admin)['certificate'] == 'done'
        assert progress(admin)['device'] == 'next'
        with imaplib.IMAP4_SSL(box.ip, ssl_context=messages.tls()) as phone:
            phone.login(ALICE.username, ALICE.password)
        admin.goto(url + APP)
        expect(admin.locator('.email-steps')).to_have_count(0)
        expect(admin.locator('.notifications', has_text='Email setup')).to_have_count(0)
    admin.goto(url + APP)  # the certificate is self-signed again, which is a problem by now
    expect(admin.locator('.email-steps')).to_have_count(0)


def test_the_set_up_can_wait_and_other_pages_lead_back_to_it(
    admin: Page, url: str, box: Host
) -> None:
    forget_the_past(box)
    admin.goto(url + APP)
    admin.goto(url + NAMES)
    notice = admin.locator('.notification', has_text='Email setup: step 2 of 8')
    admin.locator('.notifications-dropdown a:visible').click()
    notice.get_by_text('Continue email setup').press('Enter')
    expect(admin.locator('#email-guide')).to_have_attribute('data-step', 'ports')
    admin.get_by_role('link', name='All steps').click()
    expect(admin.locator('#email-steps')).to_be_visible()
    admin.get_by_role('button', name='Set up later').click()
    expect(admin.locator('.email-steps')).to_have_count(0)
    admin.goto(url + NAMES)
    expect(admin.locator('.notification', has_text='Email setup')).to_have_count(0)
    admin.goto(url + APP)
    admin.get_by_role('button', name='Continue email setup').click()
    expect(admin.locator('#email-steps')).to_be_visible()


def test_the_walk_to_the_first_message_is_short(admin: Page, url: str, box: Host) -> None:
    forget_the_past(box)
    walk = Walk()
    admin.goto(url + APP)
    try:
        go_to_the_first_message(admin, url, box, walk)
    finally:
        forget_the_phone()
    assert (walk.clicks, walk.typed) == (4, 2), 'doc/pages.md says how many'


@pytest.fixture
def third(box: Host) -> Iterator[None]:
    """A domain that was added under Name Services, gone again afterwards."""
    freedombox.add_domain(box.browser(), THIRD)
    wait_for('the domain to be followed', lambda: THIRD in mail('domain', 'list'), 120, 1)
    yield
    browser = box.browser()
    page = browser.get(f'{NAMES}domains/{THIRD}/delete/')
    browser.submit(page, page.form())
    wait_for('the domain to be gone', lambda: THIRD not in shown_as_on(), 120, 1)
    mail('domain', 'remove', THIRD, '--force')


def shown_as_on() -> list[str]:
    """The domains that are in use."""
    lines = mail('domain', 'list').splitlines()
    return [line.split()[0] for line in lines if line.split()[1:2] == ['on']]


def choose(page: Page, url: str, label: str) -> None:
    """Answer the question that the overview asks."""
    settled(page, url + APP)
    finding = page.locator(f'[data-code="recipients-{THIRD}"]')
    expect(finding).to_contain_text(f'Who receives mail at {THIRD}?')
    finding.get_by_role('link', name=THIRD).click()
    page.get_by_label(label).check()
    page.locator('form.email-form input[type=submit]').click()
    expect(page.locator('.email-undo, .alert-success').first).to_contain_text(THIRD)
    page.goto(url + APP)
    expect(page.locator(f'[data-code="recipients-{THIRD}"]')).to_have_count(0)


@pytest.mark.usefixtures('third')
def test_a_new_domain_asks_who_receives_its_mail(admin: Page, url: str, box: Host) -> None:
    there = f'alice@{THIRD}'
    assert messages.ask(box.ip, there) == [550]
    assert resolved(f'postmaster@{THIRD}')['accepted']
    settled(admin, url + APP)
    admin.goto(url + APP)
    headline = admin.locator('#email-headline').inner_text()
    assert headline != 'Mail is working.', 'a domain takes no mail'
    admin.goto(url + APP + f'domains/at/{THIRD}/recipients/')
    expect(admin.get_by_label('The same people')).to_be_checked()
    for size in (NARROW, WIDE):
        visit(admin, admin.url, size)

    choose(admin, url, 'No one yet')
    admin.goto(url + APP + 'domains/')
    row = admin.locator('li', has_text=THIRD).locator('.email-state')
    expect(row).to_have_text('No mail')
    assert THIRD not in mail('status', check=False).partition('\n\n')[2].partition('\n-')[2]
    assert resolved(f'postmaster@{THIRD}')['accepted']

    admin.goto(url + APP + f'domains/at/{THIRD}/')
    admin.get_by_role('link', name='Choose who receives mail').click()
    admin.get_by_label('The same people').check()
    admin.locator('form.email-form input[type=submit]').click()
    from_outside(box, there)
    assert resolved(f'postmaster@{THIRD}')['accepted']
    admin.goto(url + APP + f'domains/at/{THIRD}/')
    expect(admin.locator('.email-answer')).to_contain_text(MAIN)

    mail('domain', 'change', THIRD, '--alias-of', '')
    choose(admin, url, 'Mailboxes of its own')
    assert resolved(there)['mailboxes'] == [there]
    assert resolved(f'postmaster@{THIRD}')['accepted']


def test_the_primary_domain_is_not_asked_about(admin: Page, url: str) -> None:
    answer = admin.goto(url + APP + f'domains/at/{MAIN}/recipients/')
    assert answer is not None
    assert answer.status == 404
    expect(admin.locator('[role=alert]')).to_contain_text('primary domain')


def test_a_domain_with_addresses_of_its_own_cannot_be_shared(admin: Page, url: str) -> None:
    mail('alias', 'add', f'first-hour@{OTHER}', ALICE.address)
    try:
        admin.goto(url + APP)
        expect(admin.locator(f'[data-code="recipients-{OTHER}"]')).to_have_count(0)
        admin.goto(url + APP + f'domains/at/{OTHER}/recipients/')
        admin.get_by_label('The same people').check()
        admin.locator('form.email-form input[type=submit]').click()
        expect(admin.locator('#id_recipients_error')).to_contain_text(
            'its own mailboxes or aliases'
        )
    finally:
        mail('alias', 'remove', f'first-hour@{OTHER}', '--force')
