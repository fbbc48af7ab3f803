# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of an earlier owner is given or deleted by two buttons on the overview."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from lab import container
from lab.settings import BOX

from .people import APP, MAIN, forget_mailbox, mail

DESK = f'page-desk@{MAIN}'
PASSWORD = 'a password of the lab\n'


def found(admin: Page, url: str) -> Locator:
    """The finding on the overview."""
    admin.goto(url + APP)
    return admin.locator('[data-code^=mail-kept-]', has_text=DESK)


def messages() -> int:
    """How many messages are in the mailbox of today."""
    return int(json.loads(mail('mailbox', 'show', DESK, '--json'))['content']['messages'])


@pytest.fixture(autouse=True)
def _taken() -> Iterator[None]:
    """Have an address with a mailbox, and with a message of the one before."""
    forget_mailbox(DESK)
    mail('mailbox', 'add', DESK, stdin=PASSWORD)
    container.execute(BOX, ['doveadm', 'save', '-u', DESK], stdin='Subject: secret\n\nhello\n')
    mail('mailbox', 'remove', DESK)
    mail('mailbox', 'add', DESK, stdin=PASSWORD)
    yield
    forget_mailbox(DESK)


def test_the_earlier_mail_is_given(admin: Page, url: str) -> None:
    assert messages() == 0
    finding = found(admin, url)
    expect(finding).to_contain_text('1 message')
    finding.get_by_role('button', name=f'Give to {DESK}').click()
    expect(admin.locator('.alert-success[role=alert]')).to_contain_text(DESK)
    expect(found(admin, url)).to_have_count(0)
    assert messages() == 1


def test_the_earlier_mail_is_deleted_after_a_question(admin: Page, url: str) -> None:
    found(admin, url).get_by_role('link', name='Delete').click()
    expect(admin.locator('.alert-danger')).to_contain_text('1 message')
    assert DESK in mail('mailbox', 'kept')
    admin.get_by_role('button', name='Delete permanently').click()
    expect(admin.locator('.alert-success[role=alert]')).to_contain_text('Permanently deleted')
    assert DESK not in mail('mailbox', 'kept')
    assert messages() == 0
