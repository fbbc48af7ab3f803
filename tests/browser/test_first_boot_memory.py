# SPDX-License-Identifier: AGPL-3.0-or-later
"""A box with too little memory: the installation fails and says why, and works with enough."""

import re

import pytest

from lab import container, freedombox
from lab.host import wait_for
from lab.settings import ADMIN, FRESH
from lab.web import BoxPage, Browser

from .test_life import INSTALL_SECONDS, OVERVIEW

LITTLE_MB, ENOUGH_MB = 768, 1600
REASON = re.compile('The installation (ran out of memory|was cut short by a restart)')


def booted(memory_mb: int) -> Browser:
    """Have the box boot with so much memory, and log in."""
    container.stop(FRESH)
    container.boot(FRESH, container.layers_of(FRESH), memory_mb=memory_mb)
    freedombox.wait_until_ready(FRESH)
    return freedombox.log_in(FRESH)


def click_install(browser: Browser) -> BoxPage:
    """Install, and return the first page that shows no installation under way."""
    page = browser.get(OVERVIEW)
    browser.submit(page, page.form(button='install'), install='Install')

    def ended() -> BoxPage | None:
        try:
            page = browser.get(OVERVIEW)
        except OSError:  # the web interface was ended and starts again
            return None
        return page if page.status == 200 and 'class="app-operation"' not in page.text else None

    return wait_for('the installation to end', ended, INSTALL_SECONDS, 1.0)


@pytest.mark.long
@pytest.mark.usefixtures('fresh')
def test_the_page_says_that_memory_ran_out() -> None:
    freedombox.complete_first_boot(FRESH, ADMIN)
    page = click_install(booted(LITTLE_MB))
    assert not freedombox.app_version(FRESH), 'it was installed all the same'
    found = REASON.search(page.text)
    assert found, 'nothing says what happened'
    assert found[1] == 'ran out of memory'

    click_install(booted(ENOUGH_MB))
    assert freedombox.app_version(FRESH)
