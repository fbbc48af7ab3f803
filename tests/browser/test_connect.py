# SPDX-License-Identifier: AGPL-3.0-or-later
"""A device is connected without typing a server name or a password."""

import imaplib
import json
import plistlib
import re
import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab.host import wait_for
from lab.screenshot import RETRIES
from lab.settings import BOX, USERS, LabUser
from plinth.modules.email.clients.tests.apple_schema import faults_of_profile
from tests.conftest import Host
from tests.integration import certificates
from tests.integration import mail as post

from . import qr
from .looks import NARROW, WIDE, usable, visit_in_all_looks
from .people import APP, MAIN, forget_tries, mail

ALICE, BOB = USERS
SAVE = 'form.email-form input[type=submit]'


def passwords(user: LabUser) -> list[dict[str, Any]]:
    """The app passwords of a user."""
    found = json.loads(mail('app-password', 'list', user.username, '--json'))
    return list(found['passwords'])


@pytest.fixture(scope='module', autouse=True)
def fixture_patience() -> None:
    forget_tries()


@pytest.fixture(autouse=True)
def fixture_clean() -> Iterator[None]:
    yield
    for each in passwords(ALICE):
        mail('app-password', 'remove', each['key_id'])


@pytest.fixture(name='phone')
def fixture_phone(visitor: Page) -> Page:
    """The browser of a device on which no one is logged in."""
    visitor.set_viewport_size({'width': NARROW[0], 'height': NARROW[1]})
    return visitor


def connect(page: Page, url: str, kind: str, label: str = 'Phone') -> None:
    """Connect a device of a kind, as far as its password."""
    page.goto(url + APP + 'my/devices/')
    page.check(f'[name=kind][value={kind}]')
    page.fill('#id_label', label)
    page.fill('#id_password', ALICE.password)
    page.click(SAVE)
    expect(page.locator('#email-new')).to_contain_text(label)


def reads_and_sends(login: str, password: str, imap: int = 993, smtp: int = 465) -> bool:
    """Whether a mail app with these settings reads mail, and sends it to its own address."""
    with imaplib.IMAP4_SSL(BOX.ip, imap, ssl_context=post.tls()) as session:
        session.login(login, password)
        state, _data = session.select('INBOX')
    message = post.message(login, login)
    with smtplib.SMTP_SSL(BOX.ip, smtp, context=post.tls()) as server:
        server.login(login, password)
        server.send_message(message)
    return state == 'OK'


def test_android_reads_account_and_password_from_the_code(alice: Page, url: str) -> None:
    connect(alice, url, 'android')
    found = qr.account(qr.scan(alice))
    assert found.address == found.login == ALICE.address
    assert found.imap == (MAIN, 993)
    assert found.smtp == (MAIN, 465)
    assert reads_and_sends(found.login, found.password, found.imap[1], found.smtp[1])
    expect(alice.locator('[role=status] [id^=email-use-]')).to_contain_text('connected')
    alice.reload()
    expect(alice.locator('.email-qr')).to_have_count(0)
    assert [each['label'] for each in passwords(ALICE)] == ['Phone']


def test_a_page_with_a_password_closes_by_itself(alice: Page, url: str) -> None:
    with alice.expect_response(lambda answer: 'refresh' in answer.headers) as found:
        connect(alice, url, 'android')
    assert found.value.headers['refresh'] == f'600; url={APP}my/devices/'
    assert 'no-store' in found.value.headers['cache-control']


def open_link(phone: Page, url: str, link: str) -> None:
    """Open a link, whose name the phone resolves, as this machine does not."""
    path = link.partition(APP)[2]
    assert link == f'https://{MAIN}{APP}{path}'
    phone.goto(url + APP + path)


def fetch(phone: Page) -> bytes:
    """The profile a page offers."""
    with phone.expect_download() as found:
        phone.get_by_role('button', name='Download profile').click()
    assert found.value.suggested_filename == 'mail.mobileconfig'
    return Path(found.value.path()).read_bytes()


def account_of(profile: bytes) -> dict[str, Any]:
    """The settings of mail in a profile, which follows its schema."""
    found = plistlib.loads(profile)
    assert not faults_of_profile(found)
    (account,) = found['PayloadContent']
    return dict(account)


def test_an_iphone_fetches_its_profile_once(alice: Page, phone: Page, url: str) -> None:
    connect(alice, url, 'apple', 'iPhone')
    link = qr.scan(alice)
    assert passwords(ALICE) == [], 'a password waits before anything fetched it'
    open_link(phone, url, link)
    expect(phone.locator('body')).to_contain_text('Profile for “iPhone”')
    assert '#' not in phone.url
    account = account_of(fetch(phone))
    assert account['EmailAddress'] == ALICE.address
    assert reads_and_sends(account['IncomingMailServerUsername'], account['IncomingPassword'])
    assert [each['label'] for each in passwords(ALICE)] == ['iPhone']
    open_link(phone, url, link)
    expect(phone.locator('body')).to_contain_text('was used already or has expired')


