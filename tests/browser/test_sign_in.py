# SPDX-License-Identifier: AGPL-3.0-or-later
"""People whose mailbox belongs to no user sign in for themselves, and get at nothing else."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from lab import container
from lab.screenshot import log_in
from lab.settings import ADMIN, BOX, USERS
from tests.integration import mail as post

from . import people
from .conftest import page_of
from .looks import NARROW, WIDE, usable, visit
from .people import APP, MAIN, forget_mailbox, forget_tries, mail, resolved

SAVE = 'form.email-form input[type=submit]'
CLUB, DESK = f'page-door@{MAIN}', f'page-desk@{MAIN}'
PASSWORD, NEW = 'harbour lamp forty', 'quiet meadow under glass'
ALICE = USERS[0]


@pytest.fixture(scope='module', autouse=True)
def fixture_mailboxes() -> Iterator[None]:
    """Have two mailboxes that belong to no user."""
    forget_tries()
    mail('domain', 'change', MAIN, '--user-aliases', '2')
    for address in (CLUB, DESK):
        forget_mailbox(address)
        mail('mailbox', 'add', address, stdin=f'{PASSWORD}\n')
    yield
    for address in (CLUB, DESK):
        forget_mailbox(address)
    mail('domain', 'change', MAIN, '--user-aliases', '0')


def forget_failed_logins() -> None:
    """Have FreedomBox forget failed logins: after three it shows all tests here a captcha."""
    forget = (
        'import sqlite3; box = sqlite3.connect("/var/lib/plinth/plinth.sqlite3", timeout=30); '
        'box.execute("DELETE FROM axes_accessattempt"); box.commit()'
    )
    container.execute(BOX, ['python3', '-c', forget])


def sign_in(page: Page, url: str, address: str = CLUB, password: str = PASSWORD) -> None:
    """Fill and send the sign-in."""
    page.goto(url + APP + 'sign-in/')
    page.fill('#id_address', address)
    page.fill('#id_password', password)
    page.click(SAVE)


@pytest.fixture(name='club')
def fixture_club(visitor: Page, url: str) -> Page:
    """A page of a visitor who has signed in."""
    sign_in(visitor, url)
    expect(visitor.get_by_text(f'Signed in as {CLUB}')).to_be_visible()
    return visitor


@pytest.fixture(name='desk')
def fixture_desk(browser: Browser, url: str) -> Iterator[Page]:
    """A page of another mailbox that signed in."""
    context = browser.new_context(ignore_https_errors=True)
    for page in page_of(context):
        sign_in(page, url, DESK)
        yield page
    context.close()


def send(page: Page, url: str, path: str, **fields: str) -> int:
    """Send a form with the token of the browser."""
    token = next(
        (each['value'] for each in page.context.cookies() if each['name'] == 'csrftoken'), ''
    )
    return people.send(page, url, path, token, **fields)


def is_signed_in(page: Page, url: str) -> bool:
    """Whether a session opens the page of its mailbox."""
    page.goto(url + APP + 'my/')
    return not page.url.endswith('/sign-in/')


def test_freedoms_pages_lead_to_the_sign_in(visitor: Page, url: str) -> None:
    visitor.goto(url + '/freedombox/')
    visitor.get_by_role('link', name=re.compile('My email')).click()
    expect(visitor).to_have_url(re.compile('/apps/email/sign-in/$'))
    visitor.goto(url + '/email/')
    expect(visitor).to_have_url(re.compile('/apps/email/sign-in/$'))
    visitor.get_by_role('link', name='log in to FreedomBox').click()
    expect(visitor).to_have_url(re.compile(r'/accounts/login/\?next=/freedombox/apps/email/my/$'))
    forget_failed_logins()
    visitor.fill('#id_username', f'page-unknown@{MAIN}')
    visitor.fill('#id_password', 'a wrong password')
    visitor.click('.form-login input[type=submit]')
    expect(visitor.get_by_text('Do you have a mailbox here')).to_be_visible()
    forget_failed_logins()
    visitor.get_by_role('link', name='Sign in to your mailbox').click()
    expect(visitor).to_have_url(re.compile('/apps/email/sign-in/$'))
    visitor.get_by_role('link', name='Change your password').click()
    expect(visitor).to_have_url(re.compile('/apps/email/password/$'))


def test_after_choosing_a_password_the_settings_are_shown(visitor: Page, url: str) -> None:
    link = mail('mailbox', 'reset-link', CLUB).split()[0]
    visitor.goto(url + APP + 'password/link/#' + link.partition('#')[2])
    visitor.fill('#id_password', NEW)
    visitor.fill('#id_again', NEW)
    visitor.click(SAVE)
    settings = visitor.locator('table.email-settings')
    expect(settings).to_contain_text(CLUB)
    expect(settings).to_contain_text(MAIN)
    expect(settings).to_contain_text('port 993')
    assert NEW not in visitor.content()
    usable(visitor)
    visitor.get_by_role('link', name='Sign in to your mailbox').click()
    sign_in(visitor, url, CLUB, NEW)
    expect(visitor.get_by_text(f'Signed in as {CLUB}')).to_be_visible()
    mail('mailbox', 'passwd', CLUB, stdin=f'{PASSWORD}\n')


def test_addresses_and_a_forward_of_ones_own(club: Page, url: str) -> None:
    club.goto(url + APP + 'my/addresses/add/')
    club.fill('#id_local', 'page-shop')
    club.click(SAVE)
    expect(club.locator('.email-undo')).to_contain_text(f'page-shop@{MAIN}')
    found = resolved(f'page-shop@{MAIN}')
    assert found['mailboxes'] == [CLUB]
    assert found['senders'] == [CLUB]
    club.click('.email-undo button')
    expect(club.locator('.alert-success[role=alert]')).to_be_visible()
    assert not resolved(f'page-shop@{MAIN}')['accepted']
    for number in (1, 2):
        club.get_by_role('button', name=re.compile('random')).click()
        expect(club.get_by_text(f'{number} of 2 used')).to_be_visible()
    assert send(club, url, 'my/addresses/random/') == 302
    club.goto(url + APP + 'my/')
    expect(club.get_by_text('2 of 2 used')).to_be_visible()
    club.goto(url + APP + f'my/forward/{CLUB}/')
    club.fill('#id_forwards', 'carol@outside.test')
    club.click(SAVE)
    assert resolved(CLUB)['remote'] == ['carol@outside.test']
    mail('mailbox', 'remove', CLUB, '--force')
    left = json.loads(mail('alias', 'list', '--json'))['aliases']
    assert not [each for each in left if CLUB in (each['owner'], *each['destinations'])]
    mail('mailbox', 'add', CLUB, stdin=f'{PASSWORD}\n')


def test_an_app_password_of_ones_own(club: Page, url: str) -> None:
    club.goto(url + APP + 'my/devices/')
    club.check('[name=kind][value=other]')
    club.fill('#id_label', 'Phone')
    club.fill('#id_password', 'not this one')
    club.click(SAVE)
    expect(club.locator('#id_password_error')).to_contain_text('not the password of your mailbox')
    club.fill('#id_password', PASSWORD)
    club.click(SAVE)
    password = club.locator('#email-password').inner_text()
    with post.mailbox(BOX.ip, CLUB, password):
        pass
    club.goto(url + APP + 'my/devices/')
    assert password not in club.content()
    club.get_by_role('link', name='Change mailbox password').click()
    expect(club).to_have_url(re.compile('/password/$'))


def test_signing_out_ends_it(club: Page, url: str) -> None:
    kept = club.context.cookies()
    club.get_by_role('button', name='Sign out').click()
    expect(club.get_by_text('You are signed out')).to_be_visible()
    club.context.add_cookies(kept)  # who copied them has nothing
    assert not is_signed_in(club, url)


def test_a_session_ends_with_what_opened_it(club: Page, url: str) -> None:
    for words, undo in (
        (('mailbox', 'passwd', CLUB), ('mailbox', 'passwd', CLUB)),
        (('mailbox', 'disable', CLUB), ('mailbox', 'enable', CLUB)),
        (('mailbox', 'remove', CLUB, '--force'), ('mailbox', 'add', CLUB)),
    ):
        assert is_signed_in(club, url), words
        mail(*words, stdin=f'{NEW}\n')
        assert not is_signed_in(club, url), words
        mail(*undo, stdin=f'{PASSWORD}\n')
        assert not is_signed_in(club, url), words
        sign_in(club, url)


def session_cookie(page: Page) -> dict[str, object]:
    """The cookie of the session, empty if there is none."""
    found = [dict(each) for each in page.context.cookies() if each['name'] == 'sessionid']
    return found[0] if found else {}


def test_a_session_that_was_planted_gets_another_key(visitor: Page, url: str) -> None:
    link = mail('mailbox', 'reset-link', DESK).split()[0]
    visitor.goto(url + APP + 'password/link/#' + link.partition('#')[2])
    expect(visitor.locator('#id_again')).to_be_visible()
    before = session_cookie(visitor)
    assert before
    sign_in(visitor, url)
    after = session_cookie(visitor)
    assert after['value'] != before['value']
    assert after['httpOnly'] is True
    assert 0 < float(str(after['expires'])) < float(str(before['expires']))
    visitor.goto(url + APP + 'password/new/')
    assert visitor.url.endswith('/link/'), 'nothing of the earlier session is left'


def test_a_sign_in_opens_no_page_of_freedombox(club: Page, url: str) -> None:
    for path in (
        'apps/', 'sys/', 'sys/users/', 'apps/email/', 'apps/email/mailboxes/',
        f'apps/email/mailboxes/at/{CLUB}/', f'sys/users/{ALICE.username}/edit/',
    ):  # fmt: skip
        club.goto(f'{url}/freedombox/{path}')
        assert '/accounts/login/' in club.url, path
        status = send(club, url, '../../' + path)
        assert status in (302, 403), path
    assert is_signed_in(club, url)


def test_no_one_gets_at_what_is_anothers(club: Page, desk: Page, url: str) -> None:
    desk.goto(url + APP + 'my/addresses/add/')
    desk.fill('#id_local', 'page-desks')
    desk.click(SAVE)
    expect(desk.locator('.email-undo')).to_be_visible()
    mail('app-password', 'add', DESK, 'Desks phone')
    mail('app-password', 'add', ALICE.username, 'Alices phone')
    before = [mail(kind, 'list', '--json') for kind in ('alias', 'mailbox')]
    keys = [
        json.loads(mail('app-password', 'list', owner, '--json'))['passwords'][-1]['key_id']
        for owner in (DESK, ALICE.username)
    ]
    paths = {
        f'my/addresses/at/page-desks@{MAIN}/': {'note': 'mine now'},
        f'my/addresses/at/page-desks@{MAIN}/remove/': {},
        f'my/forward/{DESK}/': {'forwards': CLUB},
        f'my/forward/{ALICE.address}/': {'forwards': CLUB},
        **{f'my/devices/{key}/remove/': {} for key in keys},
    }
    for path, fields in paths.items():
        answer = club.goto(url + APP + path)
        assert answer is not None
        assert answer.status == 404, path
        assert send(club, url, path, user=DESK, alone='1', **fields) == 404, path
    assert [mail(kind, 'list', '--json') for kind in ('alias', 'mailbox')] == before
    for key in keys:
        mail('app-password', 'remove', key)


def test_a_login_of_freedombox_and_a_sign_in_are_never_mixed(club: Page, url: str) -> None:
    log_in(club.context, url, ALICE)
    club.goto(url + APP + 'my/')
    expect(club.locator('.email-rows').first).to_contain_text(ALICE.address)
    assert CLUB not in club.content()
    assert send(club, url, 'sign-in/', address=CLUB, password=PASSWORD) == 302
    club.goto(url + APP + 'my/')
    expect(club.get_by_text('Log out before you sign in')).to_be_visible()
    expect(club.locator('.email-rows').first).to_contain_text(ALICE.address)
    assert send(club, url, 'sign-out/') == 302
    club.goto(url + APP + 'my/')
    expect(club.locator('.email-rows').first).to_contain_text(ALICE.address)


def test_it_leads_nowhere_else(visitor: Page, url: str) -> None:
    visitor.goto(url + APP + 'sign-in/?next=https://evil.example/')
    visitor.fill('#id_address', CLUB)
    visitor.fill('#id_password', PASSWORD)
    visitor.click(SAVE)
    expect(visitor).to_have_url(re.compile(f'^{re.escape(url)}{APP}my/$'))


def test_pages_fit_and_can_be_used_by_all(club: Page, url: str) -> None:
    for size in (WIDE, NARROW):
        for path in ('my/', 'my/devices/', 'my/addresses/add/'):
            visit(club, url + APP + path, size)
    club.get_by_role('button', name='Sign out').click()
    for size in (WIDE, NARROW):
        visit(club, url + APP + 'sign-in/', size)


def test_wrong_passwords_are_counted_with_those_of_the_password_page(
    visitor: Page, url: str
) -> None:
    tries = (CLUB, 'a wrong one'), (ALICE.address, ALICE.password), (ADMIN.address, ADMIN.password)
    for address, password in tries:  # an account is no mailbox with a password of its own
        sign_in(visitor, url, address, password)
        expect(visitor.locator('#id_password_error')).to_contain_text('Wrong address or password')
    visitor.goto(url + APP + 'password/')
    for _try in range(2):
        visitor.fill('#id_address', CLUB)
        visitor.fill('#id_old_password', 'a wrong password')
        visitor.fill('#id_password', NEW)
        visitor.fill('#id_again', NEW)
        visitor.click(SAVE)
        expect(visitor.locator('#id_old_password_error')).to_be_visible()
    sign_in(visitor, url)
    expect(visitor.locator('[role=alert]')).to_contain_text(re.compile('Wait (9|10) minutes'))
