# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mailboxes and aliases in one list, the menus, and the pages of one domain."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab.settings import USERS

from ..conftest import Host
from .looks import BIGGEST_PAGE, NARROW, usable
from .people import APP, MAIN, OTHER, forget_alias, forget_mailbox, mail

ALICE = USERS[0].address
TEAM, ENDED, CLUB = (f'row-{name}@{MAIN}' for name in ('team', 'ended', 'club'))
LATE = f'row-late@{MAIN}'
SAVE = 'form.email-form input[type=submit]'
ROW = '.email-rows li'
APPS = f'mail.{OTHER}'
MANY = [f'many-{number:02}.test' for number in range(50)]


@pytest.fixture(scope='module', autouse=True)
def _entries() -> Iterator[None]:
    clean()
    mail('alias', 'add', TEAM, ALICE)
    mail('alias', 'add', ENDED, ALICE, '--off')
    mail('mailbox', 'add', CLUB, stdin='a password of the lab\n')
    mail('mailbox', 'disable', CLUB)
    yield
    clean()


def clean() -> None:
    """Take away what is made here."""
    for address in (TEAM, ENDED, LATE):
        forget_alias(address)
    forget_mailbox(CLUB)


def listed(page: Page) -> list[str]:
    """The addresses that are listed."""
    return [text.strip() for text in page.locator('.email-row-name').all_inner_texts()]


def test_one_list_has_mailboxes_and_aliases(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'addresses/?q=row-')
    assert listed(admin) == [CLUB, ENDED, TEAM]
    choices = admin.locator('#email-choices')
    for name, found in (('Mailboxes', [CLUB]), ('Aliases', [ENDED, TEAM]), ('Off', [CLUB, ENDED])):
        choices.get_by_role('link', name=name).click()
        expect(choices.locator('[aria-current=page]')).to_have_text(name)
        assert listed(admin) == found, name
        expect(admin.locator('.email-tabs [aria-current]')).to_have_text('Addresses')


def test_a_filter_keeps_what_was_typed(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'addresses/')
    admin.locator('#email-query').press_sequentially('row-')
    expect(admin.locator('#email-count')).to_have_text('3 results')
    admin.locator('#email-choices').get_by_role('link', name='Off').click()
    expect(admin.locator('#email-query')).to_have_value('row-')
    expect(admin.locator('#email-count')).to_have_text('2 results')


def test_adding_has_two_choices_without_scripts_too(plain: Page, url: str) -> None:
    for name, title in (('Mailbox', 'Add mailbox'), ('Alias', 'Add alias')):
        plain.goto(url + APP + 'addresses/')
        plain.locator('.email-menu summary', has_text='Add').click()
        plain.locator('.email-menu').get_by_role('link', name=re.compile(f'^{name}')).click()
        expect(plain.locator('h3')).to_have_text(title)


@pytest.mark.parametrize('width', [1200, 360, 320])
def test_an_open_menu_fits(admin: Page, url: str, width: int) -> None:
    admin.set_viewport_size({'width': width, 'height': 740})
    admin.goto(url + APP + 'addresses/')
    for menu in admin.locator('.email-menu').all():
        menu.locator('summary').click()
        for link in menu.get_by_role('link').all():
            box = link.bounding_box()
            assert box is not None
            assert box['x'] >= 0
            assert box['x'] + box['width'] <= width
        menu.locator('summary').click()


def test_a_user_begins_with_devices_until_there_is_one(admin: Page, url: str) -> None:
    admin.goto(url + '/freedombox/')
    admin.get_by_role('link', name='My email').click()
    expect(admin).to_have_url(re.compile('/my/devices/$'))
    tabs = admin.locator('.email-tabs a').all_inner_texts()
    assert tabs == ['Devices', 'Addresses', 'Away', 'Spam', 'Messages']
    mail('app-password', 'add', 'tester', 'Row phone')
    try:
        admin.goto(url + APP + 'my/start/')
        expect(admin).to_have_url(re.compile('/my/$'))
    finally:
        for each in json.loads(mail('app-password', 'list', 'tester', '--json'))['passwords']:
            mail('app-password', 'remove', each['key_id'])


def test_the_tabs_are_one_row_with_the_open_one_in_sight(admin: Page, url: str) -> None:
    admin.set_viewport_size({'width': 320, 'height': NARROW[1]})
    admin.goto(url + APP + 'addresses/')
    tabs = admin.locator('.email-tabs .nav-link')
    assert len({(tab.bounding_box() or {})['y'] for tab in tabs.all()}) == 1
    expect(admin.locator('.email-tabs .active')).to_be_in_viewport(ratio=0.95)


