# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page Queue: messages that wait, filtered and page by page, and what is done with them."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab.host import wait_for
from tests.integration import queued
from tests.integration.queued import ALICE, CAROL, listed, message

from .looks import NARROW, WIDE, visit, visit_in_all_looks
from .people import APP

PAGE = f'{APP}activity/queue/'
ROWS = '#email-queued li'
DONE = '.alert-success'
LARGEST_PAGE = 80 * 1024


@pytest.fixture(autouse=True, scope='module')
def fixture_waiting() -> Iterator[None]:
    """A server that does not answer, so mail to it waits."""
    with queued.unreachable():
        yield
    queued.clear()


@pytest.fixture(autouse=True)
def fixture_two() -> Iterator[None]:
    """Two messages that wait."""
    queued.clear()
    queued.put_off(2)
    yield
    queued.clear()


def test_the_pages_of_the_queue_fit(admin: Page, url: str) -> None:
    name = message(0)['id']
    for path in ('', '?state=held', '?to=elsewhere.test', '?to=nothing', f'at/{name}/',
                 f'at/{name}/?header=1', 'bounce/?state=all', f'delete/?id={name}'):  # fmt: skip
        visit_in_all_looks(admin, url + PAGE + path)


def test_the_tab_leads_to_a_message_and_its_header(admin: Page, url: str) -> None:
    admin.goto(f'{url}{APP}activity/')
    admin.get_by_role('link', name='Show queue').click()
    expect(admin.locator(ROWS)).to_have_count(2)
    row = admin.locator(ROWS).first
    expect(row).to_contain_text(queued.REFUSED)
    expect(row).to_contain_text('next try')
    expect(row).to_contain_text('returned in')
    row.get_by_role('link').click()
    expect(admin.locator('body')).not_to_contain_text('Message-ID')
    admin.get_by_role('link', name='Show header').click()
    expect(admin.locator('dl')).to_contain_text(['Message-ID'])
    expect(admin.locator('body')).not_to_contain_text('Hello.')


def test_a_message_is_held_and_released(admin: Page, url: str) -> None:
    name = message(0)['id']
    admin.goto(f'{url}{PAGE}at/{name}/')
    admin.get_by_role('button', name='Hold', exact=True).click()
    expect(admin.locator(DONE).first).to_contain_text('Held 1 message.')
    expect(admin.locator(ROWS)).to_have_count(1)
    admin.get_by_role('link', name='Held', exact=True).click()
    expect(admin.locator(ROWS)).to_contain_text('Held by an administrator')
    admin.get_by_role('button', name='Release', exact=True).click()
    expect(admin.locator(DONE).first).to_contain_text('Released 1 message.')
    assert listed('--held')['total'] == 0


def test_deleting_asks_with_numbers(admin: Page, url: str) -> None:
    admin.goto(f'{url}{PAGE}?to={CAROL.domain}')
    admin.get_by_role('link', name='Delete', exact=True).click()
    expect(admin.locator('h3')).to_have_text('Permanently delete 2 messages?')
    assert listed()['total'] == 2
    admin.get_by_role('button', name='Delete 2 messages').click()
    expect(admin.locator(DONE).first).to_contain_text('Deleted 2 messages.')
    assert listed('--all')['total'] == 0


def test_messages_that_came_after_the_question_are_kept(admin: Page, url: str) -> None:
    admin.goto(f'{url}{PAGE}delete/?state=moving&from={ALICE.address}')
    asked = int(time.time())
    wait_for('the next second: Postfix tells none smaller', lambda: time.time() >= asked + 1, 5)
    queued.put_off(1)
    admin.get_by_role('button', name='Delete 2 messages').click()
    expect(admin.locator(DONE).first).to_contain_text('Deleted 2 messages.')
    assert listed()['total'] == 1


def test_a_queue_that_grew_asks_again(admin: Page, url: str) -> None:
    """A message that was on hold while the question was asked waits again: it came before."""
    held = message(0)['id']
    queued.told('hold', held)
    admin.goto(f'{url}{PAGE}delete/?state=deferred')
    queued.told('release', held)
    queued.told('retry')
    admin.get_by_role('button', name='Delete 1 message').click()
    expect(admin.locator('[role=alert]')).to_contain_text('more than the 1 you confirmed')
    expect(admin.get_by_role('button', name='Delete 2 messages')).to_be_visible()
    assert listed()['total'] == 2


def test_a_question_about_no_message_says_so(admin: Page, url: str) -> None:
    admin.goto(f'{url}{PAGE}delete/?state=held')
    expect(admin.locator('.alert-warning')).to_contain_text('No such messages')
    expect(admin).to_have_url(re.compile('queue/delete'))


def test_a_message_is_returned(admin: Page, url: str) -> None:
    name = message(0)['id']
    admin.goto(f'{url}{PAGE}at/{name}/')
    admin.get_by_role('link', name='Return to sender').click()
    admin.get_by_role('button', name='Return 1 message').click()
    expect(admin.locator(DONE).first).to_contain_text('Returned 1 message to its sender.')


@pytest.mark.long
def test_ten_thousand_messages_are_paged(admin: Page, url: str) -> None:
    queued.many(9_999)
    for size in (WIDE, NARROW):
        visit(admin, f'{url}{PAGE}?state=held', size)
        expect(admin.locator(ROWS)).to_have_count(25)
        expect(admin.locator('#email-count')).to_contain_text('1 to 25 of 10')
        assert len(admin.content().encode()) < LARGEST_PAGE, 'a page stays small'
    admin.goto(f'{url}{PAGE}?state=held&page=400')
    expect(admin.locator(ROWS)).to_have_count(25)
    admin.get_by_role('link', name='Delete', exact=True).click()
    expect(admin.locator('h3')).to_contain_text('10')
    admin.get_by_role('button', name='Delete 10').click()
    expect(admin.locator(DONE).first).to_contain_text('Deleted 10')
