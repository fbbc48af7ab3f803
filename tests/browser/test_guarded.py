# SPDX-License-Identifier: AGPL-3.0-or-later
"""A family guards the mailbox of a child, by the pages alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab.screenshot import RETRIES
from lab.settings import BOX, USERS, LabUser
from tests.conftest import Host
from tests.integration import guarded, mail
from tests.integration.guarded import CAROL, DAVE

from .looks import NARROW, WIDE, visit
from .people import APP, MAIN, forget_mailbox

SAVE = 'form.email-form input[type=submit]'
ALICE, BOB = USERS
KID = LabUser('page-kid', 'harbour lamp forty', MAIN)
ADDRESS = KID.address


@pytest.fixture(autouse=True, scope='module')
def fixture_no_child() -> Iterator[None]:
    """Have no child before, nor after."""
    forget_mailbox(ADDRESS)
    yield
    forget_mailbox(ADDRESS)


def unfolded(page: Page) -> None:
    """Open what a form folds away."""
    page.evaluate('document.querySelectorAll("details").forEach(each => each.open = true)')


def _add_child(admin: Page, url: str) -> None:
    admin.goto(f'{url}{APP}mailboxes/add/')
    unfolded(admin)
    admin.fill('#id_local', ADDRESS.partition('@')[0])
    admin.select_option('#id_domain', MAIN)
    admin.fill('#id_password', KID.password)
    admin.click(SAVE)
    expect(admin.get_by_text(f'Created {ADDRESS}')).to_be_visible()


def _guard(admin: Page) -> None:
    admin.get_by_role('link', name='Guard this mailbox').click()
    admin.fill('#id_guardians', 'no-such-person')
    admin.fill('#id_known', CAROL.address)
    admin.click(SAVE)
    expect(admin.locator('#id_guardians_error')).to_contain_text('no such FreedomBox user')
    admin.fill('#id_guardians', ALICE.username)
    admin.click(SAVE)
    expect(admin.locator('#content-block')).to_contain_text(f'{ADDRESS} is guarded')


def _bring(sender: LabUser, subject: str) -> mail.EmailMessage:
    sent = mail.message(sender.address, ADDRESS, Subject=subject)
    mail.deliver_in_time(BOX.ip, sent)
    return sent


@pytest.mark.long
def test_a_family_guards_a_child(admin: Page, alice: Page, bob: Page, box: Host, url: str) -> None:
    admin.set_viewport_size({'width': NARROW[0], 'height': NARROW[1]})
    alice.set_viewport_size({'width': NARROW[0], 'height': NARROW[1]})
    _add_child(admin, url)
    _guard(admin)
    known, unknown = _bring(CAROL, 'From grandma'), _bring(DAVE, '<b>Football</b> & fun')
    guarded.arrived(box, KID, known)
    wanted = guarded.wait_until_waiting(box, KID, unknown)

    bob.goto(f'{url}{APP}my/')
    expect(bob.get_by_role('link', name='Waiting')).to_have_count(0)
    here = f'my/waiting/{ADDRESS}/{wanted["id"]}/'
    assert bob.request.get(f'{url}{APP}{here}', max_retries=RETRIES).status == 404

    alice.goto(f'{url}{APP}my/')
    alice.get_by_role('link', name='Waiting').click()
    for size in (WIDE, NARROW):
        visit(alice, alice.url, size)
    alice.get_by_role('link', name='<b>Football</b> & fun').click()
    for size in (WIDE, NARROW):
        visit(alice, alice.url, size)
    alice.get_by_role('button', name='Approve and always accept this sender').click()
    expect(alice.locator('#content-block')).to_contain_text('known correspondent from now on')
    guarded.arrived(box, KID, unknown)
    guarded.arrived(box, KID, _bring(DAVE, 'Once more'))

    admin.goto(f'{url}{APP}mailboxes/at/{ADDRESS}/guard/')
    for size in (WIDE, NARROW):
        visit(admin, admin.url, size)
    expect(admin.locator('#id_known')).to_have_value(f'{CAROL.address}\n{DAVE.address}')
    admin.get_by_role('link', name='Stop guarding').click()
    admin.click(SAVE)
    expect(admin.locator('#content-block')).to_contain_text('is no longer guarded')
    admin.click('.email-undo button')
    admin.goto(f'{url}{APP}mailboxes/at/{ADDRESS}/guard/')
    expect(admin.locator('#id_guardians')).to_have_value(ALICE.username)


def test_a_guardian_approves_on_a_phone_without_a_login(visitor: Page, box: Host, url: str) -> None:
    """The link alone does nothing: programs that look at mail open it, too."""
    visitor.set_viewport_size({'width': NARROW[0], 'height': NARROW[1]})
    with guarded.child(box, '--guardian', ALICE.username) as kid:
        sent = mail.message(DAVE.address, kid.address)
        mail.deliver_in_time(BOX.ip, sent)
        guarded.wait_until_waiting(box, kid, sent)
        box.run('systemctl', 'start', 'freedombox-email-guards.service')
        link = guarded.link_to(box, ALICE, kid)
        assert visitor.request.get(f'{url}{APP}approve/', max_retries=RETRIES).status == 200
        visitor.goto(f'{url}{APP}approve/#{link[:-1]}')
        expect(visitor.locator('#content-block')).to_contain_text('link is invalid')
        visitor.goto('about:blank')
        visitor.goto(f'{url}{APP}approve/#{link}')
        expect(visitor.get_by_role('button', name='Approve message')).to_be_visible()
        for size in (WIDE, NARROW):
            visit(visitor, visitor.url, size)
        assert guarded.waiting(box, kid), 'nothing is done yet'
        visitor.get_by_role('button', name='Approve message').click()
        expect(visitor.locator('#content-block')).to_contain_text('Delivered the message')
        guarded.arrived(box, kid, sent)
        visitor.goto(f'{url}{APP}approve/#{link}')
        expect(visitor.locator('#content-block')).to_contain_text('link is invalid')


def test_a_person_who_may_approves_waiting_mail(visitor: Page, box: Host, url: str) -> None:
    """And only once the choice was made."""
    with guarded.child(box) as kid:
        sent = mail.message(DAVE.address, kid.address)
        mail.deliver_in_time(box.ip, sent)
        wanted = guarded.wait_until_waiting(box, kid, sent)
        visitor.goto(f'{url}{APP}sign-in/')
        visitor.fill('#id_address', kid.address)
        visitor.fill('#id_password', kid.password)
        visitor.click(SAVE)
        expect(visitor.get_by_text(f'Signed in as {kid.address}')).to_be_visible()
        expect(visitor.get_by_role('link', name='Waiting')).to_have_count(0)
        here = f'{url}{APP}my/waiting/{kid.address}/{wanted["id"]}/'
        assert visitor.request.get(here, max_retries=RETRIES).status == 404
        box.run(guarded.CALL, 'guard', 'set', kid.address, '--may-release', 'yes')
        visitor.reload()
        visitor.get_by_role('link', name='Waiting').click()
        visit(visitor, visitor.url, NARROW)
        visitor.get_by_role('link', name=str(sent['Subject'])).click()
        visit(visitor, visitor.url, NARROW)
        visitor.get_by_role('button', name='Approve message').click()
        expect(visitor.locator('#content-block')).to_contain_text('Delivered the message')
        guarded.arrived(box, kid, sent)


def test_the_rules_of_all_are_printed_on_one_page(admin: Page, box: Host, url: str) -> None:
    """Without the bars of FreedomBox, to hang on a wall."""
    with guarded.child(box, '--guardian', ALICE.username) as kid:
        admin.goto(f'{url}{APP}addresses/rules/')
        admin.emulate_media(media='print')
        expect(admin.locator('#email-house-rules')).to_contain_text(kid.address)
        for bar in ('.main-header', '.breadcrumb', '.email-nav'):
            expect(admin.locator(bar)).to_be_hidden()
        assert len(re.findall(rb'/Type\s*/Page\b', admin.pdf(format='A4'))) == 1
