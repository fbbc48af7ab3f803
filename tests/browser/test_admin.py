# SPDX-License-Identifier: AGPL-3.0-or-later
"""Administrators add, change, search, try and remove what is in the directory."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import container, freedombox
from lab.host import wait_for
from lab.screenshot import RETRIES
from lab.settings import BOX

from .people import APP, MAIN, OTHER, forget_alias, forget_mailbox, mail, resolved

SAVE = 'form.email-form input[type=submit]'
TEAM, CLUB, SHOP = f'page-team@{MAIN}', f'page-club@{MAIN}', 'page-shop.test'
ALICE, BOB = f'alice@{MAIN}', f'bob@{MAIN}'


@pytest.fixture(scope='module', autouse=True)
def fixture_beginning() -> None:
    clean()  # an earlier run may have been broken off
    mail('domain', 'change', OTHER, '--catch-all')


@pytest.fixture(autouse=True)
def fixture_clean() -> Iterator[None]:
    yield
    clean()


def clean() -> None:
    """Take away what a test made."""
    forget_alias(TEAM)
    forget_mailbox(CLUB)
    mail('domain', 'remove', SHOP, '--force', check=False)


def make_alias(page: Page, url: str, local: str, *destinations: str) -> None:
    """Fill and send the form for an alias."""
    page.goto(url + APP + 'aliases/add/')
    page.fill('#id_local', local)
    page.fill('#id_destinations', '\n'.join(destinations))
    page.click(SAVE)


def test_an_alias_works_at_once_and_undo_takes_it_back(admin: Page, url: str) -> None:
    make_alias(admin, url, 'page-team', ALICE, BOB)
    expect(admin.locator('.email-undo')).to_contain_text(TEAM)
    assert resolved(TEAM)['mailboxes'] == [ALICE, BOB]
    admin.click('.email-undo button')
    expect(admin.locator('.alert-success[role=alert]')).to_contain_text('Undone')
    assert not resolved(TEAM)['accepted']


def test_a_removed_alias_comes_back_by_undo(admin: Page, url: str) -> None:
    mail('alias', 'add', TEAM, ALICE, '--note', 'kept', '--off')
    admin.goto(url + APP + f'aliases/at/{TEAM}/')
    admin.get_by_role('link', name='Remove alias').click()
    expect(admin.locator('h3')).to_have_text(f'Remove {TEAM}?')
    admin.click(SAVE)
    admin.click('.email-undo button')
    admin.goto(url + APP + f'aliases/at/{TEAM}/')
    expect(admin.locator('#id_note')).to_have_value('kept')
    expect(admin.locator('#id_enabled')).not_to_be_checked()


@pytest.mark.parametrize(
    ('local', 'destination', 'field', 'words'),
    [
        ('page-team', f'nobody@{MAIN}', '#id_destinations', 'no address nobody'),
        ('page-team', 'alice', '#id_destinations', 'not an email address'),
        ('page-team', TEAM, '#id_destinations', 'itself|loop'),
        ('alice', BOB, '#id_local', 'already'),
        ('page team', BOB, '#id_local', 'spaces'),
        ('"><script>alert(1)</script>', BOB, '#id_local', "can't be used"),
        ('page\u202eteam', BOB, '#id_local', 'invisible'),
        ('x' * 65, BOB, '#id_local', 'too long'),
        ('*)(objectClass=*', BOB, '#id_local', 'directly before the @'),
        ('page*', BOB, '#id_local', r'before the \*'),
    ],
)
def test_what_is_wrong_stands_at_the_field(
    admin: Page, url: str, local: str, destination: str, field: str, words: str
) -> None:
    make_alias(admin, url, local, destination)
    box = admin.locator(field)
    expect(box).to_have_attribute('aria-invalid', 'true')
    said = admin.locator(f'{field}_error')
    expect(said).to_have_text(re.compile(words))
    assert (box.get_attribute('aria-describedby') or '').startswith(field[1:] + '_error')
    expect(admin.locator('#id_destinations')).to_have_value(destination)


def test_trying_shows_the_way_and_saves_nothing(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'aliases/add/')
    admin.fill('#id_local', 'page-team')
    admin.fill('#id_destinations', f'{ALICE}\ncarol@outside.test')
    admin.click('button[name=try]')
    expect(admin.locator('.email-path li')).to_have_count(3)
    assert not resolved(TEAM)['accepted']


def test_the_second_of_two_admins_sees_both_and_loses_nothing(admin: Page, url: str) -> None:
    mail('alias', 'add', TEAM, ALICE, BOB, '--note', 'first')
    admin.goto(url + APP + f'aliases/at/{TEAM}/')
    mail('alias', 'change', TEAM, '--note', 'theirs')
    admin.fill('#id_destinations', f'{BOB}, {ALICE.upper()}')
    admin.fill('#id_note', 'mine')
    admin.click(SAVE)
    sides = admin.locator('.email-sides')
    expect(sides.locator('dt')).to_have_text(['Note'])
    expect(sides).to_contain_text('theirs')
    expect(sides).to_contain_text('mine')
    assert 'theirs' in mail('alias', 'list', '--json')
    expect(admin.locator('#id_note')).to_have_value('mine')
    admin.click(SAVE)
    expect(admin.locator('.email-undo')).to_be_visible()
    assert 'theirs' not in mail('alias', 'list', '--json')


def test_undo_does_not_overwrite_what_came_after(admin: Page, url: str) -> None:
    mail('alias', 'add', TEAM, ALICE, '--note', 'first')
    admin.goto(url + APP + f'aliases/at/{TEAM}/')
    admin.fill('#id_note', 'second')
    admin.click(SAVE)
    mail('alias', 'change', TEAM, '--note', 'third')
    admin.click('.email-undo button')
    expect(admin.locator('.alert-danger')).to_contain_text('Could not undo')
    assert 'third' in mail('alias', 'list', '--json')


def test_an_alias_that_is_gone_is_a_sentence(admin: Page, url: str) -> None:
    mail('alias', 'add', TEAM, ALICE)
    admin.goto(url + APP + f'aliases/at/{TEAM}/')
    forget_alias(TEAM)
    admin.fill('#id_destinations', BOB)
    admin.click(SAVE)
    expect(admin.locator('[role=alert]')).to_contain_text(f'There is no alias {TEAM}')


def test_lists_search_as_one_types_and_without_scripts(admin: Page, plain: Page, url: str) -> None:
    mail('alias', 'add', TEAM, ALICE)
    admin.goto(url + APP + 'aliases/')
    admin.locator('#email-query').press_sequentially('page-te')
    expect(admin.locator('.email-rows li')).to_have_count(1)
    expect(admin.locator('#email-count')).to_have_text('1 result')
    expect(admin).to_have_url(re.compile('q=page-te'))
    plain.goto(url + APP + 'aliases/')
    plain.fill('#email-query', 'page-te')
    plain.press('#email-query', 'Enter')
    expect(plain.locator('.email-rows li')).to_have_count(1)


def test_lists_come_in_pages(admin: Page, url: str) -> None:
    lines = [f'page-many-{number:02}@{SHOP},{ALICE}\n' for number in range(27)]
    mail('domain', 'add', SHOP)
    mail('import', '-', stdin=''.join(['address,destinations\n', *lines]))
    admin.goto(url + APP + 'aliases/?q=page-many')
    expect(admin.locator('.email-rows li')).to_have_count(25)
    expect(admin.locator('#email-count')).to_have_text('1 to 25 of 27')
    admin.get_by_role('link', name='Next').click()
    expect(admin.locator('.email-rows li')).to_have_count(2)
    admin.goto(url + APP + 'aliases/?q=page-many&page=99')
    expect(admin.locator('.email-rows li')).to_have_count(2)


@pytest.mark.parametrize(
    'text',
    [
        ')(objectClass=*',
        '*',
        '\\',
        '\x00',
        '\u202e',
        '<script>',
        '\'"',
        pytest.param('x' * 3000, id='long'),
        '@',
    ],
)
def test_a_search_for_anything_is_a_list(admin: Page, url: str, text: str) -> None:
    for path in ('domains/', 'addresses/', 'addresses/off/', 'mailboxes/', 'aliases/'):
        for name in ('q', 'domain', 'page'):
            answer = admin.request.get(url + APP + path, params={name: text}, max_retries=RETRIES)
            assert answer.status == 200, (path, name)
            assert '<script>' not in answer.text().partition('<body')[2]


def test_what_every_domain_has_is_listed_when_asked_for(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'aliases/')
    expect(admin.get_by_text(f'postmaster@{MAIN}')).to_have_count(0)
    admin.get_by_role('link', name=re.compile('standard address')).click()
    expect(admin.get_by_text(f'postmaster@{MAIN}')).to_be_visible()


def test_where_would_this_go(admin: Page, url: str) -> None:
    mail('alias', 'add', TEAM, ALICE, '--sender', BOB)
    admin.goto(url + APP + 'mailboxes/')
    admin.fill('#email-address', TEAM)
    admin.press('#email-address', 'Enter')
    expect(admin.locator('#email-headline')).to_have_text('Works')
    expect(admin.locator('.email-path li')).to_have_count(2)
    expect(admin.locator('#email-postfix')).to_contain_text('Confirmed by Postfix')
    expect(admin.locator('.email-plain')).to_contain_text(BOB)
    admin.fill('#email-address', 'no address')
    admin.press('#email-address', 'Enter')
    expect(admin.locator('#email-wrong')).to_contain_text('not an email address')


def _is_signed(domain: str) -> bool:
    """Whether the scanner has a key for the mail of a domain."""
    words = ['grep', '-q', f'^  "{domain}" {{', '/etc/rspamd/freedombox-email.d/dkim_signing.conf']
    return container.execute(BOX, words, check=False).returncode == 0


def test_a_domain_from_its_first_day_to_its_last(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'domains/add/')
    admin.fill('#id_name', SHOP)
    admin.click(SAVE)
    expect(admin.locator('.email-undo')).to_contain_text(SHOP)
    expect(admin.locator('#email-headline')).to_be_visible()
    admin.get_by_role('link', name='Settings', exact=True).click()
    admin.fill('#id_user_aliases', '3')
    admin.select_option('#id_user_mailboxes', 'yes')
    admin.click(SAVE)
    expect(admin.locator('#email-headline')).to_have_text(re.compile('Not checked|Broken'))
    expect(admin.locator('.email-answer')).to_contain_text('Every user has a mailbox')
    assert resolved(f'alice@{SHOP}')['accepted']
    wait_for(f'mail of {SHOP} to be signed', lambda: _is_signed(SHOP), 120)
    admin.get_by_role('link', name='Remove domain').click()
    expect(admin.locator('.email-loss')).to_contain_text('mailboxes.')
    admin.fill('#id_name', MAIN)
    admin.click(SAVE)
    expect(admin.locator('#id_name_error')).to_be_visible()
    assert SHOP in mail('domain', 'list')
    admin.fill('#id_name', SHOP.upper())
    admin.click(SAVE)
    expect(admin.locator('.alert-success[role=alert]')).to_contain_text(f'Removed {SHOP}')
    assert SHOP not in mail('domain', 'list')
    wait_for(f'mail of {SHOP} not to be signed', lambda: not _is_signed(SHOP), 120)


def test_a_domain_that_shares_the_addresses_of_another(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'domains/add/')
    admin.fill('#id_name', SHOP)
    admin.click('.email-more summary')
    admin.select_option('#id_alias_of', MAIN)
    admin.click(SAVE)
    expect(admin.locator('.email-answer')).to_contain_text(f'Alias of {MAIN}')
    assert resolved(f'alice@{SHOP}')['mailboxes'] == [ALICE]


def test_a_new_main_domain_and_back(admin: Page, url: str) -> None:
    admin.goto(url + APP + f'domains/at/{OTHER}/')
    try:
        admin.get_by_role('button', name='Make primary domain').click()
        expect(admin.locator('.email-undo')).to_contain_text('primary domain now')
        assert resolved(f'alice@{OTHER}')['accepted']
        admin.click('.email-undo button')
        admin.goto(url + APP + f'domains/at/{MAIN}/')
        expect(admin.get_by_text('Yes. User names without @')).to_be_visible()
    finally:
        mail('domain', 'primary', MAIN)
        for name in ('alice', 'bob', 'tester'):
            forget_mailbox(f'{name}@{OTHER}')


def test_any_other_address_of_a_domain(admin: Page, url: str) -> None:
    admin.goto(url + APP + f'domains/at/{OTHER}/any-other/')
    admin.fill('#id_destinations', BOB)
    admin.click(SAVE)
    assert resolved(f'unheard-of@{OTHER}')['mailboxes'] == [BOB]
    admin.click('.email-undo button')
    expect(admin.locator('.alert-success[role=alert]')).to_be_visible()
    assert not resolved(f'unheard-of@{OTHER}')['accepted']


def test_a_catch_all_another_person_chose_is_not_overwritten(admin: Page, url: str) -> None:
    try:
        admin.goto(url + APP + f'domains/at/{OTHER}/any-other/')
        mail('domain', 'change', OTHER, '--catch-all', ALICE)
        admin.fill('#id_destinations', BOB)
        admin.click(SAVE)
        expect(admin.locator('.email-sides')).to_contain_text(ALICE)
        assert resolved(f'unheard-of@{OTHER}')['mailboxes'] == [ALICE]
        admin.click(SAVE)
        expect(admin.locator('.email-undo')).to_be_visible()
        assert resolved(f'unheard-of@{OTHER}')['mailboxes'] == [BOB]
    finally:
        mail('domain', 'change', OTHER, '--catch-all')


def test_a_mailbox_for_a_person_without_an_account(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'mailboxes/add/')
    admin.fill('#id_local', 'page-club')
    admin.click(SAVE)
    link = admin.locator('#email-link').inner_text()
    assert link.startswith(f'https://{MAIN}{APP}password/link/#'), 'not the name in use here'
    assert admin.evaluate('document.querySelector("[data-email-copy]").hidden') is False
    admin.get_by_role('link', name='Done').click()
    expect(admin.locator('.email-content dd').nth(1)).to_have_text('0')
    admin.uncheck('#id_enabled')
    admin.click(SAVE)
    expect(admin.locator('#email-headline')).to_have_text('Off')
    assert not resolved(CLUB)['accepted']
    admin.click('.email-undo button')
    expect(admin.locator('#email-headline')).to_have_text('Works')
    admin.get_by_role('link', name='Remove mailbox').click()
    admin.click(SAVE)
    expect(admin.locator('.alert-success[role=alert]')).to_contain_text('Its mail is kept')
    assert not resolved(CLUB)['accepted']


def test_mail_of_a_removed_mailbox_is_kept_until_deleted(admin: Page, url: str) -> None:
    mail('mailbox', 'add', CLUB, stdin='a password of the lab\n')
    folder = f'/var/vmail/{MAIN}/page-club/new'
    container.execute(BOX, ['mkdir', '-p', folder])
    container.execute(BOX, ['tee', f'{folder}/1.M1P1.box'], stdin='Subject: kept\n\nhello\n')
    mail('mailbox', 'remove', CLUB)
    admin.goto(url + APP + 'mailboxes/kept/')
    row = admin.locator('li', has_text='page-club')
    expect(row).to_contain_text('1 message')
    expect(row.locator('time')).to_be_visible()
    row.get_by_role('link', name='Delete').click()
    expect(admin.locator('.alert-danger')).to_contain_text('1 message')
    admin.click(SAVE)
    expect(admin.locator('.alert-success[role=alert]')).to_contain_text('Permanently deleted')
    assert CLUB not in mail('mailbox', 'kept')


def test_the_mailbox_of_a_user_is_not_removed(admin: Page, url: str) -> None:
    admin.goto(url + APP + f'mailboxes/at/{ALICE}/')
    expect(admin.get_by_role('link', name='Remove mailbox')).to_have_count(0)
    admin.goto(url + APP + f'mailboxes/at/{ALICE}/remove/')
    admin.click(SAVE)
    expect(admin.locator('.alert-danger')).to_contain_text('Delete the user first')


def test_a_silent_directory_is_a_sentence(admin: Page, url: str) -> None:
    with freedombox.without_directory(BOX):
        for path in ('domains/', 'addresses/', 'mailboxes/', 'aliases/', f'aliases/at/{TEAM}/',
                     'my/', 'my/start/', 'my/devices/'):  # fmt: skip
            answer = admin.goto(url + APP + path)
            assert answer is not None
            assert answer.status == 503, path
            expect(admin.locator('.email-tabs')).to_be_visible()
            expect(admin.locator('[role=alert]')).to_contain_text('The user directory (LDAP)')
            assert 'Traceback' not in admin.content()
