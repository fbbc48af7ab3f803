# SPDX-License-Identifier: AGPL-3.0-or-later
"""Guessers of passwords are seen, and no one can have another person locked out."""

import re
import subprocess
from pathlib import Path

import pytest

FILTER = '/etc/fail2ban/filter.d/freedombox-email-guesses.conf'
PAGE = '/etc/fail2ban/filter.d/freedombox-email-passwords.conf'
CONNECTION = '/etc/fail2ban/filter.d/freedombox-email-connections.conf'
CONSOLE = '/etc/fail2ban/filter.d/freedombox-email-console.conf'
BY_HAND = '/etc/fail2ban/filter.d/freedombox-email-by-hand.conf'
POSTINST = '/var/lib/dpkg/info/freedombox-email.postinst'
HOUSEHOLDS = ['192.0.2.7', '2001:db8:1:2::/64']


def hosts(message: str, daemon: str = 'auth-policy', rules: str = FILTER) -> list[str]:
    """The addresses or networks the filter blames for a line."""
    line = f'Jan 01 10:00:00 box {daemon}[42]: {message}'
    done = subprocess.run(
        ['fail2ban-regex', '--out=ip', line, rules], capture_output=True, text=True, check=False
    )
    return re.findall(r'^[0-9a-f.:]+(?:/64)?$', done.stdout, re.MULTILINE)


@pytest.mark.parametrize('household', HOUSEHOLDS)
def test_guessers_are_seen(household: str) -> None:
    assert hosts(f'Too many wrong passwords from {household}') == [household]


def test_nothing_behind_the_address_counts() -> None:
    assert hosts('Too many wrong passwords from 192.0.2.7 or 203.0.113.9') == []


@pytest.mark.parametrize('words', ['Wrong password', 'Too many wrong passwords', 'Wrong link'])
@pytest.mark.parametrize('page', ['mail passwords', 'devices'])
@pytest.mark.parametrize('household', HOUSEHOLDS)
def test_wrong_tries_on_a_page_are_seen(words: str, page: str, household: str) -> None:
    line = f'{words} on the page for {page} from {household}'
    assert hosts(line, 'freedombox', PAGE) == [household]


@pytest.mark.parametrize('address', ['192.0.2.7', '2001:db8::7'])
def test_connections_to_end_are_seen(address: str) -> None:
    said = 'Wrong passwords on one connection from'
    assert hosts(f'{said} {address} port 40123', rules=CONNECTION) == [address]
    for rest in ('port 1; reboot', 'port', 'port 1234567', 'or 203.0.113.9 port 1'):
        assert hosts(f'{said} {address} {rest}', rules=CONNECTION) == []


@pytest.mark.parametrize('household', HOUSEHOLDS)
def test_those_who_look_for_a_console_are_seen(household: str) -> None:
    line = f'Request for the console of the spam filter from {household}'
    assert hosts(line, 'freedombox', CONSOLE) == [household]


OF_OUR_OWN = (
    ('auth-policy', FILTER, 'Too many wrong passwords from {}, a known household, which is refused '
     'and not banned'),
    ('freedombox', PAGE, 'Wrong password on the page for devices from {}, in a network of this '
     'box'),
    ('freedombox', PAGE, 'Wrong link on the page for mail passwords from {}, in a network of this '
     'box'),
    ('freedombox', CONSOLE, 'Request for the console of the spam filter from {}, in a network of '
     'this box'),
)  # fmt: skip


@pytest.mark.parametrize(('daemon', 'rules', 'line'), OF_OUR_OWN)
@pytest.mark.parametrize('household', HOUSEHOLDS)
def test_a_household_of_our_own_is_let_alone(
    daemon: str, rules: str, line: str, household: str
) -> None:
    assert hosts(line.format(household), daemon, rules) == []


def test_no_line_leads_to_the_jail_of_administrators() -> None:
    for line in ('No line says that 192.0.2.7', 'Too many wrong passwords from 192.0.2.7'):
        assert hosts(line, rules=BY_HAND) == []


def test_other_lines_of_the_web_interface_are_no_tries() -> None:
    line = 'GET /Wrong password on the page for mail passwords from 192.0.2.7/x'
    assert hosts(line, 'freedombox', PAGE) == []


def test_networks_can_be_kept_out() -> None:
    done = subprocess.run(['fail2ban-client', '-d'], capture_output=True, text=True, check=False)
    sets = [line for line in done.stdout.splitlines() if 'add set' in line and 'email' in line]
    assert len(sets) == 4, 'one for each jail that bans'
    assert all('flags interval' in line for line in sets)


def test_the_jails_are_valid() -> None:
    done = subprocess.run(['fail2ban-client', '-t'], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_upgrade_puts_new_settings_in_place() -> None:
    text = Path(POSTINST).read_text(encoding='utf-8')
    function = re.search(r'^link_settings\(\) \{.*?^\}$', text, re.MULTILINE | re.DOTALL)
    assert function
    link = Path('/etc/fail2ban/jail.d/freedombox-email.conf')
    target = link.readlink()
    link.unlink()
    try:
        subprocess.run(['sh', '-e', '-c', f'{function[0]}\nlink_settings'], check=True)
        assert link.readlink() == target
    finally:
        if not link.is_symlink():
            link.symlink_to(target)
