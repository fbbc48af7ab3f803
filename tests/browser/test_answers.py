# SPDX-License-Identifier: AGPL-3.0-or-later
"""A headline says "working" only of what was seen to work: each real cause is made in the box."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from lab import dns, life, settings
from lab.host import wait_for

from ..conftest import Host
from .looks import NARROW, WIDE, styled, visit
from .people import APP, MAIN, OTHER, mail
from .test_life import settled

pytestmark = [
    pytest.mark.usefixtures('checked'),
    pytest.mark.journal_may_say(r'.'),  # what is broken here on purpose says so
]
NEW, ADDED = 'never-checked.test', 'just-added.test'
CANNOT_TELL = "Can't tell whether mail is working."


def headline(page: Page, url: str) -> str:
    """The answer on the overview."""
    page.goto(url + APP)
    return page.locator('#email-headline').inner_text()


def codes(page: Page) -> list[str]:
    """The problems on the page that is shown."""
    return [
        row.get_attribute('data-code') or '' for row in page.locator('.email-findings li').all()
    ]


@contextmanager
def stopped(box: Host, *units: str, masked: bool = False) -> Iterator[None]:
    """Keep services from running for a while; masked, nothing else can start them either."""
    if masked:
        box.run('systemctl', 'mask', '--runtime', *units)
    box.run('systemctl', 'stop', *units)
    try:
        yield
    finally:
        box.run('systemctl', 'unmask', '--runtime', *units)
        box.run('systemctl', 'start', *units)


@contextmanager
def setting(box: Host, name: str, value: str) -> Iterator[str]:
    """Another value of a setting of Postfix, as by hand, instead of the one that is yielded."""
    before = box.run('postconf', '-h', name).strip()
    box.run('postconf', '-e', f'{name}={value}')
    try:
        yield before
    finally:
        box.run('postconf', '-e', f'{name}={before}')


@pytest.mark.parametrize(
    ('unit', 'words'),
    [
        ('freedombox-email-redis', 'Mail from other servers is put off.'),
        ('dovecot', "Mail can't be read."),
        ('rspamd', 'All mail is held.'),
    ],
)
def test_a_stopped_service_is_told_by_what_does_not_work(
    admin: Page, url: str, box: Host, unit: str, words: str
) -> None:
    with stopped(box, f'{unit}.service'):
        assert headline(admin, url) == words
        assert f'service-down-{unit}' in codes(admin)


@pytest.mark.parametrize(
    ('unit', 'code', 'words'),
    [
        ('limits.socket', 'helper-limits', "Users can't send mail to other servers."),
        ('tls-policy.socket', 'helper-tls', 'Mail to other servers is queued.'),
        ('srs-filter.socket', 'helper-srs', 'Forwarded mail is put off.'),
    ],
)
def test_a_stopped_helper_is_told_by_what_does_not_work(
    admin: Page, url: str, box: Host, unit: str, code: str, words: str
) -> None:
    for name in ('limits', 'tls-policy', 'srs'):  # systemd opens no socket of one that goes on
        box.run('systemctl', 'start', f'freedombox-email-{name}.service')
    with stopped(box, f'freedombox-email-{unit}'):
        assert headline(admin, url) == words
        assert code in codes(admin)


def test_repair_starts_stopped_helpers(admin: Page, url: str, box: Host) -> None:
    units = [f'freedombox-email-{name}' for name in ('limits.socket', 'check.timer')]
    with stopped(box, *units):
        headline(admin, url)
        assert {'helper-limits', 'helpers'} <= set(codes(admin))
        expect(admin.locator('[data-code=helpers]')).to_contain_text(units[1])
        admin.locator('[data-code=helpers]').get_by_role('button', name='Repair').click()
        settled(admin, url + APP)
        headline(admin, url)
        assert not {'helper-limits', 'helpers'} & set(codes(admin))


@pytest.mark.long  # notifications are looked at once a minute
def test_administrators_are_told_when_mail_stops(admin: Page, url: str, box: Host) -> None:
    told = admin.locator('.notification', has_text='Dovecot is stopped.')

    def is_told() -> bool:
        admin.goto(url + '/freedombox/sys/')
        return told.count() > 0

    with stopped(box, 'dovecot.service'):
        wait_for('the notification', is_told, 200, 5)
        admin.locator('.notifications-dropdown a:visible').click()
        told.get_by_role('link', name='Show problems').press('Enter')
        expect(admin.locator('[data-code=service-down-dovecot]')).to_be_visible()
    wait_for('it to be taken back', lambda: not is_told(), 200, 5)


def test_without_the_service_of_root_nothing_is_said_to_work(
    admin: Page, url: str, box: Host
) -> None:
    units = ('freedombox-privileged.socket', 'freedombox-privileged.service')
    with stopped(box, *units, masked=True):
        assert headline(admin, url) == CANNOT_TELL
        assert 'root-silent' in codes(admin)


def test_a_setting_that_decides_is_no_small_matter(admin: Page, url: str, box: Host) -> None:
    with setting(box, 'message_size_limit', '1000') as before:
        assert headline(admin, url) == "Can't tell whether all mail is accepted."
        admin.locator('[data-code=drift-deciding]').get_by_role('link', name='Show changes').click()
        expect(admin.locator('pre')).to_contain_text('-message_size_limit = 1000')
        for size in (WIDE, NARROW):
            visit(admin, url + APP + 'changed-settings/', size)
        admin.get_by_role('button', name='Restore settings').click()
        expect(admin.locator('.app-operation')).to_have_count(0, timeout=120_000)
        assert box.run('postconf', '-h', 'message_size_limit').strip() == before
        styled(admin)


def test_a_setting_that_decides_nothing_is_a_warning(admin: Page, url: str, box: Host) -> None:
    with setting(box, 'smtp_tls_loglevel', '3'):
        assert headline(admin, url).startswith('Mail is working')
        assert 'drift' in codes(admin)


@contextmanager
def damaged(box: Host) -> Iterator[None]:
    """A file of Dovecot that it cannot read; the Dovecot that runs is not told."""
    path = '/etc/dovecot/conf.d/98-by-hand.conf'
    box.run('tee', path, stdin='imap_max_line_length = long\n')
    try:
        yield
    finally:
        box.run('rm', path)


def told(box: Host) -> tuple[str, list[str]]:
    """The answer of the command and its problems."""
    said = json.loads(box.run('freedombox-email', 'status', '--json', check=False))
    return said['answer'], [each['code'] for each in said['problems']]


def test_page_and_command_give_one_verdict(admin: Page, url: str, box: Host) -> None:
    """Without its milter Postfix takes all mail unchecked."""
    assert headline(admin, url) == told(box)[0]
    with setting(box, 'smtpd_milters', ''):
        answer = headline(admin, url)
        assert answer.startswith("Can't tell")
        assert 'drift-deciding' in codes(admin)
        assert told(box) == (answer, codes(admin))
        assert not box.succeeds('freedombox-email', 'status')
    assert headline(admin, url) == told(box)[0] != answer


def test_a_file_that_a_daemon_cannot_read_is_told_before_it_restarts(
    admin: Page, url: str, box: Host
) -> None:
    with damaged(box):
        assert headline(admin, url) == 'Mail will stop at the next restart.'
        row = admin.locator('[data-code=unreadable-dovecot]')
        expect(row).to_contain_text('imap_max_line_length')
        assert told(box) == ('Mail will stop at the next restart.', codes(admin))
        assert box.succeeds('systemctl', 'is-active', 'dovecot.service')
        for size in (WIDE, NARROW):
            visit(admin, url + APP, size)
    assert headline(admin, url).startswith('Mail is working')


def test_a_damaged_certificate_hides_no_other(admin: Page, url: str, box: Host) -> None:
    path = f'/etc/dovecot/letsencrypt/{OTHER}/cert.pem'
    text = box.run('cat', path)
    try:
        box.run('tee', path, stdin='rubbish')
        headline(admin, url)
        found = codes(admin)
        assert f'certificate-unread-{OTHER}' in found
        assert f'certificate-own-{MAIN}' in found
    finally:
        box.run('tee', path, stdin=text)


@pytest.fixture
def new_domain(box: Host) -> Iterator[None]:
    """A domain that has no DNS at all, added behind the back of the web interface."""
    box.run('rm', '-f', f'/var/lib/freedombox-email-dns/{NEW}.json')
    mail('domain', 'add', NEW)
    yield
    mail('domain', 'remove', NEW, '--force')


@pytest.mark.usefixtures('new_domain')
def test_a_domain_no_one_checked_is_not_said_to_work(admin: Page, url: str) -> None:
    assert NEW in headline(admin, url)
    assert f'unchecked-{NEW}' in codes(admin) or f'records-{NEW}' in codes(admin)
    admin.goto(url + APP + f'domains/at/{NEW}/')
    assert admin.locator('.email-answer').get_attribute('data-state') in ('unknown', 'broken')
    admin.goto(url + APP)
    button = admin.locator(f'[data-code="unchecked-{NEW}"]').get_by_role('button')
    if button.count():  # a change of something else may have had it checked meanwhile
        button.click()
    expect(admin.locator(f'[data-code="records-{NEW}"]')).to_contain_text('name servers')
    assert f'{NEW} receives nothing' in admin.locator('#email-headline').inner_text()


def test_a_domain_added_on_the_page_is_checked_by_itself(admin: Page, url: str, box: Host) -> None:
    box.run('rm', '-f', f'/var/lib/freedombox-email-dns/{ADDED}.json')
    admin.goto(url + APP + 'domains/add/')
    admin.fill('#id_name', ADDED)
    admin.locator('form.email-form input[type=submit]').click()
    try:
        page = url + APP + f'domains/at/{ADDED}/dns/'

        def is_checked() -> bool:
            admin.goto(page)
            return admin.get_by_text('Checked').count() > 0

        wait_for('the first check', is_checked, 120, 1)
        settled(admin, url + APP)
    finally:
        mail('domain', 'remove', ADDED, '--force')


@pytest.fixture
def broken_zone() -> Iterator[Callable[[], None]]:
    """The second domain leads elsewhere, and the box knows; called, it is mended and not known."""
    zones = [zone for zone in life.zones() if zone.domain != OTHER]
    away = dns.LabZone(OTHER, f'@ A {settings.BOX.ip}\n@ MX 10 elsewhere.test.\n')
    dns.publish([*zones, away])
    mail('dns', 'check', OTHER, check=False)
    yield life.publish_zones
    life.publish_zones()
    mail('dns', 'check', OTHER, check=False)


def test_one_domain_that_gets_nothing_is_named(
    admin: Page, url: str, broken_zone: Callable[[], None]
) -> None:
    assert headline(admin, url) == f'Mail is working, but {OTHER} receives nothing.'
    assert admin.locator('.email-answer').get_attribute('data-state') == 'look'
    finding = admin.locator(f'[data-code="records-{OTHER}"]')
    expect(finding).to_contain_text('MX')
    expect(finding).to_contain_text('Checked')
    admin.goto(url + APP + 'domains/')
    row = admin.locator('li', has_text=OTHER)
    expect(row.locator('.email-state')).to_have_text('Broken')
    broken_zone()
    admin.goto(url + APP)
    finding.get_by_role('button', name='Check again').click()
    expect(admin.locator(f'[data-code="records-{OTHER}"]', has_text='MX')).to_have_count(0)
    assert 'receives nothing' not in admin.locator('#email-headline').inner_text()
