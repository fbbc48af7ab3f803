# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users set their automatic reply and filters by the page Away alone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab import container
from lab.settings import BOX, USERS
from tests.integration import mail as post
from tests.integration.managesieve import ManageSieve

from . import looks
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
    _forget()
    yield
    _forget()


def _forget() -> None:
    """Leave no rules."""
    for user in USERS:
        mail('rules', 'vacation', '--off', user.address)
        for each in rules(user.address)['filters']:
            mail('rules', 'remove-filter', user.address, '--', each['name'])


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


def _open(page: Page, url: str) -> None:
    page.goto(url + APP + 'my/away/')
    page.get_by_role('link', name='Add filter').click()


def _add(page: Page, url: str, name: str, folder: str) -> None:
    _open(page, url)
    page.fill('#id_name', name)
    page.fill('#id_value_0', name)
    page.fill('#id_folder', folder)
    page.click(SAVE)
    expect(page.locator('.email-undo')).to_contain_text(name)


def test_filters_are_added_moved_changed_and_removed(alice: Page, url: str) -> None:
    alice.set_viewport_size({'width': 360, 'height': 800})
    _open(alice, url)
    alice.fill('#id_name', 'Nothing')
    alice.uncheck('#id_stop')
    alice.click(SAVE)
    expect(alice.locator('[role=alert]').first).to_contain_text('at least one action')
    _add(alice, url, 'one', 'One')
    _add(alice, url, 'two', 'Two')
    alice.get_by_role('button', name='Move two up').click()
    assert [each['name'] for each in rules()['filters']] == ['two', 'one']
    alice.get_by_role('link', name='one', exact=True).click()
    alice.select_option('#id_field_0', 'larger')
    alice.fill('#id_value_0', 'much')
    alice.click(SAVE)
    expect(alice.locator('#id_value_0_error')).to_contain_text('size from 1')
    alice.fill('#id_value_0', '500')
    alice.click(SAVE)
    expect(alice.locator('.email-rows').last).to_contain_text('larger than 500 kB')
    alice.get_by_role('link', name='one', exact=True).click()
    alice.get_by_role('button', name='Remove filter').click()
    assert [each['name'] for each in rules()['filters']] == ['two']
    alice.click('.email-undo button')
    assert [each['name'] for each in rules()['filters']] == ['two', 'one']


def test_a_filter_is_tried_before_it_is_saved(alice: Page, url: str) -> None:
    sent = [
        post.message(BOB.address, ALICE.address, Subject=f'tried {each}')
        for each in ('apples', 'pears')
    ]
    for each in sent:
        post.submit(BOX.ip, BOB, each)
        post.wait_for(BOX.ip, ALICE, each)
    _open(alice, url)
    alice.fill('#id_name', 'Trial')
    alice.select_option('#id_field_0', 'subject')
    alice.fill('#id_value_0', 'tried pears')
    alice.fill('#id_folder', 'Trial')
    alice.get_by_role('button', name='Try on recent messages').click()
    expect(alice.locator('.email-try')).to_contain_text('tried pears')
    expect(alice.locator('.email-try')).not_to_contain_text('tried apples')
    assert not rules()['filters']


@contextmanager
def _uploaded(name: str, script: str) -> Iterator[ManageSieve]:
    """A script of a mail app that is active for a while."""
    with ManageSieve(BOX.ip) as session:
        session.starttls()
        session.login(ALICE.username, ALICE.password)
        session.put(name, script)
        session.activate(name)
        try:
            yield session
        finally:
            session.activate('')
            session.delete(name)


@pytest.fixture(name='impatient')
def fixture_impatient() -> Iterator[None]:
    """Have Dovecot stop scripts sooner, for it gives them half a minute."""
    place = '/etc/dovecot/conf.d/99-test-impatient.conf'
    container.execute(BOX, ['tee', place], stdin='sieve_max_cpu_time = 1s\n')
    container.execute(BOX, ['doveadm', 'reload'])
    yield
    container.execute(BOX, ['rm', place])
    container.execute(BOX, ['doveadm', 'reload'])


_ASTRAY = 'require "fileinto";\nfileinto "No such folder";\n'
_SLOW = 'require "body";\n' + ''.join(
    f'if body :raw :matches "*y*{number}*" {{ stop; }}\n' for number in range(3000)
)


@pytest.mark.usefixtures('impatient')
@pytest.mark.parametrize(
    ('script', 'reason'),
    [(_ASTRAY, "Mailbox doesn't exist: No such folder"), (_SLOW, 'too much processor time')],
    ids=['error', 'time'],
)
def test_a_script_that_dovecot_stops_is_named_with_the_reason(
    alice: Page, url: str, script: str, reason: str
) -> None:
    trouble = alice.locator('#email-scripts ~ .alert-warning')
    with _uploaded('Club rules', script) as session:
        sent = post.message(BOB.address, ALICE.address, ('x' * 70 + '\n') * 20_000)
        post.submit(BOX.ip, BOB, sent)
        post.wait_for(BOX.ip, ALICE, sent)
        alice.goto(url + APP + 'my/away/')
        expect(trouble).to_contain_text('Club rules')
        expect(trouble).to_contain_text(reason)
        looks.visit(alice, alice.url, looks.NARROW)
        session.put('Club rules', 'keep;\n')
        alice.reload()
        expect(alice.locator('#email-scripts')).to_be_visible()
        expect(trouble).to_have_count(0)
