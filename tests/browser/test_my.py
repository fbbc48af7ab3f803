# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every user looks after their own addresses and devices, and cannot get at another's."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from lab.settings import BOX, USERS, LabUser
from tests.integration import mail as post

from . import people
from .looks import NARROW, WIDE, visit
from .people import APP, MAIN, OTHER, forget_alias, forget_tries, mail, resolved

SAVE = 'form.email-form input[type=submit]'
ALICE, BOB = USERS
BOOKS, BOBS = f'page-books@{MAIN}', f'page-bobs@{MAIN}'


def passwords(user: str) -> list[dict[str, str]]:
    """The passwords for devices of a user."""
    found: list[dict[str, str]] = json.loads(mail('app-password', 'list', user, '--json'))[
        'passwords'
    ]
    return found


@pytest.fixture(scope='module', autouse=True)
def fixture_patience() -> None:
    forget_tries()


@pytest.fixture(autouse=True)
def fixture_room() -> Iterator[None]:
    mail('domain', 'change', MAIN, '--user-aliases', '3')
    mail('domain', 'change', OTHER, '--user-aliases', '0')
    yield
    for user in USERS:
        for each in passwords(user.username):
            mail('app-password', 'remove', each['key_id'])
    for alias in json.loads(mail('alias', 'list', '--json'))['aliases']:
        if alias['origin'] == 'user':
            forget_alias(alias['address'])
    mail('domain', 'change', MAIN, '--user-aliases', '0')
    mail('mailbox', 'forward', ALICE.address)


def make(page: Page, url: str, local: str) -> None:
    """Make an address."""
    page.goto(url + APP + 'my/addresses/add/')
    page.fill('#id_local', local)
    page.fill('#id_note', 'Book shop')
    page.click(SAVE)


def send(page: Page, url: str, path: str, **fields: str) -> int:
    """Send a form with the token of another one."""
    page.goto(url + APP + 'my/devices/')
    token = page.locator('[name=csrfmiddlewaretoken]').first.input_value()
    return people.send(page, url, path, token, **fields)


def test_an_address_is_made_changed_and_removed(alice: Page, url: str) -> None:
    make(alice, url, 'page-books')
    expect(alice.locator('.email-undo')).to_contain_text(BOOKS)
    assert resolved(BOOKS)['mailboxes'] == [ALICE.address]
    assert ALICE.address in resolved(BOOKS)['senders']
    alice.get_by_role('link', name=BOOKS).click()
    alice.uncheck('#id_enabled')
    alice.click(SAVE)
    assert not resolved(BOOKS)['accepted']
    alice.click('.email-undo button')
    expect(alice.locator('.alert-success[role=alert]')).to_be_visible()
    assert resolved(BOOKS)['accepted']
    alice.get_by_role('link', name=BOOKS).click()
    alice.get_by_role('link', name='Remove address').click()
    alice.click(SAVE)
    expect(alice.locator('.email-undo')).to_be_visible()
    assert not resolved(BOOKS)['accepted']


def test_random_addresses_by_one_click_up_to_the_limit(alice: Page, url: str) -> None:
    alice.goto(url + APP + 'my/')
    for number in (1, 2, 3):
        alice.get_by_role('button', name='Create random address').click()
        expect(alice.get_by_text(f'{number} of 3 used')).to_be_visible()
    expect(alice.get_by_role('button', name='Create random address')).to_have_count(0)
    assert send(alice, url, 'my/addresses/random/') == 302
    found = json.loads(mail('alias', 'list', '--json'))['aliases']
    assert sum(alias['origin'] == 'user' for alias in found) == 3


def test_an_address_that_is_taken(alice: Page, url: str) -> None:
    make(alice, url, 'bob')
    expect(alice.locator('#id_local_error')).to_contain_text('already')
    make(alice, url, '*')
    expect(alice.locator('#id_local_error')).to_contain_text('before the *')


def test_a_forward_to_somewhere_else(alice: Page, url: str) -> None:
    alice.goto(url + APP + 'my/')
    alice.get_by_role('link', name=re.compile('Forward')).first.click()
    alice.fill('#id_forwards', f'nobody@{MAIN}')
    alice.click(SAVE)
    expect(alice.locator('#id_forwards_error')).to_contain_text('no address')
    alice.fill('#id_forwards', 'carol@outside.test')
    alice.click(SAVE)
    expect(alice.locator('.email-rows').first).to_contain_text('forwarded to carol@outside.test')
    assert resolved(ALICE.address)['remote'] == ['carol@outside.test']


def test_a_password_for_a_device_is_seen_once(alice: Page, url: str) -> None:
    alice.goto(url + APP + 'my/devices/')
    alice.check('[name=kind][value=other]')
    alice.fill('#id_label', 'Phone <b>')
    alice.fill('#id_password', BOB.password)
    alice.click(SAVE)
    expect(alice.locator('#id_password_error')).to_contain_text('not the password of your account')
    alice.fill('#id_password', ALICE.password)
    alice.click(SAVE)
    password = alice.locator('#email-password').inner_text()
    assert re.fullmatch('[a-z0-9]{4}(-[a-z0-9]{4}){4}', password)
    alice.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    alice.get_by_role('button', name='Copy').click()
    expect(alice.get_by_role('button', name='Copied')).to_be_visible()
    assert alice.evaluate('navigator.clipboard.readText()') == password
    use = alice.locator('[role=status] [id^=email-use-]')
    expect(use).to_contain_text('never used')
    with post.mailbox(BOX.ip, ALICE.username, password):
        pass
    expect(use).to_contain_text('“Phone <b>” connected just now', timeout=20_000)
    assert password in alice.content(), 'whoever still types it can go on'
    assert use.get_attribute('hx-get') is None, 'nothing is asked any more'
    alice.get_by_role('link', name='Done').click()
    assert password not in alice.content()
    mine = alice.get_by_role('region', name='App passwords')
    expect(mine).to_contain_text('“Phone <b>” connected')
    expect(mine).not_to_contain_text('last sent')
    alice.get_by_role('link', name=re.compile('^Revoke')).click()
    expect(alice.locator('h3')).to_contain_text('Phone <b>')
    alice.click(SAVE)
    expect(alice.locator('.alert-success[role=alert]')).to_contain_text('Revoked the password')
    assert passwords(ALICE.username) == []


