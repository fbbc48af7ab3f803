# SPDX-License-Identifier: AGPL-3.0-or-later
"""A user takes the address of the administrator for a name, which FreedomBox allows."""

from collections.abc import Iterator

import pytest

from lab.settings import ADMIN
from lab.web import Browser
from tests.conftest import Host
from tests.integration import mail
from tests.integration.mail import reads, sends

from .people import APP, MALLORY, force, rename, told, user

NAME = ADMIN.address
# FreedomBox asks for the rights of a new name before the system knows it.
pytestmark = pytest.mark.journal_may_say(r'ssh\.\.set_keys|^\s')


def keys(box: Host) -> set[str]:
    return {each['key_id'] for each in told(box, 'app-password', 'list')['passwords']}


@pytest.fixture(name='mallory', scope='module')
def fixture_mallory(box: Host) -> Iterator[Browser]:
    with user(box, MALLORY, NAME) as browser:
        rename(box, browser, MALLORY.username, NAME, MALLORY.password)
        yield browser


def test_the_page_of_devices_is_of_no_one(box: Host, mallory: Browser) -> None:
    before = keys(box)
    for path in ('my/', 'my/devices/', 'my/addresses/add/', f'my/forward/{NAME}/'):
        page = mallory.get(APP + path)
        assert page.status == 404, f'{path} is shown to a user whose name is an address'
    for password in (MALLORY.password, ADMIN.password):
        page = force(mallory, 'my/devices/', kind='other', label='Phone', password=password)
        assert 'email-password' not in page.text, 'mallory got a password for the administrator'
    assert keys(box) == before, 'mallory made a password for a device in the name of another'


def test_the_owner_of_the_address_is_not_locked_out(box: Host, mallory: Browser) -> None:
    assert mallory
    for login in (ADMIN.username, ADMIN.address):
        assert reads(box, login, ADMIN.password), f'{login} is locked out by a name'
        assert sends(box, login, ADMIN.password), f'{login} is locked out by a name'
    logins = [each['login'] for each in told(box, 'mailbox', 'list')['mailboxes']]
    assert not [login for login in logins if '@' in login], 'an address is a short login'


def test_the_name_opens_nothing_and_sends_as_no_one(box: Host, mallory: Browser) -> None:
    assert mallory
    assert not reads(box, NAME, MALLORY.password)
    assert not sends(box, NAME, MALLORY.password)
    sent = mail.message(NAME, ADMIN.address)
    with mail.submission(box.ip, MALLORY.address, MALLORY.password) as session:
        code, _text = mail.answer(lambda: session.send_message(sent))
    assert code >= 500, 'mallory sent as the administrator'
    assert MALLORY.address not in told(box, 'resolve', ADMIN.address)['path']['senders']


def test_the_name_is_reported_and_what_was_theirs_is_kept(box: Host, mallory: Browser) -> None:
    problems = told(box, 'reconcile')['problems']
    assert [each for each in problems if each['code'] == 'user-invalid']
    assert reads(box, MALLORY.address, MALLORY.password), 'the mail of mallory is lost'
    rename(box, mallory, NAME, MALLORY.username, MALLORY.password)
    assert reads(box, MALLORY.username, MALLORY.password)
    assert mallory.get(APP + 'my/devices/').status == 200
    assert reads(box, ADMIN.username, ADMIN.password)
