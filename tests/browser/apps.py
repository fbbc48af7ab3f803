# SPDX-License-Identifier: AGPL-3.0-or-later
"""Other apps of FreedomBox, turned off and removed on their pages."""

from playwright.sync_api import Page

from lab import freedombox
from lab.host import wait_for
from lab.settings import BOX

from ..conftest import Host

_SECONDS = 300
_SWITCH = 'app_enable_disable_button'


def remove(box: Host, app_id: str) -> None:
    """Remove an app, without a backup, and wait until FreedomBox has done it."""
    browser = box.browser()
    page = browser.get(f'/freedombox/uninstall/{app_id}/')
    form = page.form(has_field='should_backup')
    del form.fields['should_backup']
    browser.submit(page, form, repository='root')
    wait_for(f'{app_id} to go', lambda: not freedombox.app_version(BOX, app_id), _SECONDS, 1)
    wait_for(
        'FreedomBox to be done',
        lambda: 'app-operation' not in browser.get(f'/freedombox/apps/{app_id}/').text, 60, 1,
    )  # fmt: skip


def switch(app_id: str, page: Page, url: str) -> None:
    """Turn an app off, or on again, as an administrator does."""
    page.goto(f'{url}/freedombox/apps/{app_id}/')
    page.locator(f'button[name={_SWITCH}]').click()
    page.wait_for_load_state()
