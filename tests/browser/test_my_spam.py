# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users see what the filter learned from their mail, teach it and have it forget."""

import json

import pytest
from playwright.sync_api import Page, expect

from lab.screenshot import RETRIES
from lab.settings import BOX, OUTSIDE_USERS, USERS
from tests.integration import mail as post

from . import looks
from .people import APP, mail

_ALICE, BOB = USERS
CAROL = OUTSIDE_USERS[0]
TEACH = 'section[aria-labelledby=email-learning] input[type=submit]'
MANY = 6
FOLDER = {'junk': 'Junk', 'wanted': 'Archive'}


def _learned() -> tuple[int, int]:
    found = json.loads(mail('spam', 'show', '--json'))['mailboxes'][BOB.address]
    return found['junk'], found['wanted']


@pytest.fixture
def _stored() -> None:
    """Some junk and some wanted mail, of which the filter knows nothing; no other is in there."""
    ip = BOX.ip
    with post.mailbox(ip, BOB.username, BOB.password) as session:
        for kind, folder in FOLDER.items():
            session.create(folder)
            session.select(folder)
            if session.search(None, 'ALL')[1][0]:
                session.store('1:*', '+FLAGS', '\\Deleted')
                session.expunge()
            for number in range(MANY):
                words = ' '.join(f'{kind}{number}word{place}' for place in range(20))
                stored = post.message(CAROL.address, BOB.address, f'{words}\n')
                session.append(folder, '', '', stored.as_bytes())
    mail('spam', 'forget', BOB.address)


@pytest.mark.usefixtures('_stored')
def test_the_filter_learns_and_forgets(bob: Page, url: str) -> None:
    bob.set_viewport_size({'width': 360, 'height': 800})
    bob.goto(url + APP + 'my/spam/')
    answer, told = bob.locator('.email-answer'), bob.locator('.alert-success').first
    expect(answer).to_contain_text('The filter is still learning')
    expect(answer).to_contain_text('after 5 more junk messages and 5 more wanted messages')
    looks.usable(bob)
    bob.click(TEACH)
    expect(bob.locator('.alert-success').first).to_contain_text(
        f'Learned from {MANY} junk messages'
    )
    expect(answer).to_contain_text('The filter uses what it learned from your mail')
    junk, wanted = _learned()
    assert junk == MANY
    assert wanted >= MANY
    expect(answer).to_contain_text(f'Learned so far: {junk} junk messages and {wanted} wanted')
    with bob.expect_download() as download:
        bob.click('text=Download')
    kept = download.value.path()
    bob.click('text=Forget…')
    looks.usable(bob)
    expect(bob.locator('.email-page')).to_contain_text(f'Learned so far: {junk} junk messages')
    bob.click('.btn-danger')
    expect(told).to_contain_text(f'learned from {BOB.address}')
    expect(answer).to_contain_text('The filter is still learning')
    assert _learned() == (0, 0)
    bob.click('text=Import…')
    looks.usable(bob)
    bob.set_input_files('#id_file', {'name': 'x.txt', 'mimeType': 'text/plain', 'buffer': b'no'})
    bob.click('form.email-form input[type=submit]')
    expect(bob.locator('#id_file_error')).to_contain_text('This is no file')
    bob.set_input_files('#id_file', kept)
    bob.click('form.email-form input[type=submit]')
    expect(answer).to_contain_text('The filter uses what it learned from your mail')
    assert _learned() == (junk, wanted)


def test_no_one_else_sees_or_changes_it(alice: Page, url: str) -> None:
    for page in ('', 'forget/', 'export/', 'import/'):
        answer = alice.request.get(
            f'{url}{APP}my/spam/of/{BOB.address}/{page}', max_retries=RETRIES
        )
        assert answer.status == 404
