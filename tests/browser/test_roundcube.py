# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's Roundcube: reading, sending, answering, attaching and sorting in the browser."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lab import settings
from lab.freedombox import without_directory
from lab.host import wait_for
from lab.settings import DOMAINS, LabUser
from tests.integration import certificates, mail

from ..conftest import Host
from . import apps, people, roundcube
from .roundcube import session

pytestmark = [pytest.mark.long, pytest.mark.usefixtures('installed', 'quiet_journal')]
ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
MAIN, OTHER = DOMAINS
OURS = f'webmail-team@{MAIN}'
SHOP = LabUser('webmail-shop', 'shop-lab-password', OTHER)
PLACE = '/roundcube/'
DEBIANS = "$config['plugins'][] = 'password';"
ELSEWHERE = f'https://pictures.{settings.OUTSIDE_DOMAIN}/'
CARD = f"""BEGIN:VCARD
VERSION:3.0
FN:Carol Outside
N:Outside;Carol;;;
EMAIL:{CAROL.address}
PHOTO;VALUE=URI:{ELSEWHERE}photo
END:VCARD
"""
PICTURES = f"""<html><head><link rel="stylesheet" href="{ELSEWHERE}sheet">
<link rel="preload" as="image" href="{ELSEWHERE}preload">
<style>@import url("{ELSEWHERE}import"); p {{background: url({ELSEWHERE}style)}}
@font-face {{font-family: far; src: url({ELSEWHERE}font)}} p {{font-family: far}}</style></head>
<body background="{ELSEWHERE}body"><p style="background: url({ELSEWHERE}inline)">Hello</p>
<img src="{ELSEWHERE}img"><img srcset="{ELSEWHERE}set 2x"><input type="image" src="{ELSEWHERE}in">
<picture><source srcset="{ELSEWHERE}source"><img src="{ELSEWHERE}picture"></picture>
<svg><image href="{ELSEWHERE}svg" xlink:href="{ELSEWHERE}xlink"/></svg>
<video poster="{ELSEWHERE}poster" src="{ELSEWHERE}video"></video><embed src="{ELSEWHERE}embed">
<iframe src="{ELSEWHERE}frame"></iframe><object data="{ELSEWHERE}object"></object></body></html>"""
ATTACHED = 20 * 1024 * 1024


@pytest.fixture(scope='module')
def installed(box: Host) -> None:
    """Install Roundcube as people do; this app has been there for long."""
    roundcube.install(box)


@contextmanager
def _granted(user: LabUser) -> Iterator[None]:
    """Let a user send as an address."""
    people.forget_alias(OURS)
    people.mail('alias', 'add', OURS, BOB.address, '--sender', user.address)
    try:
        yield
    finally:
        people.forget_alias(OURS)


def test_people_are_known_by_their_addresses_without_a_new_login(
    browser: Browser, url: str
) -> None:
    people.forget_alias(OURS)
    with session(browser, url, ALICE) as webmail:
        before = webmail.senders()
        assert before[0] == f'alice <{ALICE.address}>'
        with _granted(ALICE):
            assert sorted(webmail.senders()) == sorted([*before, f'alice <{OURS}>'])
        assert webmail.senders() == before


@pytest.mark.journal_may_say('roundcube.*(Invalid response code|Sender address rejected)')
def test_an_address_taken_away_under_way_sends_nothing(browser: Browser, url: str) -> None:
    with session(browser, url, ALICE) as webmail:
        with _granted(ALICE):
            webmail.compose(BOB.address, 'Still from the team', OURS)
        assert 'not owned by user' in webmail.try_to_send()
        assert f'alice <{OURS}>' not in webmail.senders()


def test_a_signature_outlives_its_address(browser: Browser, url: str) -> None:
    """The usual sender is then the main address."""
    with session(browser, url, BOB) as webmail:
        with _granted(BOB):
            webmail.senders()
            webmail.sign(OURS, 'Bob of the team')
            assert webmail.senders()[0] == f'bob <{OURS}>'
        left = webmail.senders()
        assert left[0] == f'bob <{BOB.address}>'
        assert f'bob <{OURS}>' not in left
        expect(webmail.page.locator('#composebody')).to_have_value(re.compile('of the team'))


