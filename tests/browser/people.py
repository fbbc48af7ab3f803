# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory from behind, as another person at work at the same time sees it."""

import json
from typing import Any

from playwright.sync_api import Page

from lab import container
from lab.screenshot import RETRIES
from lab.settings import BOX, DOMAINS

MAIN, OTHER = DOMAINS
APP = '/freedombox/apps/email/'


def mail(*words: str, stdin: str | None = None, check: bool = True) -> str:
    """Run the command as root in the box and return what it says."""
    done = container.execute(BOX, ['freedombox-email', *words], stdin=stdin, check=check)
    return done.stdout


def send(page: Page, url: str, path: str, token: str, **fields: str) -> int:
    """Send a form the page never showed, as an attacker would; return the status."""
    answer = page.request.post(
        url + APP + path,
        form={'csrfmiddlewaretoken': token, **fields},
        headers={'Referer': url + APP},
        max_redirects=0,
        max_retries=RETRIES,
    )
    return int(answer.status)


def sign_in(page: Page, url: str, address: str, password: str) -> None:
    """Sign in to a stand-alone mailbox."""
    page.goto(f'{url}/email/')
    page.fill('#id_address', address)
    page.fill('#id_password', password)
    page.click('form.email-form input[type=submit]')
    page.wait_for_url('**/my/**')


def resolved(address: str) -> dict[str, Any]:
    """Where mail to an address goes."""
    found: dict[str, Any] = json.loads(mail('resolve', address, '--json'))['path']
    return found


def forget_alias(address: str) -> None:
    """Remove an alias if it is there."""
    mail('alias', 'remove', address, '--force', check=False)


def forget_mailbox(address: str) -> None:
    """Remove a mailbox and what it holds, if it is there."""
    words = ['freedombox-email', 'mailbox', 'remove', address, '--force', '--delete-mail']
    if container.execute(BOX, words, check=False).returncode:
        mail('mailbox', 'delete-mail', address, check=False)


def forget_tries() -> None:
    """Start the web interface anew, which forgets the wrong passwords of other tests."""
    container.execute(BOX, ['systemctl', 'restart', 'plinth'])
    container.execute(
        BOX,
        ['curl', '--silent', '--fail', '--retry', '60', '--retry-all-errors', '--retry-delay', '1',
         '--output', '/dev/null', f'http://127.0.0.1:8000{APP}password/'],
    )  # fmt: skip
