# SPDX-License-Identifier: AGPL-3.0-or-later
"""The guide through the set-up: each step leads on, and the way to a mailbox is short."""

import email
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTPUTF8

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lab import settings
from lab.host import wait_for
from lab.screenshot import RETRIES
from tests.integration import certificates
from tests.integration import mail as messages

from ..conftest import Host
from .looks import NARROW, visit, visit_in_all_looks
from .people import APP, MAIN, mail, send
from .walk import Walk, forget_the_past, forget_the_phone, read_on_a_phone

pytestmark = pytest.mark.usefixtures('checked')
ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
GUIDE = APP + 'setup/'
CODES = ('domain', 'ports', 'out', 'dns', 'certificate', 'people', 'message', 'device')
INSTALL = 1
DOMAIN_CLICKS, DOMAIN_TYPED = 2, 1
"""Add domain, next; its name. `test_fresh_box.py` really does it."""
MOST_CLICKS, MOST_TYPED = 12, 5


@pytest.fixture(autouse=True)
def fixture_guide_is_left(admin: Page, url: str) -> Iterator[None]:
    """Leave the guide, so that other pages do not lead back to it."""
    yield
    admin.goto(url + APP)


def step_of(page: Page) -> str:
    """The step of the page, '' where it is none."""
    page.wait_for_load_state()
    found = page.locator('#email-guide')
    return (found.get_attribute('data-step') or '') if found.count() else ''


def is_done(page: Page) -> bool:
    """Whether the step of the page is done."""
    return page.locator('#email-guide').get_attribute('data-done') == 'yes'


def test_the_way_from_install_to_a_working_mailbox_is_short(
    admin: Page, url: str, box: Host
) -> None:
    forget_the_past(box)
    walk = Walk(INSTALL + DOMAIN_CLICKS, DOMAIN_TYPED)
    admin.goto(url + APP)
    walk.click(admin.get_by_role('link', name='Continue'))
    seen = [step_of(admin)]
    while step_of(admin) != 'device':
        if step_of(admin) == 'message':
            address = admin.locator('#email-test-address').inner_text()
            sent = messages.message(CAROL.address, address)
            messages.deliver_in_time(box.ip, sent)
            expect(admin.locator('#email-test-status')).to_have_attribute('data-come', 'yes')
        walk.click(admin.locator('#email-guide-on'))
        assert step_of(admin) not in ('', *seen), 'a dead end, or around in a circle'
        seen.append(step_of(admin))
    assert seen[0] == 'ports', 'the domain is there'
    try:
        read_on_a_phone(admin, box, walk, sent)
    finally:
        forget_the_phone()
    assert walk.clicks <= MOST_CLICKS
    assert walk.typed <= MOST_TYPED
    assert (walk.clicks, walk.typed) == (9, 3), f'doc/guide.md says how many; past {seen}'


def test_each_step_says_what_holds_and_leads_on(admin: Page, url: str, box: Host) -> None:
    forget_the_past(box)
    for number, code in enumerate(CODES, 1):
        visit(admin, f'{url}{GUIDE}{code}/', NARROW)
        expect(admin.locator('#email-guide h3')).to_contain_text(f'Step {number} of {len(CODES)}')
        assert admin.locator('#email-guide .email-answer').count() == 1
        assert admin.locator('.content-container .btn-primary').count() <= 1, code
        on = admin.locator('#email-guide-on')
        assert is_done(admin) == ('btn-primary' in (on.get_attribute('class') or ''))
        if number > 1:
            admin.get_by_role('link', name='Back', exact=True).click()
            assert step_of(admin) == CODES[number - 2]


@pytest.mark.long
@pytest.mark.parametrize('code', CODES)
def test_each_step_fits_in_all_looks(admin: Page, url: str, code: str) -> None:
    visit_in_all_looks(admin, f'{url}{GUIDE}{code}/')


def test_without_scripts_the_way_is_the_same(plain: Page, url: str, box: Host) -> None:
    forget_the_past(box)
    plain.goto(url + APP)
    plain.get_by_role('link', name='Continue').click()
    passed = []
    while code := step_of(plain):
        passed.append(code)
        plain.locator('#email-guide-on').click()
    assert passed[-1] == 'device'
    assert len(passed) == len(set(passed))
    expect(plain.locator('#email-steps')).to_be_visible()
    plain.goto(f'{url}{GUIDE}ports/')
    plain.get_by_role('button', name='Test now').click()
    assert step_of(plain) == 'ports'


def test_ordinary_pages_lead_back_until_the_guide_is_left(admin: Page, url: str) -> None:
    admin.goto(f'{url}{GUIDE}out/')
    admin.get_by_role('link', name='Add relay').click()
    back = admin.get_by_role('link', name='Back to setup, step 3')
    expect(back).to_be_visible()
    admin.goto(url + APP + 'addresses/')
    back.click()
    assert step_of(admin) == 'out'
    admin.goto(url + APP)
    admin.goto(url + APP + 'addresses/')
    expect(back).to_have_count(0)


def test_records_are_checked_where_they_are_shown(admin: Page, url: str) -> None:
    admin.goto(f'{url}{GUIDE}dns/')
    admin.get_by_role('button', name='Check again').click()
    assert step_of(admin) == 'dns'
    expect(admin.locator('.email-answer')).to_contain_text('just now')


def test_the_way_out_can_be_chosen(admin: Page, url: str) -> None:
    mail('relay', 'add', 'lab', '--host', 'smtp.nowhere.test')
    try:
        admin.goto(f'{url}{GUIDE}out/')
        admin.get_by_label('Way of sending').select_option('By the relay lab')
        admin.get_by_role('button', name='Save').click()
        assert step_of(admin) == 'out'
        expect(admin.get_by_text('Sending: By the relay lab.')).to_be_visible()
        expect(admin.get_by_label('Way of sending')).to_have_value('relay:lab')
    finally:
        mail('route', 'set', 'default', '--all')
        mail('relay', 'remove', 'lab')
        mail('dns', 'check', MAIN, check=False)


