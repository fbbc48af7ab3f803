# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever guesses passwords is seen, and nobody can have somebody else locked out."""

import re
import subprocess

import pytest

FILTER = '/etc/fail2ban/filter.d/freedombox-email-dovecot.conf'
PAGE = '/etc/fail2ban/filter.d/freedombox-email-passwords.conf'
FAILED = 'Login aborted: Connection closed (auth failed, 1 attempts in 2 secs) (auth_failed): '


def hosts(message: str, daemon: str = 'dovecot', rules: str = FILTER) -> list[str]:
    """Return the addresses the filter blames for a line of Dovecot, or of another daemon."""
    line = f'Jan 01 10:00:00 box {daemon}[42]: {message}'
    done = subprocess.run(
        ['fail2ban-regex', '--out=ip', line, rules], capture_output=True, text=True, check=False
    )
    return re.findall(r'^[0-9a-f.:]+$', done.stdout, re.MULTILINE)


@pytest.mark.parametrize('service', ['imap', 'pop3', 'managesieve'])
def test_failed_logins_are_seen(service: str) -> None:
    end = 'user=<alice@example.test>, method=PLAIN, rip=192.0.2.7, lip=198.51.100.10, TLS'
    assert hosts(f'{service}-login: {FAILED}{end}, session=<A2D8>') == ['192.0.2.7']


def test_many_failures_in_one_connection_are_seen() -> None:
    text = (
        'imap-login: Disconnected: Too many invalid commands (auth failed, 3 attempts in 9 secs) '
        '(auth_failed): user=<a>, method=PLAIN, rip=2001:db8::7, lip=2001:db8::1, TLS'
    )
    assert hosts(text) == ['2001:db8::7']


def test_a_name_cannot_blame_somebody_else() -> None:
    name = 'x>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.10, TLS'
    end = f'user=<{name}>, method=PLAIN, rip=192.0.2.7, lip=198.51.100.10, TLS'
    assert hosts(f'imap-login: {FAILED}{end}') == ['192.0.2.7']


def test_no_login_at_all_is_no_guess() -> None:
    text = 'imap-login: Login aborted: Connection closed (no auth attempts in 0 secs) (no_auth): '
    assert hosts(f'{text}user=<>, rip=192.0.2.7, lip=198.51.100.10, TLS') == []


@pytest.mark.parametrize('words', ['Wrong password', 'Too many wrong passwords', 'Wrong link'])
@pytest.mark.parametrize('address', ['192.0.2.7', '2001:db8::7'])
def test_wrong_tries_on_the_password_page_are_seen(words: str, address: str) -> None:
    line = f'{words} on the page for mail passwords from {address}'
    assert hosts(line, 'freedombox', PAGE) == [address]


def test_other_lines_of_the_web_interface_are_no_tries() -> None:
    line = 'GET /Wrong password on the page for mail passwords from 192.0.2.7/x'
    assert hosts(line, 'freedombox', PAGE) == []


def test_the_password_page_has_a_jail() -> None:
    done = subprocess.run(['fail2ban-client', '-t'], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
