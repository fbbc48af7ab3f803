# SPDX-License-Identifier: AGPL-3.0-or-later
"""A login from a network that was never seen: one notice, and a link that revokes its password."""

import re
import smtplib
from collections.abc import Iterator
from functools import partial

import pytest

from lab import host, settings
from lab.host import wait_for
from lab.settings import ADMIN, LabUser
from lab.web import BoxPage, Browser
from tests.conftest import Host

from . import mail, misuse
from .imap import Imap
from .misuse import CALL
from .test_frozen import handing_in, make

ROAD, NEAR = '192.0.2.140', '192.0.2.141'
PAGE = '/freedombox/apps/email/not-me/'
JAIL = 'freedombox-email-passwords'


@pytest.fixture(scope='module', autouse=True)
def fixture_addresses() -> Iterator[None]:
    """Addresses in another network, from which a person logs in."""
    for address in (ROAD, NEAR):
        host.run(['ip', 'address', 'add', f'{address}/32', 'dev', settings.BRIDGE], check=False)
    yield
    for address in (ROAD, NEAR):
        host.run(['ip', 'address', 'del', f'{address}/32', 'dev', settings.BRIDGE], check=False)


def log_in(box: Host, user: LabUser, password: str, source: str = '') -> None:
    """Read mail for a moment."""
    with Imap(box.ip, user.address, password, source) as session:
        session.do('NOOP')


def links(box: Host, user: LabUser, password: str) -> list[str]:
    """The links in notices about logins, the newest last."""
    found = []
    with mail.mailbox(box.ip, user.address, password) as session:
        session.select('INBOX', readonly=True)
        _, numbers = session.search(None, 'SUBJECT', '"New login to"')
        for number in numbers[0].split():
            _, parts = session.fetch(number.decode(), '(RFC822)')
            assert isinstance(parts[0], tuple)
            text = mail.parsed(parts[0][1]).get_content()
            found += re.findall(r'https://\S+/not-me/#\S+', text)
    return found


def wait_for_links(box: Host, user: LabUser, password: str, number: int) -> list[str]:
    wait_for('the notice', lambda: len(links(box, user, password)) >= number, 60, 0.5)
    return links(box, user, password)


def follow(box: Host, link: str) -> tuple[Browser, BoxPage]:
    """Open a link as a person without scripts does: the page, and the code into its form."""
    browser = Browser(f'https://{box.ip}')
    page = browser.get(PAGE)
    return browser, browser.submit(page, page.form('code'), code=link.partition('#')[2])


def test_a_stolen_app_password_is_revoked_by_its_owner(box: Host) -> None:
    with misuse.person(box) as user:
        stolen, phone = (make(box, user.address, label) for label in ('Tablet', 'Phone'))
        log_in(box, user, phone)
        log_in(box, user, stolen)
        assert links(box, user, phone) == [], 'the first network is the owner'
        with (
            handing_in(box, user, stolen, ROAD) as smtp,
            Imap(box.ip, user.address, stolen, ROAD) as theirs,
            Imap(box.ip, user.address, phone) as own,
        ):
            (link,) = wait_for_links(box, user, phone, 1)
            log_in(box, user, stolen, NEAR)
            box.run('systemctl', 'start', 'freedombox-email-notices.service')
            assert links(box, user, phone) == [link], 'one notice for a network'
            browser, page = follow(box, link)
            assert 'Tablet' in page.text
            assert ROAD in page.text
            assert mail.reads(box, user.address, stolen), 'a page that is shown does nothing'
            done = browser.submit(page, page.form())
            assert 'Revoked the app password' in done.text
            assert misuse.is_ended(theirs)
            with pytest.raises((smtplib.SMTPException, OSError)):
                smtp.sendmail(user.address, [user.address], 'Subject: x\n\nx')
            own.do('NOOP')
        assert not mail.reads(box, user.address, stolen)
        assert mail.reads(box, user.address, phone), 'no other device is affected'
        assert mail.sends(box, user.address, phone)
        _browser, again = follow(box, link)
        assert again.status == 404, 'used once'


@pytest.mark.long
def test_a_login_with_the_password_itself_freezes_the_mailbox(box: Host) -> None:
    with misuse.person(box) as user:
        log_in(box, user, user.password)
        with handing_in(box, user, user.password, ROAD):
            (link,) = wait_for_links(box, user, user.password, 1)
        browser, page = follow(box, link)
        assert 'is frozen' in browser.submit(page, page.form()).text
        assert not mail.reads(box, user.address, user.password)
        admin_told = partial(misuse.notices, box, ADMIN, user.address, 'frozen')
        wait_for('the administrator to be told', admin_told, 60)
        box.run(CALL, 'mailbox', 'unfreeze', user.address)
        assert mail.reads(box, user.address, user.password)


@pytest.mark.long
def test_links_are_kept_as_hashes_and_guessed_by_no_one(box: Host) -> None:
    with misuse.person(box) as user:
        log_in(box, user, user.password)
        log_in(box, user, user.password, ROAD)
        (link,) = wait_for_links(box, user, user.password, 1)
        place = '/var/lib/freedombox-email/not-me.json'
        assert link.partition('#')[2] not in box.run('cat', place)
        assert box.run('stat', '-c', '%U %a', place).split() == ['root', '600']
    box.run('fail2ban-client', 'set', JAIL, 'addignoreip', settings.GATEWAY)
    try:
        journal = box.journal_since()
        seen = [follow(box, f'x#{"wrong" * 8}{number}')[1].status for number in range(7)]
        assert (seen[0], seen[-1], set(seen)) == (404, 429, {404, 429}), 'then there is a pause'
        assert 'Wrong link on the page for mail passwords from' in journal('-u', 'plinth')
    finally:
        box.run('fail2ban-client', 'set', JAIL, 'delignoreip', settings.GATEWAY)
        box.run('systemctl', 'restart', 'plinth')
        wait_for(
            'the web interface', lambda: Browser(f'https://{box.ip}').get(PAGE).status == 200, 60
        )


@pytest.mark.long
def test_a_right_password_that_fails_elsewhere_is_no_login(box: Host) -> None:
    with misuse.person(box) as user:
        log_in(box, user, user.password)
        with pytest.raises(AssertionError):
            log_in(box, user, 'a wrong one', ROAD)
        box.run('systemctl', 'start', 'freedombox-email-notices.service')
        assert links(box, user, user.password) == []