def test_a_refused_certificate_is_explained_and_one_that_comes_is_used(
    admin: Page, url: str, box: Host
) -> None:
    """The lab has no Let's Encrypt: its client really fails, then a stand-in brings one."""
    forget_the_past(box)
    with certificates.authority(box):
        admin.goto(f'{url}{GUIDE}certificate/')
        admin.get_by_role('button', name=re.compile('Get certificate|Try again')).click()
        expect(admin.locator('#email-obtaining')).to_contain_text('Getting a certificate')
        refused = admin.locator('#email-not-obtained')
        expect(refused).to_contain_text(f'issued no certificate for {MAIN}', timeout=90_000)
        refused.locator('summary').click()
        expect(refused.locator('pre')).to_contain_text('error', ignore_case=True)
        visit(admin, admin.url, NARROW)
        with certificates.client(box, MAIN):
            admin.get_by_role('button', name='Try again').click()
            expect(admin.locator('#email-guide')).to_have_attribute(
                'data-done', 'yes', timeout=90_000
            )


NO_STEPS = ('nothing', 'later-', 'DOMAIN', '..%2fports', 'ports%00', '%3Cb%3E')


@pytest.mark.parametrize('name', NO_STEPS)
def test_a_step_that_is_none_is_not_there(admin: Page, url: str, name: str) -> None:
    answer = admin.request.get(f'{url}{GUIDE}{name}/', max_retries=RETRIES)
    assert answer.status == 404


def test_only_administrators_are_guided(
    session_of: Callable[[settings.LabUser], BrowserContext], url: str
) -> None:
    for path in ('', 'ports/', 'nothing/'):
        answer = session_of(ALICE).request.get(f'{url}{GUIDE}{path}', max_retries=RETRIES)
        assert answer.status == 403, path


def test_a_button_that_is_none_changes_nothing(admin: Page, url: str) -> None:
    before = mail('domain', 'list')
    admin.goto(f'{url}{GUIDE}domain/')
    token = admin.locator('[name=csrfmiddlewaretoken]').first.input_value()
    for fields in ({'act': 'send'}, {'act': 'primary', 'domain': '../x'}, {'act': 'primary'}, {}):
        assert send(admin, url, 'setup/domain/', token, **fields) == 302
    assert mail('domain', 'list') == before


def newest(subject: str) -> EmailMessage | None:
    """The latest message with a subject in the mailbox elsewhere."""
    with messages.mailbox(settings.OUTSIDE.ip, CAROL.username, CAROL.password, False) as session:
        session.select(readonly=True)
        _, found = session.search(None, 'HEADER', 'Subject', f'"{subject}"')
        if not found[0]:
            return None
        _, parts = session.fetch(found[0].split()[-1].decode(), '(RFC822)')
        assert isinstance(parts[0], tuple)
        return messages.parsed(bytes(parts[0][1]))


def arrived_after(before: EmailMessage | None) -> EmailMessage:
    """The test message elsewhere, once it is there."""
    old = before and before['Message-ID']

    def is_there() -> bool:
        found = newest('Test message')
        return found is not None and found['Message-ID'] != old

    wait_for('the message to arrive elsewhere', is_there, 60, 1)
    found = newest('Test message')
    assert found is not None
    return found


def reply_to(sent: EmailMessage) -> EmailMessage:
    """The reply of a provider that tells how it judged a message."""
    judged = f'mx.{CAROL.domain}; spf=pass smtp.mailfrom={sent["From"]}; dkim=fail; dmarc=none'
    copy = f'Authentication-Results: {judged}\r\n'.encode() + sent.as_bytes(policy=SMTPUTF8)
    answer = messages.message(
        CAROL.address, str(sent['From']), Subject='Re: Test message', In_Reply_To=sent['Message-ID']
    )
    answer.add_attachment(email.message_from_bytes(copy, policy=SMTPUTF8))
    return answer


def test_a_message_goes_out_and_its_return_is_explained(admin: Page, url: str, box: Host) -> None:
    admin.goto(f'{url}{GUIDE}message/')
    admin.get_by_label('Your email address at another provider').fill(ALICE.address)
    admin.get_by_role('button', name='Send test message').click()
    expect(admin.locator('#id_to_error')).to_contain_text('one of your own domains')
    before = newest('Test message')
    admin.get_by_label('Your email address at another provider').fill(CAROL.address)
    admin.get_by_role('button', name='Send test message').click()
    trip = admin.locator('#email-round-trip')
    expect(trip).to_contain_text('Waiting for the reply')
    sent = arrived_after(before)
    messages.deliver_in_time(box.ip, reply_to(sent))
    expect(trip).to_have_attribute('data-answer', 'yes', timeout=60_000)
    expect(admin.locator('#email-ours dd').first).to_contain_text(
        re.compile(f'Works.*may send for {re.escape(CAROL.domain)}', re.DOTALL)
    )
    theirs = admin.locator('#email-theirs dd').all()
    results = [each.get_attribute('data-result') for each in theirs]
    assert results[:3] == ['pass', 'fail', 'none']
    assert results[3:] == ['pass', 'same'], 'as the other server noted in its Received field'
    expect(admin.locator('#email-score')).to_contain_text('3 of 5 checks passed')
    expect(admin.get_by_text(f'How mx.{CAROL.domain} judged your message')).to_be_visible()
    visit(admin, f'{url}{GUIDE}message/', NARROW)
