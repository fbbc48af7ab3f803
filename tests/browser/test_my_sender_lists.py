# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users keep lists of senders, and administrators keep those for all."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab.screenshot import RETRIES
from lab.settings import USERS

from . import looks
from .people import APP, mail

BOB = USERS[1]


def _lists(*which: str) -> dict[str, object]:
    found = json.loads(mail('spam', 'export-list', '--json', *which, 'denied'))
    return dict(found['lists'])


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    yield
    for which in ((), ('--mailbox', BOB.address)):
        mail('spam', 'threshold', 'usual', *which)
        for name in ('allow', 'deny'):
            mail('spam', name, '--remove', 'friend.test', 'pest.test', *which)


def test_a_user_chooses_senders(bob: Page, url: str) -> None:
    bob.set_viewport_size({'width': 360, 'height': 800})
    bob.goto(url + APP + 'my/spam/')
    bob.click('text=Choose senders and filter strength')
    looks.usable(bob)
    bob.get_by_label('Never accept mail from').fill('nonsense here')
    bob.click('input[value=Save]')
    expect(bob.locator('.invalid-feedback').first).to_contain_text('Line 1')
    bob.get_by_label('Always accept mail from').fill('# friends\n@Friend.test')
    bob.get_by_label('Never accept mail from').fill('pest.test')
    bob.get_by_label('Spam filter').select_option('4')
    bob.click('input[value=Save]')
    expect(bob.locator('.alert-success').first).to_contain_text('Saved')
    wanted = {'allowed': ['friend.test'], 'denied': ['pest.test'], 'junk_score': 4}
    assert _lists('--mailbox', BOB.address) == wanted
    text = bob.request.get(
        f'{url}{APP}my/spam/of/{BOB.address}/senders/denied.txt', max_retries=RETRIES
    )
    assert text.text() == 'pest.test\n'
    bob.click('text=Show held-off senders')
    looks.usable(bob)


def test_an_administrator_chooses_for_all(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'delivery/')
    admin.click('text=Change spam settings')
    looks.usable(admin)
    admin.get_by_label('Never accept mail from').fill('pest.test')
    admin.get_by_label('greylisting').uncheck()
    admin.get_by_label('Keep possible spam in quarantine').check()
    admin.click('input[value=Save]')
    spam = admin.locator('section[aria-labelledby=email-spam]')
    expect(spam).to_contain_text('Greylisting is off.')
    assert _lists()['denied'] == ['pest.test']
    admin.click('text=Change spam settings')
    expect(admin.get_by_label('Keep possible spam in quarantine')).to_be_checked()
    mail('spam', 'greylisting', 'on')
    mail('quarantine', 'default', 'off')


def test_no_one_else_sees_them(alice: Page, url: str) -> None:
    for page in ('senders/', 'senders/denied.txt', 'held/'):
        answer = alice.request.get(
            f'{url}{APP}my/spam/of/{BOB.address}/{page}', max_retries=RETRIES
        )
        assert answer.status == 404