def test_a_new_link_ends_the_one_before(alice: Page, phone: Page, url: str) -> None:
    connect(alice, url, 'apple')
    first = qr.scan(alice)
    connect(alice, url, 'apple')
    open_link(phone, url, first)
    expect(phone.locator('body')).to_contain_text('was used already or has expired')
    assert passwords(ALICE) == []


def test_no_link_without_the_present_password(alice: Page, url: str) -> None:
    alice.goto(url + APP + 'my/devices/')
    alice.check('[name=kind][value=apple]')
    alice.fill('#id_label', 'Phone')
    alice.fill('#id_password', BOB.password)
    alice.click(SAVE)
    expect(alice.locator('#id_password_error')).to_contain_text('not the password of your account')


def test_a_wrong_link_gets_nothing(phone: Page, url: str) -> None:
    open_link(phone, url, f'https://{MAIN}{APP}profile/#{"A" * 43}')
    expect(phone.locator('body')).to_contain_text('was used already or has expired')
    phone.goto(url + APP + 'profile/ready/')
    expect(phone.locator('#id_code')).to_be_visible()


def test_a_profile_is_signed_by_the_chain_of_the_host(
    alice: Page, phone: Page, url: str, box: Host, tmp_path: Path
) -> None:
    with certificates.authority(box):
        key = certificates.issue(box, MAIN)
        certificates.renewed(box, MAIN)
        wait_for('the certificate', lambda: certificates.shown(box, MAIN) == (key,) * 2, 60)
        connect(alice, url, 'apple')
        open_link(phone, url, qr.scan(alice))
        (tmp_path / 'profile').write_bytes(fetch(phone))
        (tmp_path / 'ca.pem').write_text(box.run('cat', certificates.AUTHORITY))
    ran = subprocess.run(
        ['openssl', 'smime', '-verify', '-inform', 'DER', '-in', tmp_path / 'profile',
         '-CAfile', tmp_path / 'ca.pem', '-purpose', 'any'],
        capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr.decode()
    assert account_of(ran.stdout)['EmailAddress'] == ALICE.address


def test_a_computer_needs_address_and_password_alone(alice: Page, url: str) -> None:
    connect(alice, url, 'computer', 'Laptop')
    login = alice.locator('#email-login').inner_text()
    password = alice.locator('#email-password').inner_text()
    assert login == ALICE.address
    assert reads_and_sends(login, password)
    expect(alice.locator('.email-secret')).to_contain_text('new Outlook copies your mail')


def test_the_administrator_sees_who_asked_and_what_they_got(
    admin: Page, visitor: Page, url: str
) -> None:
    app = {'User-Agent': 'Made Mailer 1.0', 'Host': f'autoconfig.{MAIN}'}
    config = f'{url}/mail/config-v1.1.xml?emailaddress='
    for asked in (f'secret.name@{MAIN}', f'secret.name@{MAIN}', 'secret.name@stranger.example'):
        visitor.request.get(config + asked, headers=app, max_retries=RETRIES)
    admin.goto(url + APP + 'activity/setup/')
    rows = admin.locator('#email-setup-requests > li').filter(has_text='Made Mailer 1.0')
    expect(rows.filter(has_text=f'Got the settings of {MAIN}')).to_contain_text(
        re.compile(r'autoconfig.*\b[2-9] times', re.DOTALL)
    )
    expect(rows.filter(has_text='stranger.example')).to_contain_text('Got nothing')
    assert 'secret.name' not in admin.content()
    visit_in_all_looks(admin, admin.url)


def test_settings_can_be_copied_and_printed(alice: Page, url: str) -> None:
    alice.goto(url + APP + 'my/devices/')
    alice.get_by_role('link', name='Copy or print the settings').click()
    sheet = alice.locator('.email-sheet').filter(has_text=ALICE.address)
    expect(sheet).to_contain_text(re.compile('IMAP.*993.*SMTP.*465', re.DOTALL))
    button = sheet.get_by_role('button', name=f'Copy: User name {ALICE.address}')
    button.click()
    expect(button).to_have_text('Copied')
    assert alice.evaluate('getSelection().toString()') == ALICE.address
    visit_in_all_looks(alice, alice.url)
    alice.emulate_media(media='print')
    expect(sheet).to_be_visible()
    for hidden in (alice.locator('.email-tabs'), button, alice.locator('nav.navbar')):
        expect(hidden).to_be_hidden()


@pytest.mark.parametrize('size', [WIDE, NARROW], ids=['wide', 'narrow'])
@pytest.mark.parametrize('kind', ['android', 'apple', 'computer', 'other'])
def test_pages_fit_and_can_be_used_by_all(
    alice: Page, url: str, size: tuple[int, int], kind: str
) -> None:
    alice.set_viewport_size({'width': size[0], 'height': size[1]})
    connect(alice, url, kind)
    usable(alice)