def test_a_message_goes_out(browser: Browser, url: str, outside: Host) -> None:
    sent = mail.message(ALICE.address, CAROL.address)
    with session(browser, url, ALICE) as webmail:
        webmail.compose(CAROL.address, sent['Subject'])
        webmail.send()
    arrived = mail.parsed(mail.wait_for(outside.ip, CAROL, sent, encrypted=False))
    assert arrived['From'].addresses[0].addr_spec == ALICE.address
    assert 'Roundcube' not in str(arrived.items()), "the mail program is nobody's business"


def test_another_user_answers(browser: Browser, url: str, box: Host) -> None:
    sent = mail.message(ALICE.address, BOB.address)
    with session(browser, url, ALICE) as webmail:
        webmail.compose(BOB.address, sent['Subject'])
        webmail.send()
    mail.wait_for(box.ip, BOB, sent)
    with session(browser, url, BOB, BOB.address) as webmail:
        webmail.answer(sent['Subject'])
        webmail.send()
    sent.replace_header('Subject', f'Re: {sent["Subject"]}')
    answer = mail.parsed(mail.wait_for(box.ip, ALICE, sent))
    assert answer['From'].addresses[0].addr_spec == BOB.address


def test_a_large_file_arrives_whole(browser: Browser, url: str, box: Host, tmp_path: Path) -> None:
    sent = mail.message(ALICE.address, BOB.address)
    file = tmp_path / 'pictures.bin'
    file.write_bytes(hashlib.shake_128(b'pictures').digest(ATTACHED))
    with session(browser, url, ALICE) as webmail:
        webmail.compose(BOB.address, sent['Subject'])
        webmail.attach(file)
        webmail.send()
    (part,) = mail.parsed(mail.wait_for(box.ip, BOB, sent)).iter_attachments()
    assert part.get_filename() == file.name
    assert part.get_content() == file.read_bytes()


@pytest.mark.journal_may_say(f'roundcube.*{ELSEWHERE}sheet')
def test_nothing_is_loaded_from_elsewhere_unasked(
    browser: Browser, url: str, box: Host, tmp_path: Path
) -> None:
    """Neither for a stranger nor for a contact, whose picture may be on another server.

    A style sheet is loaded by Roundcube itself, and the journal says when that fails.
    """
    journal = box.journal_since()
    sent = mail.message(CAROL.address, BOB.address)
    sent.add_alternative(PICTURES, subtype='html')
    mail.deliver(box.ip, sent)
    mail.wait_for(box.ip, BOB, sent)
    card = tmp_path / 'carol.vcf'
    card.write_text(CARD)
    with session(browser, url, BOB, BOB.address) as webmail:
        webmail.read(sent['Subject'])
        webmail.add_contact(card)
        webmail.open_contact('Carol Outside')
        webmail.read(sent['Subject'])
        assert webmail.elsewhere == []
        assert ELSEWHERE not in journal('-t', 'roundcube')
        webmail.allow_pictures()
        assert f'{ELSEWHERE}img' in webmail.elsewhere, 'this test sees what is loaded'


def _forget_scripts(box: Host, user: LabUser) -> None:
    """Remove the Sieve scripts of a user."""
    box.run('doveadm', 'sieve', 'deactivate', '-u', user.address)
    for name in box.run('doveadm', 'sieve', 'list', '-u', user.address).split():
        box.run('doveadm', 'sieve', 'delete', '-u', user.address, name)


