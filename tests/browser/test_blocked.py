# SPDX-License-Identifier: AGPL-3.0-or-later
"""An administrator sees who is blocked and why, and blocks and unblocks addresses."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import container
from lab.host import wait_for
from lab.settings import BOX, DESK

from .looks import NARROW, WIDE, visit
from .people import APP, mail

PAGE = APP + 'activity/blocked/'
FOUR, SIX, HOUSEHOLD = '192.0.2.77', '2001:db8:77::7', '2001:db8:77::/64'
GUESSES = 'freedombox-email-guesses'
GUESSER = '192.0.2.78'
LONG = pytest.mark.long


@pytest.fixture(autouse=True)
def fixture_clean() -> Iterator[None]:
    yield
    container.execute(BOX, ['fail2ban-client', 'unban', '--all'])


def block(page: Page, url: str, network: str) -> None:
    """Type an address and press the button."""
    page.goto(url + PAGE)
    page.fill('#id_network', network)
    page.get_by_role('button', name='Block', exact=True).click()


def test_addresses_are_blocked_and_unblocked(admin: Page, url: str) -> None:
    block(admin, url, FOUR)
    expect(admin.locator('[role=status], .alert-success').first).to_contain_text(f'Blocked {FOUR}')
    block(admin, url, SIX)
    expect(admin.locator('#email-headline')).to_contain_text('2 addresses or networks are blocked')
    row = admin.locator('#email-blocked li', has_text=HOUSEHOLD)
    expect(row).to_contain_text('Blocked by an administrator')
    row.get_by_role('button').click()
    expect(admin.locator('#email-blocked li')).to_have_count(1)
    assert HOUSEHOLD not in mail('bans', 'list')
    assert FOUR in mail('bans', 'list')


def test_a_guesser_is_shown_with_the_reason_and_the_end(admin: Page, url: str) -> None:
    container.execute(BOX, ['fail2ban-client', 'set', GUESSES, 'banip', GUESSER])
    for size in (WIDE, NARROW):
        visit(admin, url + PAGE, size)
        row = admin.locator('#email-blocked li', has_text=GUESSER)
        expect(row).to_contain_text('Guessed mail passwords')
        expect(row).to_contain_text('ends in')
    row.get_by_role('button').click()
    expect(admin.locator('#email-headline')).to_contain_text('No addresses are blocked')


@pytest.mark.parametrize(
    ('network', 'words'),
    [
        (DESK, 'block yourself'),
        ('nonsense', 'not an IP address'),
        pytest.param(BOX.ip.rpartition('.')[0] + '.9', 'network of this server', marks=LONG),
        pytest.param('0.0.0.0/1', 'too large', marks=LONG),
    ],
)
def test_what_must_not_be_blocked_is_refused(
    admin: Page, url: str, network: str, words: str
) -> None:
    block(admin, url, network)
    expect(admin.locator('#id_network_error')).to_contain_text(words)
    visit_again = admin.locator('#id_network')
    expect(visit_again).to_have_value(network)


def test_the_limits_are_shown(admin: Page, url: str) -> None:
    admin.goto(url + PAGE)
    text = admin.locator('.email-page').inner_text()
    for words in (
        '20 different wrong passwords within 1 hour',
        '15 wrong passwords or password links within 10 minutes',
        'Blocked for 10 minutes.',
        'Blocked until you unblock them.',
        '300 connections',
        'after 5 wrong passwords, in SMTP after 10',
    ):
        assert words in text, words


def test_without_fail2ban_the_page_says_so(admin: Page, url: str) -> None:
    container.execute(BOX, ['systemctl', 'stop', 'fail2ban'])
    try:
        admin.goto(url + PAGE)
        expect(admin.locator('.email-answer')).to_contain_text("fail2ban isn't running")
        admin.goto(url + APP)
        finding = admin.locator('.email-findings li', has_text='guess passwords are not blocked')
        expect(finding).to_have_count(1)
    finally:
        container.execute(BOX, ['systemctl', 'start', 'fail2ban'])
        wait_for('fail2ban', _answers, 30)


def _answers() -> bool:
    return container.execute(BOX, ['fail2ban-client', 'ping'], check=False).returncode == 0
