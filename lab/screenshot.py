# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take a screenshot of a page as the admin; runs where Playwright is installed.

Usage: python -m lab.screenshot PATH FILE WIDTH
"""

import sys

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from . import desk, settings
from .host import LabError

RETRIES = 2
"""Apache closes a connection that was idle, perhaps just when it is used again."""

ARGUMENTS = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
]  # fmt: skip


def launch(playwright: Playwright, *arguments: str) -> Browser:
    """Start a browser in the lab's own network."""
    return playwright.chromium.launch(
        executable_path=desk.chromium(), args=[*ARGUMENTS, *arguments]
    )


def log_in(context: BrowserContext, base: str, user: settings.LabUser = settings.ADMIN) -> None:
    """Begin a session of FreedomBox in a real browser; no page of it is opened yet."""
    where = f'{base}/freedombox/accounts/login/'
    context.request.get(where, max_retries=RETRIES)
    (token,) = [each['value'] for each in context.cookies() if each['name'] == 'csrftoken']
    form: dict[str, str | float | bool] = {
        'username': user.username,
        'password': user.password,
        'csrfmiddlewaretoken': token,
    }
    answer = context.request.post(
        where, form=form, headers={'Referer': where}, max_redirects=0, max_retries=RETRIES
    )
    if answer.status != 302:
        raise LabError(f'FreedomBox does not let {user.username} in: {answer.status}')


def take(path: str, file: str, width: int) -> None:
    """Write a picture of a whole page, as wide as asked."""
    base = f'https://{settings.BOX.ip}'
    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(
            ignore_https_errors=True, viewport={'width': width, 'height': 800}
        )
        page = context.new_page()
        log_in(context, base)
        page.goto(base + '/freedombox/' + path.removeprefix('/freedombox/').lstrip('/'))
        page.screenshot(path=file, full_page=True)
        browser.close()


if __name__ == '__main__':
    take(sys.argv[1], sys.argv[2], int(sys.argv[3]))
