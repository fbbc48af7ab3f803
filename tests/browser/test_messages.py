# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages on the pages: found and told to administrators, and to each person only their own."""

import os
import re
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from lab import container
from lab.host import wait_for
from lab.settings import BOX, OUTSIDE_USERS, USERS, LabUser
from tests.integration import mail as post

from .looks import visit_in_all_looks
from .people import APP, MAIN, forget_alias, forget_mailbox, mail, sign_in

ALICE, BOB = USERS
CAROL = OUTSIDE_USERS[0]
CLUB = LabUser('page-trace', 'harbour lamp forty', MAIN)
TEAM = f'page-team@{MAIN}'
NOBODY = f'page-nobody@{CAROL.domain}'
MESSAGES, MINE = f'{APP}activity/messages/', f'{APP}my/messages/'
URL = os.environ.get('BOX_URL', f'https://{BOX.ip}')
EVIL = '<b>bold</b>'


def sent(sender: LabUser, *to: str) -> str:
    """Send a message, and give its Message-ID."""
    message = post.message(sender.address, to[0])
    with post.submission(BOX.ip, sender.address, sender.password) as session:
        session.send_message(message, sender.address, to)
    return str(message['Message-ID'])


def path_of(admin: Page, name: str, ends: int = 1) -> str:
    """The path of a message's page below its list, once so many copies have an end."""
    where: list[str] = []

    def is_told() -> bool:
        admin.goto(f'{URL}{MESSAGES}?{urlencode({"q": name})}')
        rows = admin.locator('#email-messages li')
        if rows.count():
            where[:] = [rows.first.get_by_role('link').get_attribute('href') or '']
            admin.goto(f'{URL}{where[0]}')
        icons = admin.locator('section[aria-labelledby=email-ends] li .email-state')
        known = icons.count() or admin.locator('#email-headline').count()
        return known >= ends and 'In progress' not in admin.locator('.email-page').inner_text()

    wait_for('the message to be in the list', is_told, 30)
    return where[0].rpartition('/messages/')[2]


@pytest.fixture(scope='module', autouse=True)
def fixture_entries() -> Iterator[None]:
    forget_mailbox(CLUB.address)
    mail('mailbox', 'add', CLUB.address, stdin=f'{CLUB.password}\n')
    mail('alias', 'add', TEAM, ALICE.address, BOB.address)
    yield
    forget_mailbox(CLUB.address)
    forget_alias(TEAM)


def status(page: Page, url: str, path: str) -> int:
    """The status of a page of a person."""
    answer = page.goto(f'{url}{MINE}at/{path}')
    assert answer
    return answer.status


def test_a_returned_message_is_found_explained_and_traced_to_the_log(admin: Page, url: str) -> None:
    path_of(admin, sent(ALICE, NOBODY, BOB.address), 2)
    admin.goto(url + MESSAGES)
    admin.fill('#id_q', NOBODY)
    admin.get_by_role('button', name='Search').click()
    row = admin.locator('#email-messages li').first
    expect(row).to_contain_text('Returned to the sender')
    row.get_by_role('link').click()
    expect(admin.locator('#email-headline')).to_have_text(
        'Returned to the sender: 1 of 2 recipients'
    )
    box = admin.locator('section.email-box').first
    expect(box).to_contain_text('The address does not exist at the other mail server.')
    expect(box).to_contain_text('Check the spelling')
    expect(admin.locator('.email-story')).to_contain_text(f'Sent by {ALICE.address} from')
    admin.locator('summary', has_text='Details').click()
    admin.get_by_role('link', name='Show log lines').click()
    expect(admin.locator('.email-lines')).to_contain_text('status=bounced')


@pytest.mark.long
def test_a_message_is_found_by_its_message_id_without_brackets_too(admin: Page, url: str) -> None:
    name = sent(BOB, ALICE.address)
    path_of(admin, name)
    admin.goto(f'{url}{MESSAGES}?q={name.strip("<>")}')
    expect(admin.locator('#email-messages li')).to_have_count(1)


def test_a_search_for_nothing_known_and_a_wrong_address(admin: Page, url: str) -> None:
    admin.goto(f'{url}{MESSAGES}?q=unheard-of@unheard-of.test')
    expect(admin.get_by_role('status')).to_contain_text('No message matches.')
    admin.goto(f'{url}{MESSAGES}?q=two@at@example.test')
    expect(admin.locator('#id_q')).to_have_attribute('aria-invalid', 'true')


def test_the_pages_fit(admin: Page, alice: Page, url: str) -> None:
    path = path_of(admin, sent(ALICE, NOBODY, BOB.address), 2)
    visit_in_all_looks(admin, f'{url}{MESSAGES}{path}')
    visit_in_all_looks(alice, url + MINE)


@pytest.mark.long
def test_the_other_pages_fit(admin: Page, alice: Page, url: str) -> None:
    path = path_of(admin, sent(ALICE, NOBODY, BOB.address), 2)
    for each in ('', f'{path}lines/', 'keeping/', '?q=unheard-of.test'):
        visit_in_all_looks(admin, url + MESSAGES + each)
        expect(admin.locator('h3').first).to_have_text(re.compile('Messages|Log lines|Keeping'))
    visit_in_all_looks(alice, f'{url}{MINE}at/{path}')


def test_days_are_chosen_and_nonsense_stands_at_its_field(admin: Page, url: str) -> None:
    admin.goto(f'{url}{MESSAGES}keeping/')
    admin.fill('#id_days', '14')
    admin.click('form.email-form input[type=submit]')
    expect(admin.locator('.alert-success').first).to_contain_text('Saved')
    admin.goto(f'{url}{MESSAGES}keeping/')
    expect(admin.locator('#id_days')).to_have_value('14')
    admin.fill('#id_days', '30')
    admin.click('form.email-form input[type=submit]')


