# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real browser in front of the box.

BOX_URL chooses another box than the lab's, FRESH_URL and FRESH_SECRET another one that is
before its first boot.
"""

import contextlib
import os
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    expect,
    sync_playwright,
)

from lab import container, freedombox, life, package, settings
from lab.screenshot import RETRIES, launch, log_in
from lab.settings import ADMIN, FRESH, LabUser
from tests.integration import mail

from .looks import WIDE

expect.set_options(timeout=30_000)  # other work may keep the machine busy


@pytest.fixture(autouse=True, scope='module')
def _no_guesses_before(request: pytest.FixtureRequest) -> None:
    """Apply to all files here that are about the lab's box."""
    if 'first_boot' not in request.node.name:
        request.getfixturevalue('forgiven')


@dataclass(frozen=True)
class Fresh:
    """A box before its first boot."""

    url: str
    secret: str


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the text of each open page to the report on a test that fails."""
    report = yield
    browser = getattr(item, 'funcargs', {}).get('browser')
    contexts = browser.contexts if report.failed and isinstance(browser, Browser) else ()
    for page in (page for context in contexts for page in context.pages):
        with contextlib.suppress(Error):  # it may be leaving just now
            text = page.locator('body').inner_text(timeout=1000)
            report.sections.append((page.url, re.sub(r'\n\s*\n', '\n', text)[:4000]))
    return report


@pytest.fixture(scope='session')
def url() -> str:
    """Where the box is."""
    return os.environ.get('BOX_URL', f'https://{settings.BOX.ip}')


@pytest.fixture(scope='session')
def browser() -> Iterator[Browser]:
    """Start a browser for all tests."""
    with sync_playwright() as playwright:
        chromium = launch(playwright, '--no-proxy-server')
        yield chromium
        chromium.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A page of a visitor who is not logged in."""
    context = browser.new_context(
        ignore_https_errors=True, viewport={'width': WIDE[0], 'height': WIDE[1]}
    )
    yield from page_of(context)
    context.close()


@pytest.fixture(scope='session')
def session_of(browser: Browser, url: str) -> Iterator[Callable[[LabUser], BrowserContext]]:
    """The function that gives the session of a person, who logs in once for all tests."""
    contexts: dict[str, BrowserContext] = {}

    def session(user: LabUser) -> BrowserContext:
        context = contexts.get(user.username)
        if context is None:
            context = contexts[user.username] = browser.new_context(ignore_https_errors=True)
        answer = context.request.get(f'{url}/freedombox/apps/', max_retries=RETRIES)
        if '/login' in answer.url:
            log_in(context, url, user)
        return context

    yield session
    for context in contexts.values():
        context.close()


@pytest.fixture
def anew(browser: Browser, url: str) -> Iterator[Callable[[LabUser], Page]]:
    """The function that logs a person in who did nothing yet."""
    contexts: list[BrowserContext] = []

    def log_in_anew(user: LabUser) -> Page:
        contexts.append(browser.new_context(ignore_https_errors=True))
        log_in(contexts[-1], url, user)
        return contexts[-1].new_page()

    yield log_in_anew
    for context in contexts:
        context.close()


@pytest.fixture
def admin(session_of: Callable[[LabUser], BrowserContext]) -> Iterator[Page]:
    """A page of the administrator."""
    yield from page_of(session_of(ADMIN))


@pytest.fixture
def alice(session_of: Callable[[LabUser], BrowserContext]) -> Iterator[Page]:
    """A page of a user."""
    yield from page_of(session_of(settings.USERS[0]))


@pytest.fixture
def bob(session_of: Callable[[LabUser], BrowserContext]) -> Iterator[Page]:
    """A page of another user."""
    yield from page_of(session_of(settings.USERS[1]))


def page_of(context: BrowserContext) -> Iterator[Page]:
    """A new page in a person's session, closed afterwards."""
    page = context.new_page()
    page.set_viewport_size({'width': WIDE[0], 'height': WIDE[1]})
    page.set_default_timeout(60_000)
    yield page
    context.clear_permissions()
    page.close()


@pytest.fixture
def plain(browser: Browser, admin: Page) -> Iterator[Page]:
    """A page of the administrator where no script runs."""
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=False)
    # storage_state() has no time limit, and opens a page for what scripts keep.
    context.add_cookies([{**each} for each in admin.context.cookies()])
    yield context.new_page()
    context.close()


@pytest.fixture(scope='module')
def checked() -> None:
    """Have the box know how its domains are now, and that other mail servers reach it."""
    life.publish_zones()
    for domain in settings.DOMAINS:
        container.execute(settings.BOX, ['freedombox-email', 'dns', 'check', domain])
    (alice, *_others), (carol, *_more) = settings.USERS, settings.OUTSIDE_USERS
    mail.deliver_in_time(settings.BOX.ip, mail.message(carol.address, alice.address))


@pytest.fixture(scope='module')
def fresh() -> Iterator[Fresh]:
    """Boot a box that has our package but not gone through its first-boot wizard."""
    if 'FRESH_URL' in os.environ:
        yield Fresh(os.environ['FRESH_URL'], os.environ['FRESH_SECRET'])
        return
    container.discard(FRESH)
    life.boot_before_wizard(FRESH)
    package.install(FRESH)
    freedombox.wait_until_updated(FRESH)
    secret = container.execute(FRESH, ['cat', '/var/lib/plinth/firstboot-wizard-secret']).stdout
    yield Fresh(f'https://{FRESH.ip}', secret.strip())
    container.discard(FRESH)
