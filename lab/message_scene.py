# SPDX-License-Identifier: AGPL-3.0-or-later
"""A message with different ends, for the pictures of pages about messages."""

import smtplib

from playwright.sync_api import Page

from .host import wait_for
from .settings import BOX, OUTSIDE_USERS, USERS

ALICE, BOB = USERS
_TO = (BOB.address, OUTSIDE_USERS[0].address, f'no.one@{OUTSIDE_USERS[0].domain}')


def send(page: Page) -> None:
    """Have a message sent that one recipient does not get, and its list opened again."""
    with smtplib.SMTP_SSL(BOX.ip) as session:
        session.login(ALICE.username, ALICE.password)
        text = f'From: {ALICE.address}\nSubject: Fair\n\nSee you there.\n'
        session.sendmail(ALICE.address, _TO, text)
    returned = page.locator('#email-messages li', has_text='Returned to the sender').first
    wait_for('it to be returned', lambda: bool(page.reload() and returned.count()), 60)


def open_story(page: Page) -> None:
    """Have such a message sent, and its story opened."""
    send(page)
    page.locator('#email-messages li', has_text=_TO[2]).get_by_role('link').first.click()
    page.locator('.email-story').first.wait_for()