def test_a_filter_sorts(browser: Browser, url: str, box: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    try:
        with session(browser, url, BOB) as webmail:
            webmail.sort(sent['Subject'], 'Archive')
        mail.deliver(box.ip, sent)
        mail.wait_for(box.ip, BOB, sent, 'Archive')
    finally:
        _forget_scripts(box, BOB)


def test_filters_of_both_are_seen_and_work_beside_each_other(
    browser: Browser, url: str, box: Host
) -> None:
    ours, theirs = (mail.message(CAROL.address, BOB.address) for _number in range(2))
    rules = ['freedombox-email', 'rules']
    box.run(*rules, 'add-filter', BOB.address, 'Made on Away', '--subject', ours['Subject'],
            '--folder', 'Ours')  # fmt: skip
    try:
        with session(browser, url, BOB) as webmail:
            assert 'Made on Away' in webmail.filters('FreedomBox')
            webmail.sort(theirs['Subject'], 'Archive')
            assert 'Browser test' not in webmail.filters('FreedomBox')
        for sent, folder in ((ours, 'Ours'), (theirs, 'Archive')):
            mail.deliver(box.ip, sent)
            mail.wait_for(box.ip, BOB, sent, folder)
    finally:
        box.run(*rules, 'remove-filter', BOB.address, 'Made on Away')
        _forget_scripts(box, BOB)


@pytest.fixture
def shop() -> Iterator[LabUser]:
    """Give the shop a mailbox of its own."""
    people.forget_mailbox(SHOP.address)
    people.mail('mailbox', 'add', SHOP.address, stdin=f'{SHOP.password}\n')
    yield SHOP
    people.forget_mailbox(SHOP.address)


def test_a_stand_alone_mailbox_has_its_own_name(browser: Browser, url: str, shop: LabUser) -> None:
    with session(browser, url, shop, shop.address) as webmail:
        (only,) = webmail.senders()
    assert shop.address in only


@pytest.mark.journal_may_say(f'roundcube.*Login failed for {SHOP.address}')
def test_the_password_of_a_mailbox_is_changed_on_our_page(
    browser: Browser, url: str, box: Host, shop: LabUser
) -> None:
    """A session with the old one ends at the next click, before it counts as an attack."""
    journal = box.journal_since()
    anew = LabUser(shop.username, 'shop-lab-password-2', OTHER)
    with session(browser, url, shop, shop.address) as webmail:
        webmail.change_password()
        page = webmail.page
        page.fill('#id_address', shop.address)
        page.fill('#id_old_password', shop.password)
        page.fill('#id_password', anew.password)
        page.fill('#id_again', anew.password)
        page.click('form.email-form input[type=submit]')
        expect(page.locator('.email-page')).to_contain_text('Changed the password.')
        webmail.go('_task=mail')
        expect(page.locator('#rcmloginuser')).to_be_visible()
    assert journal('-t', 'roundcube').count('Login failed') == 1
    with session(browser, url, anew, shop.address):
        pass


@pytest.mark.journal_may_say('.')
def test_a_session_outlives_a_pause_of_the_directory(browser: Browser, url: str, box: Host) -> None:
    """No password was refused, so the user need not log in again."""
    known = ('doveadm', 'auth', 'test', ALICE.address, ALICE.password)
    with session(browser, url, ALICE) as webmail:
        with without_directory(box.machine):
            box.run('doveadm', 'auth', 'cache', 'flush', check=False)
            webmail.go('_task=mail')
            expect(webmail.page.locator('#messagestack')).to_contain_text('Temporary')
        wait_for('Dovecot to know Alice again', lambda: box.succeeds(*known), 60)
        webmail.go('_task=mail')
        webmail.page.locator('#messagelist').wait_for(state='attached')


@pytest.mark.parametrize('login', [ALICE.username, ALICE.address])
def test_the_password_of_an_account_is_changed_on_freedomboxs_page(
    browser: Browser, url: str, box: Host, login: str
) -> None:
    """Debian's own page would change one that no login asks for, so it is kept away."""
    settings_file = '/etc/roundcube/config.inc.php'
    box.run('tee', '-a', settings_file, stdin=f'{DEBIANS}\n')
    try:
        with session(browser, url, ALICE, login) as webmail:
            webmail.change_password()
            webmail.page.fill('#id_username', ALICE.username)
            webmail.page.fill('#id_password', ALICE.password)
            webmail.page.click('form.form-login input[type=submit]')
            expect(webmail.page.locator('#id_new_password1')).to_be_visible()
            assert f'/users/{ALICE.username}/' in webmail.page.url
    finally:
        box.run('sed', '-i', f'\\|^{re.escape(DEBIANS)}$|d', settings_file)


def test_our_pages_lead_there_while_it_is_on(
    browser: Browser, url: str, admin: Page, shop: LabUser, visitor: Page
) -> None:
    row = admin.locator('#email-webmail ~ ul > [data-app=roundcube]')
    admin.goto(url + people.APP)
    expect(row.get_by_role('link', name='Open Roundcube')).to_have_attribute('href', PLACE)
    people.sign_in(visitor, url, shop.address, shop.password)
    visitor.goto(f'{url}{people.APP}my/devices/')
    link = visitor.get_by_role('link', name='Open Roundcube')
    expect(link).to_have_attribute('href', PLACE)
    apps.switch('roundcube', admin, url)
    try:
        admin.goto(url + people.APP)
        expect(row).to_contain_text('turned off')
        visitor.reload()
        expect(link).to_have_count(0)
        row.get_by_role('link', name='Turn on Roundcube').click()
        assert admin.url == url + roundcube.APP
    finally:
        apps.switch('roundcube', admin, url)
    with session(browser, url, ALICE):
        pass


def test_saving_freedomboxs_own_form_changes_nothing(
    browser: Browser, url: str, box: Host, outside: Host
) -> None:
    """It writes its file anew, and an upgrade of Roundcube puts its own settings back."""
    web = box.browser()
    for value in ([], ['on']):
        page = web.get(roundcube.APP)
        form = page.form(has_field='csrfmiddlewaretoken')
        form.fields.pop('local_only', None)
        web.submit(page, form, **({'local_only': value} if value else {}))
    test_a_message_goes_out(browser, url, outside)


@contextmanager
def _shown(box: Host) -> Iterator[None]:
    """Have Dovecot and Postfix show a new certificate of an authority, as after a renewal."""
    live, dovecot = f'/etc/letsencrypt/live/{MAIN}', f'/etc/dovecot/letsencrypt/{MAIN}'
    with certificates.authority(box):
        certificates.issue(box, MAIN)
        box.run('cp', f'{live}/fullchain.pem', f'{dovecot}/cert.pem')
        box.run('cp', f'{live}/privkey.pem', f'{dovecot}/privkey.pem')
        chain = box.run('cat', f'{live}/privkey.pem', f'{live}/fullchain.pem')
        box.run('tee', f'/etc/postfix/letsencrypt/{MAIN}/chain.pem', stdin=chain)
        box.run('systemctl', 'reload', 'dovecot', 'postfix')
        yield


@pytest.mark.journal_may_say('roundcube.*Could not connect to ssl://localhost:993')
def test_a_renewed_certificate_is_trusted_and_no_other(
    browser: Browser, url: str, box: Host, outside: Host, visitor: Page
) -> None:
    with _shown(box):
        test_a_message_goes_out(browser, url, outside)
        box.run('cp', '/etc/ssl/certs/ssl-cert-snakeoil.pem',
                f'/etc/dovecot/letsencrypt/{MAIN}/cert.pem')  # fmt: skip
        roundcube.log_in(visitor, url, ALICE.username, ALICE.password)
        expect(visitor.locator('#messagestack')).to_contain_text('Connection to storage server')


def test_roundcube_is_removed_wholly(box: Host, admin: Page, url: str) -> None:
    """Nothing this app has on the box for its sake keeps Roundcube there."""
    apps.remove(box, 'roundcube')
    for package in ('roundcube-core', 'roundcube-plugins'):
        assert 'ok installed' not in box.run('dpkg-query', '-Wf', '${Status}', package, check=False)
    assert not box.succeeds('test', '-e', '/etc/roundcube/config.inc.php')
    box.run('apache2ctl', 'configtest')
    people.mail('drift')
    admin.goto(url + people.APP)
    expect(admin.get_by_role('link', name='Install Roundcube')).to_be_visible()
