# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forwards on the pages: the switch of a domain and of a mailbox, and what it turned off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab.settings import USERS

from .looks import NARROW, WIDE, visit
from .people import APP, MAIN, mail, resolved

SAVE = 'form.email-form input[type=submit]'
ALICE = USERS[0]
CAROL = 'carol@outside.test'


@pytest.fixture(autouse=True)
def fixture_forward() -> Iterator[None]:
    mail('mailbox', 'forward', ALICE.address, CAROL)
    yield
    mail('domain', 'change', MAIN, '--forwarding', 'yes')
    mail('mailbox', 'forwarding', ALICE.address, 'default')
    mail('mailbox', 'forward', ALICE.address)


def unfolded(page: Page) -> None:
    """Open what a form folds away."""
    page.evaluate('document.querySelectorAll("details").forEach(each => each.open = true)')


def test_the_switch_of_a_domain(admin: Page, alice: Page, url: str) -> None:
    admin.goto(f'{url}{APP}domains/at/{MAIN}/')
    unfolded(admin)
    admin.uncheck('#id_forwarding')
    admin.click(SAVE)
    assert resolved(ALICE.address)['remote'] == []
    for size in (NARROW, WIDE):
        visit(alice, f'{url}{APP}my/', size)
    expect(alice.get_by_role('note')).to_contain_text(f'Forwarding to {CAROL} was turned off')
    alice.goto(f'{url}{APP}my/forward/{ALICE.address}/')
    expect(alice.locator('#content-block')).to_contain_text('is not allowed here')
    alice.fill('#id_forwards', CAROL)
    alice.click(SAVE)
    expect(alice.locator('#id_forwards_error')).to_contain_text("can't be forwarded")
    admin.click('.email-undo button')
    expect(admin.locator('.alert-success[role=alert]')).to_be_visible()
    assert resolved(ALICE.address)['remote'] == [CAROL]


def test_the_switch_of_a_mailbox(admin: Page, url: str) -> None:
    place = f'{url}{APP}mailboxes/at/{ALICE.address}/'
    admin.goto(place)
    unfolded(admin)
    admin.select_option('#id_forwarding', 'no')
    admin.click(SAVE)
    assert resolved(ALICE.address)['remote'] == []
    for size in (NARROW, WIDE):
        visit(admin, place, size)
    expect(admin.get_by_role('note')).to_contain_text('is not allowed')
    unfolded(admin)
    admin.select_option('#id_forwarding', 'yes')
    admin.click(SAVE)
    expect(admin.get_by_role('note')).to_have_count(0)
    assert resolved(ALICE.address)['remote'] == [CAROL]
