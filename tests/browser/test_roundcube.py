# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's Roundcube: reading, sending, answering, attaching and sorting in the browser."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lab import settings
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
ATTACHED = 20 * 1024 * 1024


@pytest.fixture(scope='module')
def installed(box: Host) -> None:
    """Install Roundcube as people do; this app has been there for long."""
    roundcube.install(box)


def test_people_are_known_by_their_addresses(browser: Browser, url: str) -> None:
    """Also by those an administrator gives and takes away later."""
    people.forget_alias(OURS)
    with session(browser, url, ALICE) as webmail:
        assert webmail.senders()[0] == f'alice <{ALICE.address}>'
    people.mail('alias', 'add', OURS, BOB.address, '--sender', ALICE.address)
    with session(browser, url, ALICE) as webmail:
        assert f'alice <{OURS}>' in webmail.senders()
    people.forget_alias(OURS)
    with session(browser, url, ALICE) as webmail:
        left = webmail.senders()
    assert left[0] == f'alice <{ALICE.address}>'
    assert not [each for each in left if OURS in each]


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


def test_a_stand_alone_mailbox_has_its_own_name(browser: Browser, url: str) -> None:
    people.forget_mailbox(SHOP.address)
    people.mail('mailbox', 'add', SHOP.address, stdin=f'{SHOP.password}\n')
    try:
        with session(browser, url, SHOP, SHOP.address) as webmail:
            (only,) = webmail.senders()
        assert SHOP.address in only
    finally:
        people.forget_mailbox(SHOP.address)


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


def test_roundcube_is_removed_wholly(box: Host) -> None:
    """Nothing this app has on the box for its sake keeps Roundcube there."""
    apps.remove(box, 'roundcube')
    for package in ('roundcube-core', 'roundcube-plugins'):
        assert 'ok installed' not in box.run('dpkg-query', '-Wf', '${Status}', package, check=False)
    assert not box.succeeds('test', '-e', '/etc/roundcube/config.inc.php')
    box.run('apache2ctl', 'configtest')
    people.mail('check')
