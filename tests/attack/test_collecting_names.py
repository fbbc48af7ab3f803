# SPDX-License-Identifier: AGPL-3.0-or-later
"""A user without any right takes one name after the other, to keep the addresses."""

from collections.abc import Iterator

import pytest

from lab.settings import ADMIN
from lab.web import Browser
from tests.conftest import Host

from .people import MAIN, MALLORY, rename, told, user

NAMES = ('ssladmin', 'newcolleague', 'administrator', 'mallory2')
# FreedomBox asks for the rights of a new name before the system knows it.
pytestmark = pytest.mark.journal_may_say(r'ssh\.\.set_keys|^\s')


@pytest.fixture(name='mallory', scope='module')
def fixture_mallory(box: Host) -> Iterator[Browser]:
    with user(box, MALLORY, *NAMES) as browser:
        old = MALLORY.username
        for new in NAMES:
            rename(box, browser, old, new, MALLORY.password)
            old = new
        yield browser


def senders(box: Host, local: str) -> list[str]:
    found: list[str] = told(box, 'resolve', f'{local}@{MAIN}')['path']['senders']
    return found


@pytest.mark.long
def test_one_former_name_is_left_and_it_ends(box: Host, mallory: Browser) -> None:
    assert mallory
    for local in ('ssladmin', 'administrator'):
        assert MALLORY.address not in senders(box, local), f'mallory sends as {local}'
        path = told(box, 'resolve', f'{local}@{MAIN}')['path']
        assert MALLORY.address not in path['mailboxes'], f'mallory reads what {local} gets'
    left = {
        alias['address']: alias['expires']
        for alias in told(box, 'alias', 'list')['aliases']
        if alias['origin'] == 'freedombox' and MALLORY.address in alias['destinations']
    }
    kept, name = f'newcolleague@{MAIN}', f'{NAMES[-1]}@{MAIN}'
    assert left.keys() == {kept, name}, 'more former names than one are left, or a reserved one'
    assert (bool(left[kept]), left[name]) == (True, None), 'a former name has no end'


def test_the_roles_stay_with_the_administrator(box: Host, mallory: Browser) -> None:
    assert mallory
    for local in ('security', 'noc', 'postmaster'):
        assert told(box, 'resolve', f'{local}@{MAIN}')['path']['mailboxes'] == [ADMIN.address]