def test_to_load_again_makes_no_other_password(alice: Page, url: str) -> None:
    for _time in range(2):
        alice.goto(url + APP + 'my/devices/')
        alice.check('[name=kind][value=other]')
        alice.fill('#id_label', 'Phone')
        alice.fill('#id_password', ALICE.password)
        alice.click(SAVE)
        password = alice.locator('#email-password').inner_text()
        alice.reload()
        expect(alice.locator('#id_label')).to_be_visible()
        assert password not in alice.content()
    assert sorted(each['label'] for each in passwords(ALICE.username)) == ['Phone', 'Phone 2']


def test_the_account_password_is_changed_at_freedombox(alice: Page, url: str) -> None:
    alice.goto(url + APP + 'my/devices/')
    alice.get_by_role('link', name='Change account password').click()
    expect(alice).to_have_url(re.compile('/sys/users/alice/change_password/'))


@pytest.fixture(name='bobs')
def fixture_bobs(anew: Callable[[LabUser], Page], url: str) -> str:
    """Give Bob an address and a password; return the key of the password."""
    make(anew(BOB), url, 'page-bobs')
    mail('app-password', 'add', BOB.username, 'Bobs phone')
    return passwords(BOB.username)[0]['key_id']


def test_no_one_sees_what_is_anothers(alice: Page, url: str, bobs: str) -> None:
    for path in (
        f'my/addresses/at/{BOBS}/',
        f'my/addresses/at/{BOBS}/remove/',
        f'my/forward/{BOB.address}/',
        f'my/devices/{bobs}/remove/',
        f'my/away/of/{BOB.address}/filters/1/',
        f'my/away/of/{BOB.address}/filters/add/',
    ):
        answer = alice.goto(url + APP + path)
        assert answer is not None
        assert answer.status == 404, path
        assert 'Bobs phone' not in alice.content()
    for path in ('my/', 'my/devices/'):
        alice.goto(url + APP + path)
        assert BOBS not in alice.content()
        assert 'Bobs phone' not in alice.content()


def test_no_one_touches_what_is_anothers(alice: Page, url: str, bobs: str) -> None:
    before = mail('alias', 'list', '--json'), mail('mailbox', 'list', '--json')
    tries = {
        f'my/addresses/at/{BOBS}/': {'note': 'mine now'},
        f'my/addresses/at/{BOBS}/remove/': {},
        f'my/forward/{BOB.address}/': {'forwards': ALICE.address},
        f'my/devices/{bobs}/remove/': {},
    }
    for path, fields in tries.items():
        assert send(alice, url, path, user=BOB.username, **fields) == 404, path
    assert (mail('alias', 'list', '--json'), mail('mailbox', 'list', '--json')) == before
    assert [each['key_id'] for each in passwords(BOB.username)] == [bobs]


def test_a_password_is_made_for_oneself_only(alice: Page, url: str) -> None:
    trick = {'kind': 'other', 'label': 'Trick', 'user': BOB.username, 'owner': 'bob'}
    assert send(alice, url, 'my/devices/', **trick) == 200
    assert send(alice, url, 'my/devices/', password=BOB.password, **trick) == 200
    assert passwords(ALICE.username) == []
    assert send(alice, url, 'my/devices/', password=ALICE.password, **trick) == 302
    assert passwords(BOB.username) == []
    assert len(passwords(ALICE.username)) == 1


def test_administration_is_closed_to_users(alice: Page, url: str) -> None:
    for path in (
        'domains/', 'domains/add/', f'domains/at/{MAIN}/', f'domains/at/{MAIN}/remove/',
        'mailboxes/', 'mailboxes/add/', 'mailboxes/kept/', f'mailboxes/at/{BOB.address}/',
        f'mailboxes/at/{BOB.address}/link/', 'aliases/add/', f'aliases/at/postmaster@{MAIN}/',
        'aliases/where/', 'aliases/where/postfix/', f'domains/at/{MAIN}/main/',
    ):  # fmt: skip
        answer = alice.goto(url + APP + path)
        assert answer is not None
        assert answer.status == 403, path
        assert send(alice, url, path) == 403, path
    alice.goto(url + APP + 'aliases/')
    expect(alice).to_have_url(re.compile('/my/$'))


def test_undo_is_no_way_around(anew: Callable[[LabUser], Page], url: str) -> None:
    alice = anew(ALICE)
    assert send(alice, url, 'undo/', next='https://evil.example/') == 302
    alice.goto(url + APP + 'my/')
    expect(alice.locator('.alert-danger')).to_contain_text('Nothing to undo.')


@pytest.mark.parametrize('size', [WIDE, NARROW], ids=['wide', 'narrow'])
def test_pages_fit_and_can_be_used_by_all(alice: Page, url: str, size: tuple[int, int]) -> None:
    make(alice, url, 'page-books')
    for path in ('my/', 'my/addresses/add/', f'my/addresses/at/{BOOKS}/',
                 f'my/addresses/at/{BOOKS}/remove/', 'my/devices/'):  # fmt: skip
        visit(alice, url + APP + path, size)
