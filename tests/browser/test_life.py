# SPDX-License-Identifier: AGPL-3.0-or-later
"""Switching email off and on, repairing, removing and installing it again, as people do."""

import contextlib
import re
from collections.abc import Callable

import dkim
import pytest
from playwright.sync_api import Error, Page, expect

from lab.host import wait_for
from lab.screenshot import RETRIES
from tests.integration import mail
from tests.integration.lookup import txt_record

from ..conftest import Host
from .looks import styled
from .walk import Walk, forget_the_past, forget_the_phone, go_to_the_first_message

pytestmark = pytest.mark.usefixtures('checked')
OVERVIEW = '/freedombox/apps/email/'
SWITCH = 'button[name=app_enable_disable_button]'
FOLLOWED = 'followed.test'
MINUTE = 60
INSTALL_SECONDS = 10 * MINUTE


def until(page: Page, address: str, done: Callable[[], bool], what: str, seconds: float) -> None:
    """Load a page again and again until it shows what is waited for."""

    def shows() -> bool:
        try:
            answer = page.goto(address)
        except Error:  # the web server restarts, or the lab's network changes
            return False
        return answer is not None and answer.status == 200 and done()

    wait_for(what, shows, seconds, 1.0)


def settled(page: Page, address: str, seconds: float = 5 * MINUTE) -> None:
    """Wait until no operation of the app is under way."""
    until(
        page, address, lambda: not page.locator('.app-operation').count(), 'the operation', seconds
    )


def switch(page: Page, address: str, headline: re.Pattern[str]) -> None:
    """Press the switch and wait for the answer it brings."""
    # Until the answer comes the services are being stopped, which another click would get between.
    with contextlib.suppress(Error), page.expect_navigation(timeout=3 * MINUTE * 1000):
        page.locator(SWITCH).click(no_wait_after=True)  # if the connection breaks, the box goes on
    shown = page.locator('#email-headline')
    until(
        page,
        address,
        lambda: shown.count() == 1 and bool(headline.search(shown.inner_text())),
        headline.pattern,
        3 * MINUTE,  # Rspamd stops when it has compiled its rules
    )


def test_off_and_on(admin: Page, url: str) -> None:
    admin.goto(url + OVERVIEW)
    switch(admin, url + OVERVIEW, re.compile('turned off'))
    admin.goto(url + OVERVIEW + 'setup/ports/')
    assert admin.url == url + OVERVIEW, 'there is nothing to set up while email is off'
    switch(admin, url + OVERVIEW, re.compile('Mail is working'))


@pytest.mark.long
def test_a_click_counts_while_a_change_is_followed(admin: Page, url: str, box: Host) -> None:
    """Mail is turned off by a page that was opened before the box began to work."""
    admin.goto(url + OVERVIEW)
    browser = box.browser()
    adding = browser.get(OVERVIEW + 'domains/add/')
    browser.submit(adding, adding.form(has_field='name'), name=FOLLOWED)
    try:
        wait_for(
            'the box to follow', lambda: 'app-operation' in browser.get(OVERVIEW).text, MINUTE, 0.05
        )
        switch(admin, url + OVERVIEW, re.compile('turned off'))
        switch(admin, url + OVERVIEW, re.compile('^(?!.*turned off)'))
    finally:
        box.run('freedombox-email', 'domain', 'remove', FOLLOWED, '--force')


def test_repair_says_what_it_does(admin: Page, url: str) -> None:
    admin.goto(url + OVERVIEW)
    token = admin.locator('[name=csrfmiddlewaretoken]').first.input_value()
    admin.request.post(
        url + OVERVIEW + 'repair/',
        form={'csrfmiddlewaretoken': token, 'repair': 'setup'},
        headers={'Referer': url + OVERVIEW},
        max_retries=RETRIES,
    )
    settled(admin, url + OVERVIEW)
    expect(admin.locator('.alert-success').first).to_be_visible()
    expect(admin.locator('.alert-danger')).to_have_count(0)


