# SPDX-License-Identifier: AGPL-3.0-or-later
"""A whole first boot, with email asked for on the way."""

import re

from playwright.sync_api import Page, expect

from lab.settings import ADMIN

from .conftest import Fresh
from .looks import NARROW, WIDE, usable
from .test_life import INSTALL_SECONDS, OVERVIEW, until

STEP = '/firstboot/email/'


def go_to_the_step(page: Page, fresh: Fresh) -> None:
    """Go through FreedomBox's own steps."""
    page.goto(fresh.url + '/freedombox/')
    page.fill('#id_secret', fresh.secret)
    page.click('[type=submit]')
    page.fill('#id_username', ADMIN.username)
    page.fill('#id_password1', ADMIN.password)
    page.fill('#id_password2', ADMIN.password)
    page.click('.form-create [type=submit]')
    if 'backports' in page.url:
        page.locator('input[name=backports_enabled]').uncheck()  # else apt reads from unstable too
        page.click('[name=next]')


def is_installed(page: Page) -> bool:
    """Whether the app's page is there; a failed installation says why."""
    failure = page.locator('.alert-danger:not(.email-answer)')
    assert not failure.count(), failure.first.inner_text()
    return page.locator('#email-headline').count() == 1


def test_first_boot_with_email(visitor: Page, fresh: Fresh) -> None:
    page = visitor
    go_to_the_step(page, fresh)
    assert page.url.endswith(STEP)
    for width, height in (NARROW, WIDE):
        page.set_viewport_size({'width': width, 'height': height})
        usable(page)

    page.locator('input[name=choice][value=now]').check()
    page.fill('#id_primary_domain', 'tester@example.test')
    page.click('[name=next]')
    assert page.url.endswith(STEP)
    expect(page.locator('.form-group.has-error')).to_contain_text('after the @')

    page.fill('#id_primary_domain', 'Example.TEST')
    page.click('[name=next]')
    assert page.url.endswith('/firstboot/complete/')
    expect(page.get_by_text('Email is being installed')).to_be_visible()

    page.goto(fresh.url + OVERVIEW)
    expect(page.locator('.app-operation')).to_be_visible()
    until(
        page,
        fresh.url + OVERVIEW,
        lambda: is_installed(page),
        'email to be installed',
        INSTALL_SECONDS,
    )
    expect(page.locator('#email-headline')).to_have_text(
        re.compile('^Mail (is working|for example.test is not arriving)')
    )
    expect(page.locator('section:has(#email-domains)')).to_contain_text('example.test')


def test_the_step_does_not_come_back(visitor: Page, fresh: Fresh) -> None:
    visitor.goto(fresh.url + '/freedombox' + STEP)
    assert STEP not in visitor.url
