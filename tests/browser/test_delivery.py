# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tab Delivery: relays, ways of sending, and their test."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import relay, settings

from ..conftest import Host
from .looks import NARROW, WIDE, visit
from .people import APP, mail

PAGE = f'{APP}delivery/'
ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]


@pytest.fixture(name='mine', scope='module')
def fixture_mine() -> Iterator[None]:
    """A relay that is in use, though no one answers there, and none afterwards."""
    mail('relay', 'add', 'mine', '--host', 'smtp.nowhere.test')
    mail('route', 'set', 'relay:mine', '--mailbox', BOB.address)
    yield
    mail('route', 'set', 'default', '--mailbox', BOB.address)
    mail('relay', 'remove', 'mine')


@pytest.mark.long
def test_from_no_relay_to_one_that_was_tested(admin: Page, url: str, box: Host) -> None:
    relay.start()
    relay.trusted_by(box.machine)
    admin.goto(url + PAGE)
    admin.get_by_role('link', name='Add relay').click()
    admin.get_by_label('Provider').select_option('Fastmail')
    admin.get_by_role('button', name='Fill in').click()
    expect(admin.get_by_label('Server')).to_have_value('smtp.fastmail.com')
    expect(admin.locator('#email-dkim-hint')).to_contain_text('Fastmail signs mail too.')
    admin.get_by_label('Name', exact=True).fill('lab')
    admin.get_by_label('Server').fill(relay.NAME)
    admin.get_by_label('User name').fill(relay.USER.username)
    admin.get_by_label('Password').fill(relay.USER.password)
    admin.get_by_role('button', name='Add relay').click()
    expect(admin.get_by_role('link', name='lab', exact=True)).to_be_visible()
    admin.get_by_role('link', name='All mail').click()
    admin.get_by_label('Way of sending').select_option('By the relay lab')
    admin.get_by_role('button', name='Save').click()
    expect(admin.get_by_text('Sending: By the relay lab.')).to_be_visible()
    admin.get_by_label('From').fill(ALICE.address)
    admin.get_by_label('To', exact=True).fill(CAROL.address)
    admin.get_by_role('button', name='Run test').click()
    expect(admin.locator('#email-headline')).to_have_text('The test succeeded', timeout=30_000)
    steps = admin.locator('#email-steps')
    expect(steps).to_contain_text(f'Login accepted as {relay.USER.username}.')
    expect(steps).to_contain_text(f'Recipient accepted: {CAROL.address}.')
    assert relay.USER.password not in admin.content()
    kept = json.loads(mail('relay', 'list', '--json'))['relays']
    assert [each['has_password'] for each in kept if each['host'] == relay.NAME] == [True]
    mail('route', 'set', 'default', '--all')
    mail('relay', 'remove', 'lab')
    relay.stop()
    relay.distrusted_by(box.machine)


@pytest.mark.parametrize('size', [WIDE, NARROW], ids=['wide', 'narrow'])
@pytest.mark.parametrize('path', ['', 'relays/add/'])
def test_it_fits_and_can_be_used_by_all(
    admin: Page, url: str, size: tuple[int, int], path: str
) -> None:
    visit(admin, url + PAGE + path, size)


@pytest.mark.long
@pytest.mark.usefixtures('mine')
@pytest.mark.parametrize('size', [WIDE, NARROW], ids=['wide', 'narrow'])
@pytest.mark.parametrize('path', ['', 'test/', 'relays/at/mine/'])
def test_it_fits_with_a_relay(admin: Page, url: str, size: tuple[int, int], path: str) -> None:
    visit(admin, url + PAGE + path, size)


@pytest.mark.long
@pytest.mark.usefixtures('mine')
@pytest.mark.parametrize(
    'path', ['destinations/add/', 'relays/at/mine/remove/', 'route/destination/*/',
             f'route/domain/{ALICE.domain}/'],
)  # fmt: skip
def test_small_pages_fit_a_phone(admin: Page, url: str, path: str) -> None:
    visit(admin, url + PAGE + path, NARROW)


def test_what_is_wrong_stands_at_its_field(plain: Page, url: str) -> None:
    plain.goto(url + PAGE + 'relays/add/')
    for label, value in (('Name', 'open'), ('Server', 'smtp.a.test'), ('User name', 'me')):
        plain.locator('.email-form').get_by_label(label, exact=True).fill(value)
    plain.get_by_label('Encryption').select_option('none')
    plain.get_by_label('Password').fill('secret-of-mine')
    plain.get_by_label('Password').press('Enter')
    expect(plain.locator('#id_tls_error')).to_contain_text('the password could be read on the way')
    assert 'secret-of-mine' not in plain.content()