def test_people_see_their_own_messages_and_no_number_of_others(
    admin: Page, alice: Page, bob: Page, url: str
) -> None:
    of_bob = path_of(admin, sent(BOB, CLUB.address))
    of_both = path_of(admin, sent(BOB, ALICE.address, CLUB.address), 2)
    alice.goto(url + MINE)
    row = alice.locator('#email-messages li').first
    expect(row).to_contain_text(BOB.address)
    expect(row).not_to_contain_text(CLUB.address)
    assert status(alice, url, of_bob) == 404
    missing = alice.locator('.email-page').inner_text()
    assert status(alice, url, '999999999/') == 404
    assert alice.locator('.email-page').inner_text() == missing, 'the answer tells nothing'
    assert status(alice, url, of_both) == 200
    text = alice.locator('.email-page').inner_text()
    assert 'Delivered to' in text
    assert CLUB.address not in text
    assert BOX.ip.rpartition('.')[0] not in text, 'from where Bob sent'
    assert status(bob, url, of_both) == 200
    assert CLUB.address in bob.locator('.email-page').inner_text(), 'Bob wrote to it'


def test_administrators_pages_are_closed_to_users(alice: Page, url: str) -> None:
    for path in ('', '1/', '1/lines/', 'keeping/'):
        answer = alice.goto(url + MESSAGES + path)
        assert answer
        assert answer.status == 403 or 'activity' not in alice.url


def test_an_alias_of_two_shows_each_only_their_copy(
    admin: Page, alice: Page, bob: Page, url: str
) -> None:
    path = path_of(admin, sent(CLUB, TEAM), 2)
    for page, mine, other in ((alice, ALICE, BOB), (bob, BOB, ALICE)):
        assert status(page, url, path) == 200
        text = page.locator('.email-page').inner_text()
        assert mine.address in text
        assert other.address not in text


@pytest.mark.long
def test_an_alias_handed_on_shows_nothing_of_the_time_before(
    admin: Page, alice: Page, bob: Page, url: str
) -> None:
    since = f'page-{uuid.uuid4().hex}@{MAIN}'  # the same refusal again is no other message
    mail('alias', 'add', since, ALICE.address, '--off')
    time.sleep(1.1)  # an alias counts from the second after its change
    assert post.ask(BOX.ip, since)[0] >= 500
    path = path_of(admin, since)
    assert status(alice, url, path) == 200
    mail('alias', 'change', since, '--to', BOB.address)
    assert status(bob, url, path) == 404
    assert status(alice, url, path) == 404
    bob.goto(f'{url}{MINE}?q={since}')
    expect(bob.locator('#email-messages')).to_have_count(0)
    forget_alias(since)


def test_a_stand_alone_mailbox_has_the_same(admin: Page, visitor: Page, url: str) -> None:
    mine = path_of(admin, sent(BOB, CLUB.address))
    others = path_of(admin, sent(BOB, ALICE.address))
    sign_in(visitor, url, CLUB.address, CLUB.password)
    visitor.get_by_role('link', name='Messages').click()
    expect(visitor.locator('#email-where')).to_have_text('Where is my mail?')
    assert status(visitor, url, mine) == 200
    assert status(visitor, url, others) == 404


def test_words_of_strangers_stay_words(alice: Page, admin: Page, url: str) -> None:
    recipient = f'{ALICE.username}+{uuid.uuid4().hex}@{MAIN}'
    with post.submission(BOX.ip, BOB.address, BOB.password) as session:
        text = f'From: {BOB.address}\nMessage-ID: <{EVIL}@{MAIN}>\n\nHello.\n'
        session.sendmail(BOB.address, [recipient], text)
    path = path_of(admin, recipient)
    for page, where in ((admin, MESSAGES), (alice, f'{MINE}at/')):
        page.goto(url + where + path)
        assert page.locator('.email-page b').count() == 0
        assert f'&lt;b&gt;bold&lt;/b&gt;@{MAIN}' in page.content()


def choose_subjects(admin: Page, url: str, is_on: bool) -> None:
    """Have subjects kept or not, and wait until Rspamd does so."""
    admin.goto(f'{url}{MESSAGES}keeping/')
    admin.set_checked('#id_subjects', is_on)
    admin.click('form.email-form input[type=submit]')
    expect(admin.locator('.alert-success').first).to_contain_text('Saved')
    settings = '/etc/rspamd/lua.local.d/freedombox-email.lua'

    def is_done() -> bool:
        text = container.execute(BOX, ['cat', settings]).stdout
        return ('subjects.lua' in text) == is_on

    wait_for('Rspamd to be told', is_done, 120)


@pytest.mark.long
def test_subjects_are_kept_only_when_that_is_turned_on(admin: Page, url: str) -> None:
    path_of(admin, sent(BOB, ALICE.address))
    assert 'test ' not in admin.locator('.email-page h3').first.inner_text()
    choose_subjects(admin, url, True)
    try:
        message = post.message(BOB.address, ALICE.address, Subject='Fair ü <b>soon</b>')

        def is_titled() -> bool:
            del message['Message-ID']
            message['Message-ID'] = f'<{uuid.uuid4()}@{MAIN}>'
            post.submit(BOX.ip, BOB, message)
            path_of(admin, str(message['Message-ID']))
            title = admin.locator('.email-page h3').first.inner_text()
            return title == 'Fair ü <b>soon</b>'

        wait_for('a subject', is_titled, 60)
    finally:
        choose_subjects(admin, url, False)
