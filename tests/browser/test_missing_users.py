# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users who are missing all at once, and the administrator who says that they are gone."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import container, freedombox
from lab.host import wait_for
from lab.settings import BOX
from lab.web import Form

from .people import APP, MAIN, mail

NAMES = tuple(f'vanished{number}' for number in range(1, 5))
_SCRIPTS = ('env', 'LDAPSCRIPTS_CONF=/etc/ldapscripts/freedombox-ldapscripts.conf')


def _is_on(name: str) -> bool:
    """Whether a mailbox is in use."""
    listed = json.loads(mail('mailbox', 'list', f'{name}@{MAIN}', '--json'))['mailboxes']
    return bool(listed and listed[0]['enabled'])


def _look() -> None:
    """Have the web interface look at users now, as its Repair button does."""
    browser = freedombox.log_in(BOX)
    page = browser.get(APP)
    fields = {**page.form().fields, 'repair': ['setup']}
    browser.submit(page, Form(f'{APP}repair/', fields))


@pytest.fixture
def vanished() -> Iterator[None]:
    """Four users with mailboxes who are not there any more."""
    for name in NAMES:
        container.execute(BOX, [*_SCRIPTS, 'ldapadduser', name, 'users'])
    mail('reconcile')
    assert all(map(_is_on, NAMES))
    for name in NAMES:
        container.execute(BOX, [*_SCRIPTS, 'ldapdeleteuser', name])
    _look()
    yield
    mail('reconcile', '--users-are-gone', check=False)
    for name in NAMES:
        mail('mailbox', 'remove', f'{name}@{MAIN}', '--force', '--delete-mail')
    _look()


@pytest.mark.usefixtures('vanished')
def test_missing_users_are_gone_when_an_administrator_says_so(admin: Page, url: str) -> None:
    button = admin.get_by_role('button', name='Confirm deletion of these users')

    def is_asked() -> bool:
        admin.goto(url + APP)
        return button.is_visible()

    wait_for('the question on the overview', is_asked, 60)
    expect(admin.locator('.email-findings')).to_contain_text(', '.join(NAMES))
    assert all(map(_is_on, NAMES)), 'followed before anybody was asked'
    button.click()
    expect(admin.locator('.alert-success')).to_contain_text('Their mail is kept')
    expect(button).to_have_count(0)
    assert not any(map(_is_on, NAMES))
