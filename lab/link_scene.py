# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links that are used once, for the pictures of the pages behind them."""

import json

from playwright.sync_api import Page

from . import container, guarded_scene
from .settings import BOX, DOMAINS, USERS

ALICE = USERS[0]
_SEND = 'form.email-form [type=submit]'
_APPROVAL = """
import sys
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.store import Store
from plinth.modules.email.rules import approval_links
with Store() as store:
    mailbox = store.get(Mailbox, sys.argv[1])
    print(approval_links.make(mailbox, sys.argv[2], mailbox.guardians[0]))
"""
_LOGIN = """
import sys
from plinth.modules.email.authentication import disowning
from plinth.modules.email.directory.entry import now
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.store import Store
with Store() as store:
    mailbox = store.get(Mailbox, sys.argv[1])
    print(disowning.make(store, mailbox, '198.51.100.7', sys.argv[2], now())[0])
"""


def _said(*words: str) -> str:
    """The first word a program in the box says."""
    return container.execute(BOX, list(words)).stdout.split()[0]


def _follow(page: Page, secret: str) -> None:
    """Follow the link of the page that is open, as one in a message does."""
    entrance = page.url
    page.goto('about:blank')
    page.goto(f'{entrance}#{secret}')
    page.wait_for_url(lambda now: '#' not in now and now != entrance)


def approve(page: Page) -> None:
    """Be shown a message that waits."""
    guarded_scene.bring()
    _follow(page, _said('python3', '-c', _APPROVAL, guarded_scene.ADDRESS, guarded_scene.MESSAGE))


def approve_sender(page: Page) -> None:
    """Have a message delivered."""
    approve(page)
    page.click('[name=decision][value=know]')
    page.wait_for_selector('.alert-success')


def disown(page: Page) -> None:
    """Be shown a login by an app password."""
    command = ('freedombox-email', 'app-password')
    container.execute(BOX, [*command, 'add', ALICE.username, 'Old phone'])
    found = json.loads(container.execute(BOX, [*command, 'list', ALICE.username, '--json']).stdout)
    key = next(each['key_id'] for each in found['passwords'] if each['label'] == 'Old phone')
    _follow(page, _said('python3', '-c', _LOGIN, ALICE.address, key))


def disown_password(page: Page) -> None:
    """Have the app password revoked."""
    disown(page)
    page.click(_SEND)
    page.wait_for_selector('.alert-success')


def set_password(page: Page) -> None:
    """Choose the password of a mailbox that has one of its own."""
    link = _said('freedombox-email', 'mailbox', 'reset-link', f'club@{DOMAINS[0]}')
    _follow(page, link.rpartition('#')[2])
    page.fill('#id_password', 'Harbour-lamp 42')
    page.fill('#id_again', 'Harbour-lamp 42')
    page.click(_SEND)
    page.wait_for_selector('.alert-success')
