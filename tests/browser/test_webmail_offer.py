# SPDX-License-Identifier: AGPL-3.0-or-later
"""Roundcube is offered on the overview; what isn't installed is shown to no user."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lab import freedombox
from lab.settings import BOX, USERS, LabUser

from .people import APP

ALICE, _BOB = USERS


@pytest.fixture(autouse=True)
def fixture_without() -> None:
    """Skip where another test has left Roundcube installed."""
    if freedombox.app_version(BOX, 'roundcube'):
        pytest.skip('Roundcube is installed')


def test_an_administrator_is_offered_roundcube(admin: Page, url: str) -> None:
    admin.goto(url + APP)
    (only,) = admin.locator('#email-webmail ~ ul > li').all()
    expect(only).to_contain_text('110 MB of disk space')
    only.get_by_role('link', name='Install Roundcube').click()
    assert admin.url == f'{url}/freedombox/apps/roundcube/'
    expect(admin.locator('input[name=install], button[name=install]')).to_have_count(1)


def test_a_user_sees_none_of_it(session_of: Callable[[LabUser], BrowserContext], url: str) -> None:
    page = session_of(ALICE).new_page()
    page.goto(f'{url}{APP}my/devices/')
    expect(page.locator('#email-connect')).to_be_visible()
    expect(page.locator('#email-webmail')).to_have_count(0)
    page.close()