@pytest.mark.long
@pytest.mark.usefixtures('mine')
def test_a_relay_in_use_is_not_removed_and_a_choice_can_be_undone(plain: Page, url: str) -> None:
    plain.goto(url + PAGE + 'relays/at/mine/remove/')
    plain.get_by_role('button', name='Remove relay').click()
    expect(plain.get_by_text(f'mine is still used by 1 setting: {BOB.address}.')).to_be_visible()
    plain.goto(url + PAGE + f'route/domain/{ALICE.domain}/')
    plain.get_by_label('Way of sending').select_option('Directly')
    plain.get_by_role('button', name='Save').click()
    expect(plain.get_by_role('link', name=f'From {ALICE.domain}')).to_be_visible()
    plain.get_by_role('button', name='Undo').click()
    expect(plain.get_by_role('link', name=f'From {ALICE.domain}')).to_be_hidden()


def _house() -> dict[str, list[dict[str, object]]]:
    """The filters for all mailboxes."""
    found: dict[str, list[dict[str, object]]] = json.loads(
        mail('rules', 'show', 'before', '--json')
    )['rules']
    return found


def _names(place: str) -> list[object]:
    return [each['name'] for each in _house()[place]]


@pytest.fixture(name='no_house')
def fixture_no_house() -> Iterator[None]:
    """Have no filters for all mailboxes, before and after."""
    _forget_house()
    yield
    _forget_house()


def _forget_house() -> None:
    for place in ('before', 'after'):
        for name in _names(place):
            mail('rules', 'remove-filter', place, '--', str(name))


def _add_house(admin: Page, title: str, name: str) -> None:
    """Add a filter for all mailboxes."""
    admin.get_by_role('link', name=f'Add filter ({title})').click()
    admin.fill('#id_name', name)
    admin.fill('#id_value_0', name)
    admin.fill('#id_folder', name)
    admin.get_by_role('button', name='Add filter').click()
    expect(admin.locator('.email-undo')).to_contain_text(f'Added the filter “{name}”')


@pytest.mark.usefixtures('no_house')
def test_filters_for_all_are_added_and_ordered(admin: Page, url: str) -> None:
    visit(admin, url + PAGE, NARROW)
    _add_house(admin, 'Before the filters of users', 'Scans')
    _add_house(admin, 'Before the filters of users', 'Fax')
    _add_house(admin, 'After the filters of users', 'Rest')
    assert (_names('before'), _names('after')) == (['Scans', 'Fax'], ['Rest'])
    admin.get_by_role('button', name='Move Fax up').click()
    expect(admin.locator('.email-undo')).to_contain_text('Moved the filter “Fax”')
    assert _names('before') == ['Fax', 'Scans']


@pytest.mark.usefixtures('no_house')
def test_filters_for_all_are_changed_and_removed(admin: Page, url: str) -> None:
    for place, name in (('before', 'Fax'), ('before', 'Scans'), ('after', 'Rest')):
        mail('rules', 'add-filter', place, '--subject', name, '--folder', name, name)
    admin.goto(url + PAGE)
    admin.get_by_role('link', name='Scans', exact=True).click()
    visit(admin, admin.url, NARROW)
    expect(admin.get_by_label('Forward a copy to')).to_have_count(0)
    admin.uncheck('#id_stop')
    admin.fill('#id_folder', '')
    admin.get_by_role('button', name='Save filter').click()
    expect(admin.locator('[role=alert]').first).to_contain_text('at least one action')
    admin.fill('#id_folder', 'Papers')
    admin.get_by_role('button', name='Save filter').click()
    expect(admin.locator('.email-rows', has_text='Fax')).to_contain_text('put into Papers')
    assert _house()['before'][1]['folder'] == 'Papers'
    admin.get_by_role('link', name='Rest', exact=True).click()
    admin.get_by_role('button', name='Remove filter').click()
    expect(admin.locator('.email-undo')).to_contain_text('Removed the filter “Rest”')
    assert _names('after') == []
    admin.locator('.email-undo button').click()
    expect(admin.get_by_role('link', name='Rest', exact=True)).to_be_visible()
    assert (_names('before'), _names('after')) == (['Fax', 'Scans'], ['Rest'])
