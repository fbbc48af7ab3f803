# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users set their automatic reply by the page Away alone."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lab.settings import USERS, LabUser

from .conftest import page_of
from .people import APP, mail, send

SAVE = 'form.email-form input[type=submit]'
ALICE, BOB = USERS
TEXT = 'I am "away".\n.\n${x} \\'


def rules(address: str = ALICE.address) -> dict[str, Any]:
    """The rules of a mailbox."""
    found: dict[str, Any] = json.loads(mail('rules', 'show', address, '--json'))['rules']
    return found


@pytest.fixture(autouse=True)
def fixture_no_rules() -> Iterator[None]:
    yield
    for user in USERS:
        mail('rules', 'vacation', '--off', user.address)


@pytest.fixture(name='alice')
def fixture_alice(session_of: Callable[[LabUser], BrowserContext]) -> Iterator[Page]:
    yield from page_of(session_of(ALICE))


def test_a_reply_is_set_shown_and_undone(alice: Page, url: str) -> None:
    alice.set_viewport_size({'width': 360, 'height': 800})
    alice.goto(url + APP + 'my/away/')
    today = date.today()
    alice.fill('#id_last_day', (today - timedelta(2)).isoformat())
    alice.fill('#id_first_day', (today - timedelta(1)).isoformat())
    alice.fill('#id_text', TEXT)
    alice.click(SAVE)
    expect(alice.locator('#id_last_day_error')).to_contain_text('before the first day')
    alice.fill('#id_last_day', (today + timedelta(9)).isoformat())
    alice.click(SAVE)
    expect(alice.locator('.email-answer')).to_contain_text('Automatic replies are sent')
    assert rules()['vacation']['text'] == TEXT
    alice.uncheck('#id_enabled')
    alice.click(SAVE)
    expect(alice.locator('.email-answer')).to_contain_text('No automatic replies')
    assert not rules()['vacation']['enabled']
    alice.click('.email-undo button')
    expect(alice.locator('.email-answer')).to_contain_text('Automatic replies are sent')
    assert rules()['vacation']['enabled']


def test_no_one_sets_the_reply_of_another(alice: Page, url: str) -> None:
    alice.goto(url + APP + 'my/away/')
    token = alice.locator('[name=csrfmiddlewaretoken]').first.input_value()
    path = f'my/away/of/{BOB.address}/'
    assert send(alice, url, path, token, text='x', enabled='on', days='7') == 404
    assert rules(BOB.address)['vacation'] is None