def test_a_host_name_for_mail_apps_asks_for_a_certificate(admin: Page, url: str) -> None:
    page, field = url + APP + f'domains/at/{OTHER}/', '#id_client_host'

    def save(host: str) -> None:
        admin.goto(page)
        if not admin.locator(field).is_visible():
            admin.locator('.email-form details summary').first.click()
        admin.fill(field, host)
        admin.click(SAVE)

    problem = admin.locator(f'[data-code="client-host-{APPS}"]')
    try:
        save('mail.elsewhere.test')
        expect(admin.locator('.invalid-feedback')).to_contain_text(APPS)
        save(APPS)
        expect(admin.locator('.email-facts')).to_contain_text(f'{APPS} has no trusted certificate')
        admin.goto(url + APP)
        expect(problem).to_contain_text('lacks the name')
        expect(problem.get_by_role('link')).to_contain_text('Add domain')
        save('')
        admin.goto(url + APP)
        expect(problem).to_have_count(0)
    finally:
        mail('domain', 'change', OTHER, '--client-host', '')


def test_a_domain_opens_with_its_state_and_has_three_pages(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'domains/')
    admin.get_by_role('link', name=OTHER).click()
    expect(admin.locator('.email-tabs-inner [aria-current]')).to_have_text('Status')
    expect(admin.locator('h4').first).to_be_visible()
    assert admin.locator('.email-answer h4').count() == 1
    for name, address in (('Reports', 'reports/'), ('Settings', ''), ('Status', 'dns/')):
        admin.locator('.email-tabs-inner').get_by_role('link', name=name).click()
        expect(admin).to_have_url(url + APP + f'domains/at/{OTHER}/{address}')
        expect(admin.locator('h3').first).to_have_text(OTHER)
        assert admin.title().startswith(name)


def test_focus_and_title_are_on_the_result(admin: Page, url: str) -> None:
    admin.goto(url + APP + f'aliases/at/{TEAM}/')
    admin.locator('.email-more summary').click()
    admin.fill('#id_note', 'The team')
    admin.keyboard.press('Enter')
    expect(admin.locator('.email-undo')).to_be_focused()
    assert admin.title().startswith(f'Saved {TEAM}.')
    admin.locator('.email-undo button').press('Space')
    expect(admin.locator('.alert-dismissible')).to_be_focused()
    assert admin.title().startswith('Undone')
    admin.fill('#id_destinations', 'nonsense')
    admin.click('form.email-form input[type=submit]')
    expect(admin.locator('#id_destinations')).to_be_focused()
    assert admin.title().startswith('Error:')
    usable(admin)


@pytest.fixture
def far_away(box: Host) -> Iterator[None]:
    """A box in California, which FreedomBox's page Date & Time makes of it."""
    before = box.run('readlink', '/etc/localtime').strip()
    box.run('timedatectl', 'set-timezone', 'America/Los_Angeles')
    yield
    box.run('ln', '-sf', before, '/etc/localtime')


@pytest.mark.usefixtures('far_away')
def test_a_last_day_is_the_same_on_the_page_and_for_the_command(admin: Page, url: str) -> None:
    mail('alias', 'add', LATE, ALICE, '--until', '2031-01-31')

    def end() -> str:
        found = json.loads(mail('alias', 'list', LATE, '--json'))['aliases']
        return str(found[0]['expires'])

    assert end() == '2031-02-01T08:00:00+00:00', 'the day ends at midnight in California'
    admin.goto(url + APP + f'aliases/at/{LATE}/')
    expect(admin.locator('#id_expires')).to_have_value('2031-01-31')
    admin.fill('#id_expires', '2031-03-31')
    admin.click('form.email-form input[type=submit]')
    expect(admin.locator('.email-undo')).to_be_visible()
    assert end() == '2031-04-01T07:00:00+00:00', 'the same in summer time'
    admin.goto(url + APP + f'addresses/?q={LATE}')
    expect(admin.locator(f'{ROW} time')).to_have_attribute('title', re.compile('April 1, 2031'))


_ADD = """
import sys
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.store import Store
with Store() as store, store.transaction():
    for name in sys.argv[2:]:
        store.add(Domain(name)) if sys.argv[1] == 'add' else store.remove(Domain, name)
"""


@pytest.mark.journal_may_say('many-')
def test_the_overview_stays_small_with_fifty_domains(admin: Page, url: str, box: Host) -> None:
    box.run('python3', '-c', _ADD, 'add', *MANY)
    try:
        answer = admin.goto(url + APP)
        assert answer is not None
        assert len(answer.body()) < BIGGEST_PAGE
        expect(admin.locator('#email-domains ~ ul > li')).to_have_count(5)
        expect(admin.locator('#email-more-domains')).to_contain_text('more domains')
        assert 0 < admin.locator('.email-findings li').count() <= 10
        expect(admin.locator('#email-more-findings')).to_be_visible()
    finally:
        box.run('python3', '-c', _ADD, 'remove', *MANY)
