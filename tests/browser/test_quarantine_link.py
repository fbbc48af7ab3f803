# SPDX-License-Identifier: AGPL-3.0-or-later
"""Possible spam is released by a link without a login, or on the page of its person."""

from playwright.sync_api import Page, expect

from lab.screenshot import RETRIES
from lab.settings import USERS, LabUser
from tests.conftest import Host
from tests.integration import quarantined
from tests.integration.quarantined import CALL, subjects

from .looks import NARROW, WIDE, visit
from .people import APP

_ALICE, BOB = USERS
HERE = '#content-block'
SAVE = 'form.email-form input[type=submit]'


def _follow(page: Page, url: str, secret: str) -> None:
    page.goto('about:blank')
    page.goto(f'{url}{APP}quarantine/#{secret}')


def test_links_do_one_thing_each_without_a_login(visitor: Page, box: Host, url: str) -> None:
    """Opening a link, as mail scanners do, does nothing."""
    visitor.set_viewport_size({'width': NARROW[0], 'height': NARROW[1]})
    with quarantined.person(box) as user:
        first = quarantined.bring(box, user, subject='<b>Win</b> & more')
        second = quarantined.bring(box, user)
        quarantined.kept(box, user, first)
        quarantined.kept(box, user, second)
        text = quarantined.told(box, user)
        (release, other), delete = quarantined.links(text, 'Release'), _of(text, second, 'Delete')
        if text.index(first) > text.index(second):
            release, other = other, release
        for secret in (release, delete):
            answer = visitor.request.get(f'{url}{APP}quarantine/', max_retries=RETRIES)
            assert answer.status == 200
            assert secret not in answer.text()
        _follow(visitor, url, release[:-2] + 'AA')
        expect(visitor.locator(HERE)).to_contain_text('invalid or has expired')
        _follow(visitor, url, release)
        expect(visitor.locator(HERE)).to_contain_text('<b>Win</b> & more')
        for size in (WIDE, NARROW):
            visit(visitor, visitor.url, size)
        assert visitor.locator(SAVE).count() == 1
        assert subjects(box, user, 'INBOX') != [first], 'nothing is done yet'

        tab = visitor.context.new_page()
        _follow(tab, url, delete)
        expect(tab.locator(SAVE)).to_have_value('Delete message')
        visitor.click(SAVE)
        expect(visitor.locator(HERE)).to_contain_text('You opened another link')
        expect(visitor.locator(SAVE)).to_have_value('Delete message')
        assert len(quarantined.listed(box, user)) == 2, 'no other message is deleted'
        tab.close()

        _follow(visitor, url, release)
        visitor.click(SAVE)
        expect(visitor.locator(HERE)).to_contain_text('Moved the message to the inbox')
        assert first in subjects(box, user, 'INBOX')
        assert subjects(box, user, 'Quarantine') == [second]
        _follow(visitor, url, release)
        expect(visitor.locator(HERE)).to_contain_text('already released or deleted')
        inside = visitor.request.get(f'{url}{APP}my/spam/', max_retries=RETRIES, max_redirects=0)
        assert inside.status in (302, 403), 'the link logs no one in'
        _follow(visitor, url, delete)
        visitor.click(SAVE)
        expect(visitor.locator(HERE)).to_contain_text('Deleted the message')
        assert quarantined.listed(box, user) == []
        _follow(visitor, url, other)
        expect(visitor.locator(HERE)).to_contain_text('already released or deleted')


def _of(text: str, subject: str, act: str) -> str:
    """The secret of the link for an act on the message with a subject."""
    return quarantined.links(text[text.index(subject) :], act)[0]


def test_a_person_decides_on_a_page(bob: Page, box: Host, url: str) -> None:
    here = f'{url}{APP}my/spam/of/{BOB.address}/quarantine/'
    person = LabUser(BOB.address, BOB.password, BOB.domain)
    box.run(*CALL, 'mailbox', BOB.address, 'default')
    bob.goto(f'{url}{APP}my/spam/')
    bob.get_by_role('link', name='Open quarantine').click()
    bob.get_by_role('button', name='Turn quarantine on').click()
    expect(bob.locator(HERE)).to_contain_text('goes to quarantine')
    try:
        first, second = quarantined.bring(box, person), quarantined.bring(box, person)
        quarantined.kept(box, person, first)
        quarantined.kept(box, person, second)
        for size in (WIDE, NARROW):
            visit(bob, here, size)
        bob.get_by_role('button', name='Move to inbox', exact=True).click()
        expect(bob.locator(HERE)).to_contain_text('Select at least one message')
        bob.get_by_label(first).check()
        bob.get_by_role('button', name='Move to inbox and allow senders').click()
        expect(bob.locator(HERE)).to_contain_text("isn't verified who wrote")
        bob.get_by_role('button', name='Move to inbox', exact=True).click()
        expect(bob.locator(HERE)).to_contain_text('Moved 1 message to the inbox')
        assert first in subjects(box, person, 'INBOX')
        bob.get_by_label(second).check()
        bob.get_by_role('button', name='Delete messages').click()
        expect(bob.locator(HERE)).to_contain_text('Deleted 1 message')
        assert second not in subjects(box, person, 'Quarantine')
    finally:
        box.run(*CALL, 'mailbox', BOB.address, 'default')


def test_no_one_reads_the_quarantine_of_another(bob: Page, url: str) -> None:
    here = f'{url}{APP}my/spam/of/{_ALICE.address}/quarantine/'
    assert bob.request.get(here, max_retries=RETRIES).status == 404
