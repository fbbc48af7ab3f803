# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses at a number instead of a domain reach the postmaster alone."""

import smtplib

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import mail

ADMIN, (ALICE, _) = settings.ADMIN, settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
NAMES = ('alice', 'root', 'www-data', 'plinth', 'nobody-at-all')


def _literals(box: Host) -> list[str]:
    return [f'[{box.ip}]', '[127.0.0.1]', '[IPv6:::1]']


@pytest.mark.parametrize('name', NAMES)
def test_a_stranger_reaches_no_account_of_the_system(box: Host, name: str) -> None:
    addresses = [f'{name}@{literal}' for literal in _literals(box)]
    for address, code in zip(addresses, mail.ask(box.ip, *addresses), strict=True):
        assert 500 <= code < 600, f'{address} is taken from a stranger, past the directory'


def test_all_names_get_the_same_answer(box: Host) -> None:
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        session.ehlo()
        session.mail(CAROL.address)
        answers = {
            session.rcpt(f'{name}@[{box.ip}]')[1].decode().replace(name, 'X') for name in NAMES
        }
    assert len(answers) == 1, f'a stranger can tell which accounts the system has: {answers}'


@pytest.mark.parametrize('port', [465, 587])
def test_a_login_reaches_no_account_of_the_system(box: Host, port: int) -> None:
    for name in NAMES:  # a session ends after ten errors
        with mail.submission(box.ip, ALICE.username, ALICE.password, port) as session:
            session.mail(ALICE.address)
            for address in (f'{name}@{literal}' for literal in _literals(box)):
                code, text = session.rcpt(address)
                assert 500 <= code < 600, f'{address} is taken after a login: {text.decode()}'


@pytest.mark.parametrize('name', ['postmaster', 'Postmaster'])
def test_the_postmaster_is_the_administrator(box: Host, name: str) -> None:
    sent = mail.message(CAROL.address, f'{name}@[{box.ip}]')
    mail.deliver_in_time(box.ip, sent)
    mail.wait_for(box.ip, ADMIN, sent)


def test_a_file_in_a_home_folder_runs_nothing(box: Host) -> None:
    """A program of this machine hands mail in without any check of its recipients."""
    home, mark = box.run('getent', 'passwd', 'alice').split(':')[5], '/tmp/forward-ran'
    box.run('rm', '-f', mark, f'{home}/.forward', '/var/mail/alice')
    box.run('install', '-d', '-o', 'alice', home)
    box.run('install', '-o', 'alice', '/dev/stdin', f'{home}/.forward', stdin=f'"|touch {mark}"\n')
    sent = mail.message('root', 'alice@[127.0.0.1]')
    try:
        box.run('sendmail', '-f', 'root', 'alice@[127.0.0.1]', stdin=sent.as_bytes())
        # What was not delivered comes back to its sender, and so shows that all is over.
        mail.until('the mail to come back', lambda: _came_back(box, sent), 60)
        for path in (mark, '/var/mail/alice'):
            assert not box.succeeds('test', '-s', path), f'{path} was written past the directory'
    finally:
        box.run('rm', '-f', mark, f'{home}/.forward', '/var/mail/alice')


def _came_back(box: Host, sent: mail.EmailMessage) -> bool:
    with mail.mailbox(box.ip, ADMIN.username, ADMIN.password) as session:
        session.select('INBOX', readonly=True)
        return bool(session.search(None, 'TEXT', f'"{sent["Message-ID"]}"')[1][0])