@pytest.mark.long
def test_setup_can_be_repeated(admin: Page, url: str) -> None:
    admin.goto(url + OVERVIEW)
    admin.locator('#id_extra_actions_button').click()
    admin.locator('input[name=rerun-setup]').click()
    expect(admin.locator('.app-operation')).to_be_visible()
    # not loaded anew: FreedomBox swaps a part of the page
    admin.locator('#email-headline').wait_for(timeout=5 * MINUTE * 1000)
    styled(admin)
    expect(admin.locator('.alert-dismissible').first).to_be_focused()
    expect(admin.locator('#email-headline')).to_have_text(re.compile('Mail is working'))
    expect(admin.locator('.alert-danger')).to_have_count(0)


def test_diagnostics_run(admin: Page, url: str) -> None:
    def shown() -> bool:
        admin.goto(url + OVERVIEW)
        admin.locator('#id_extra_actions_button').click()
        with contextlib.suppress(Error):  # the lab's network changes
            admin.get_by_text('Run Diagnostics').click()
            admin.locator('.diagnostics-results').wait_for()
        return admin.locator('.diagnostics-results').is_visible()

    wait_for('the diagnostics', shown, 3 * MINUTE)
    bad = admin.locator('.diagnostics-results tr:has(.text-bg-danger)').all_inner_texts()
    ours = [row for row in bad if not re.search('https?://', row)]  # the lab has no public names
    assert ours == []


KEYS = '/var/lib/freedombox-email/keys'
SIGNING = '/etc/rspamd/freedombox-email.d/dkim_signing.conf'


def signing(host: Host) -> tuple[str, list[str]]:
    """The sums of the private keys, and the names of those that sign."""
    sums = host.run('sh', '-c', f'cd {KEYS} && sha256sum *.key')
    names = re.findall(rf'{KEYS}/(\S+)\.key', host.run('cat', SIGNING))
    assert sums
    assert names
    return sums, sorted(names)


def assert_signs(box: Host, outside: Host) -> None:
    """Check that others can verify what is signed, by the records of before."""
    (alice, _bob), (carol, *_more) = box.users, outside.users
    sent = mail.message(alice.address, carol.address)
    mail.submit(box.ip, alice, sent)
    content = mail.wait_for(outside.ip, carol, sent, encrypted=False)
    assert dkim.verify(content, dnsfunc=txt_record)


@pytest.mark.long
def test_removed_and_installed_again(admin: Page, url: str, box: Host, outside: Host) -> None:
    keys = signing(box)
    admin.goto(url + '/freedombox/uninstall/email/')
    for ticked in admin.locator('input[type=checkbox]:checked').all():
        ticked.uncheck()
    admin.locator('input[name=uninstall_confirm]').click()
    settled(admin, url + OVERVIEW)
    expect(admin.locator('h2').first).to_have_text(re.compile('Installation'))
    walk = Walk()
    admin.goto(url + '/freedombox/')
    walk.click(admin.locator('a[href="/freedombox/apps/"]:visible').first)
    walk.click(admin.get_by_text('Add new app'))
    walk.click(admin.locator(f'a[href="{OVERVIEW}"]:visible').first)
    install = admin.locator('input[name=install]')
    expect(install).to_be_enabled(timeout=120_000)
    walk.click(install)
    settled(admin, url + OVERVIEW, INSTALL_SECONDS)
    forget_the_past(box)
    admin.goto(url + OVERVIEW)
    go_to_the_first_message(admin, url, box, walk)
    forget_the_phone()
    assert (walk.clicks, walk.typed) == (8, 2), 'doc/pages.md says how many'
    admin.goto(url + OVERVIEW)
    expect(admin.locator('#email-headline')).to_have_text(re.compile('Mail is working'))
    numbers = admin.locator('.email-numbers dd').all_inner_texts()
    assert int(numbers[1]) >= 3, 'mailboxes are still known'
    assert signing(box) == keys, 'records in DNS name the keys of before'
    assert_signs(box, outside)
