# SPDX-License-Identifier: AGPL-3.0-or-later
"""Things to see on the pages that set up devices and apps."""

from collections.abc import Callable

from playwright.sync_api import Page

from .settings import BOX, DOMAINS, USERS

APP = '/freedombox/apps/email/'
ALICE = USERS[0]
MAIN = DOMAINS[0]


def connect(kind: str) -> Callable[[Page], None]:
    """Connect a device of a kind."""

    def connect(page: Page) -> None:
        page.check(f'[name=kind][value={kind}]')
        page.fill('#id_label', 'Tablet')
        page.fill('#id_password', ALICE.password)
        page.click('form.email-device-form input[type=submit]')
        page.wait_for_selector('#email-new')

    return connect


def open_profile(page: Page) -> None:
    """Open the link by which a device fetches its profile."""
    connect('apple')(page)
    link = page.locator('#email-profile').get_attribute('href') or ''
    page.goto(f'https://{BOX.ip}{APP}{link.partition(APP)[2]}')
    page.wait_for_selector('ol.email-narrow')


def make_key(page: Page) -> None:
    """Create a key with which a password manager makes addresses."""
    page.fill('#id_label', 'Bitwarden')
    page.fill('#id_password', ALICE.password)
    page.click('form.email-form input[type=submit]')
    page.wait_for_selector('#email-new')


def ask_for_settings(page: Page) -> None:
    """Ask as mail apps do, once with and once without success."""
    for domain in (MAIN, 'nowhere.example'):
        page.request.get(
            f'https://{BOX.ip}/mail/config-v1.1.xml?emailaddress=alice%40{domain}',
            headers={'User-Agent': 'Thunderbird/140.0'},
        )
    page.reload()
