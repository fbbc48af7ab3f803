# SPDX-License-Identifier: AGPL-3.0-or-later
"""The app's pages on a box where email is set up."""

import re

import pytest
from playwright.sync_api import Page, expect

from lab.screenshot import RETRIES, log_in
from lab.settings import USERS

from .looks import NARROW, visit_in_all_looks
from .people import APP, MAIN

OVERVIEW = '/freedombox/apps/email/'
ADDRESSES = '/freedombox/apps/email/my/'
PATHS = (
    'activity/blocked/',
    'activity/traffic/?span=month',
    'changed-settings/',
    'domains/',
    'domains/add/',
    f'domains/at/{MAIN}/',
    f'domains/at/{MAIN}/dns/',
    f'domains/at/{MAIN}/dns/server/',
    f'domains/at/{MAIN}/reports/',
    f'domains/at/{MAIN}/any-other/',
    f'domains/at/{MAIN}/remove/',
    'activity/',
    'health/',
    'health/notifications/',
    'health/notifications/code/',
    f'activity/held/alice@{MAIN}/',
    'addresses/',
    'addresses/off/',
    'mailboxes/',
    'mailboxes/add/',
    'mailboxes/kept/',
    f'mailboxes/at/alice@{MAIN}/',
    f'mailboxes/at/alice@{MAIN}/content/',
    f'mailboxes/at/alice@{MAIN}/end/',
    'aliases/?all=1',
    'aliases/?q=unheard-of',
    'aliases/add/',
    'aliases/transfer/',
    f'aliases/at/postmaster@{MAIN}/',
    f'aliases/where/?address=postmaster@{MAIN}',
    f'aliases/where/postfix/?address=postmaster@{MAIN}',
    'my/',
    f'my/forward/tester@{MAIN}/',
    'my/devices/',
    'my/messages/reports/',
    f'mailboxes/at/alice@{MAIN}/use/',
    'not-me/',
    'addresses/rules/',
    'approve/',
    'password/',
    'password/done/',
)
STATES = ('works', 'look', 'broken', 'unknown')


@pytest.mark.parametrize('path', ['', *PATHS])
def test_a_page_fits_and_can_be_used_by_all(admin: Page, url: str, path: str) -> None:
    visit_in_all_looks(admin, url + APP + path)


def test_the_answer_is_on_the_first_screen_of_a_phone(admin: Page, url: str) -> None:
    admin.set_viewport_size({'width': NARROW[0], 'height': NARROW[1]})
    admin.goto(url + OVERVIEW)
    expect(admin.locator('#email-headline')).to_be_in_viewport()


def test_the_answer_needs_no_colour(admin: Page, url: str) -> None:
    admin.goto(url + OVERVIEW)
    answer = admin.locator('.email-answer')
    assert answer.get_attribute('data-state') in STATES
    assert re.search(r'mail', answer.inner_text(), re.IGNORECASE)
    for finding in admin.locator('.email-findings li').all():
        word = finding.locator('.email-state').inner_text().strip()
        assert word in ('Broken', 'Warning', 'Unknown')
        assert finding.locator('a, button').count() in (1, 2), 'nothing to do about it'


def test_every_check_says_its_state_in_a_word(admin: Page, url: str) -> None:
    admin.goto(url + OVERVIEW + 'health/')
    rows = admin.locator('.email-checks li')
    words = [each.strip() for each in rows.locator('.email-state').all_inner_texts()]
    assert len(words) == rows.count() > 20
    assert set(words) <= {'Broken', 'Warning', 'Unknown', 'Works'}
    passed = admin.locator('.email-answer p').inner_text().split()[0]
    assert words.count('Works') == int(passed)


def test_everything_on_the_overview_leads_somewhere(admin: Page, url: str) -> None:
    admin.goto(url + OVERVIEW)
    targets = {
        link.get_attribute('href') or ''
        for link in admin.locator('.content-container a[href^="/freedombox/"]').all()
    }
    assert targets
    for target in sorted(targets):
        answer = admin.goto(url + target)
        assert answer is not None
        assert answer.status == 200, target
        assert 'Page not found' not in admin.content(), target


def test_pages_work_without_scripts(plain: Page, url: str) -> None:
    for path in ('', *PATHS):
        answer = plain.goto(url + APP + path)
        assert answer is not None
        assert answer.status == 200, path
        expect(plain.locator('h2')).to_be_visible()


def test_the_app_is_where_people_look_for_it(admin: Page, url: str) -> None:
    admin.goto(url + '/freedombox/apps/')
    expect(admin.get_by_role('link', name='Email').first).to_be_visible()
    admin.goto(url + '/freedombox/')
    admin.get_by_role('link', name='My email').click()
    expect(admin.locator('h2')).to_have_text('My email')


def test_a_user_sees_own_addresses_and_no_administration(visitor: Page, url: str) -> None:
    log_in(visitor.context, url, USERS[0])
    visitor.goto(url + ADDRESSES)
    expect(visitor.get_by_text(f'{USERS[0].username}@').first).to_be_visible()
    answer = visitor.goto(url + OVERVIEW)
    assert answer is not None
    assert answer.status == 403


def test_strangers_see_nothing(visitor: Page, url: str) -> None:
    for path, door in ((OVERVIEW, '/accounts/login/'), (ADDRESSES, '/apps/email/sign-in/')):
        visitor.goto(url + path)
        assert door in visitor.url


def test_mail_programs_get_their_settings(visitor: Page, url: str) -> None:
    for path in (
        '/freedombox/apps/email/config.xml',
        '/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=alice@example.test',
    ):
        answer = visitor.request.get(url + path, max_retries=RETRIES)
        assert answer.status == 200
        assert answer.headers['content-type'].startswith('text/xml')
        assert '%EMAILADDRESS%' in answer.text()


def test_the_spam_filters_page_is_for_no_one(visitor: Page, url: str) -> None:
    answer = visitor.request.get(url + '/rspamd/', max_redirects=0, max_retries=RETRIES)
    assert answer.status == 404
