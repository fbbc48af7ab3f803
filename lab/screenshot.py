# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take a screenshot of a page as the admin; runs where Playwright is installed.

Usage: python -m lab.screenshot PATH FILE WIDTH
"""

import sys

from playwright.sync_api import Page, sync_playwright

from . import settings

ARGUMENTS = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
]  # fmt: skip


def log_in(page: Page, base: str, user: settings.User = settings.ADMIN) -> None:
    """Log in to FreedomBox in a real browser."""
    page.goto(f'{base}/freedombox/accounts/login/')
    page.fill('#id_username', user.username)
    page.fill('#id_password', user.password)
    page.press('#id_password', 'Enter')
    page.wait_for_url(lambda url: '/accounts/login' not in url)


def take(path: str, file: str, width: int) -> None:
    """Write a picture of a whole page, as wide as asked."""
    base = f'https://{settings.BOX.ip}'
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path='/usr/bin/chromium', args=ARGUMENTS)
        context = browser.new_context(
            ignore_https_errors=True, viewport={'width': width, 'height': 800}
        )
        page = context.new_page()
        log_in(page, base)
        page.goto(base + '/freedombox/' + path.removeprefix('/freedombox/').lstrip('/'))
        page.screenshot(path=file, full_page=True)
        browser.close()


if __name__ == '__main__':
    take(sys.argv[1], sys.argv[2], int(sys.argv[3]))
