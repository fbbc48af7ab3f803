# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page with the DNS records of a domain."""

import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from lab import dns, life, outside, settings
from lab.screenshot import RETRIES

from .looks import NARROW, WIDE, usable, visit

DOMAIN = settings.DOMAINS[0]
PAGE = f'/freedombox/apps/email/domains/at/{DOMAIN}/dns/'
BOX = settings.BOX.ip
BROKEN = f'@ A {BOX}\n@ MX 10 elsewhere.test.\n@ TXT "v=spf1 -all"\n'


@pytest.fixture(autouse=True, scope='module')
def _zones() -> Iterator[None]:
    """Serve a zone with faults that takes changes."""
    dns.publish([outside.ZONE, outside.WORLD, dns.LabZone(DOMAIN, BROKEN, dns.CHANGEABLE)])
    yield
    life.publish_zones()


def check(page: Page, url: str) -> None:
    """Press the button that looks again."""
    page.goto(url + PAGE)
    page.get_by_role('button', name='Check').click()
    expect(page.get_by_text('Checked just now.')).to_be_visible()


def test_what_is_wrong_comes_first(admin: Page, url: str) -> None:
    check(admin, url)
    assert admin.locator('.email-answer').get_attribute('data-state') == 'broken'
    expect(admin.locator('#email-headline')).to_contain_text(f'problems with {DOMAIN}')
    first = admin.locator('.email-record').first
    expect(first).to_contain_text('The MX record points to elsewhere.test instead of FreedomBox.')
    expect(first.locator('code', has_text=f'10 {DOMAIN}.')).to_be_visible()


@pytest.mark.parametrize('size', [WIDE, NARROW], ids=['wide', 'narrow'])
@pytest.mark.parametrize('path', ['', 'server/', 'policy/'])
def test_it_fits_and_can_be_used_by_all(
    admin: Page, url: str, size: tuple[int, int], path: str
) -> None:
    visit(admin, url + PAGE + path, size)


def test_a_value_can_be_copied(admin: Page, url: str) -> None:
    admin.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    admin.goto(url + PAGE)
    button = admin.locator('[data-email-copy="value-mx"]')
    button.click()
    expect(button).to_have_text('Copied')
    assert admin.evaluate('navigator.clipboard.readText()') == f'10 {DOMAIN}.'


def test_it_works_without_scripts(plain: Page, url: str) -> None:
    check(plain, url)
    expect(plain.locator('#value-mx')).to_be_visible()
    expect(plain.locator('[data-email-copy="value-mx"]')).to_be_hidden()


def test_the_records_as_files(admin: Page, url: str) -> None:
    admin.goto(url + PAGE)
    with admin.expect_download() as download:
        admin.get_by_role('link', name='Zone file').click()
    assert download.value.suggested_filename == f'{DOMAIN}.zone'
    text = admin.request.get(f'{url}{PAGE}zone/?form=nsupdate', max_retries=RETRIES).text()
    assert text.startswith(f'zone {DOMAIN}.\n')
    assert text.endswith('send\n')


def test_publishing_shows_first_what_changes(admin: Page, url: str) -> None:
    check(admin, url)
    admin.get_by_role('link', name='Set up automatic updates').click()
    admin.get_by_role('link', name='Dynamic updates (RFC 2136)').click()
    admin.get_by_label('Update server').fill('ns.example.test')
    admin.get_by_label('Key name (TSIG)').fill(dns.UPDATE_KEY)
    admin.locator('[name=secret]').fill(dns.UPDATE_SECRET)
    admin.get_by_role('button', name='Save').click()
    expect(admin.get_by_text('Enter an IP address like 192.0.2.53.')).to_be_visible()
    admin.get_by_label('Update server').fill(settings.DNS)
    admin.locator('[name=secret]').fill(dns.UPDATE_SECRET)
    admin.get_by_role('button', name='Save').click()
    admin.get_by_role('button', name='Review and publish records').click()
    expect(admin.get_by_text('10 elsewhere.test.')).to_be_visible()
    usable(admin)
    admin.get_by_role('button', name='Publish changes', exact=True).click()
    expect(admin.get_by_text('Published the records.')).to_be_visible()
    assert admin.locator('[data-role=mx]').get_attribute('data-state') == 'works'
    assert admin.locator('[data-role=spf]').get_attribute('data-state') == 'works'
    admin.get_by_role('link', name='Change automatic updates').click()
    admin.get_by_role('button', name='Disconnect').click()
    expect(admin.get_by_role('link', name='Set up automatic updates')).to_be_visible()


def test_the_overview_leads_here(admin: Page, url: str) -> None:
    dns.publish([outside.ZONE, outside.WORLD, dns.LabZone(DOMAIN, BROKEN)])
    check(admin, url)
    admin.goto(url + '/freedombox/apps/email/')
    finding = admin.locator(f'[data-code="records-{DOMAIN}"]')
    finding.get_by_role('link', name='Fix DNS').click()
    expect(admin).to_have_url(url + PAGE)
    expect(admin.locator('h3').first).to_have_text(DOMAIN)


def test_no_page_waits_for_dead_dns(admin: Page, url: str) -> None:
    dns.stop_answering()
    try:
        started = time.monotonic()
        admin.goto(url + PAGE)
        assert time.monotonic() - started < 3, 'showing asks nobody'
        started = time.monotonic()
        check(admin, url)
        assert time.monotonic() - started < 9, 'a check takes 6.5 s at most'
        expect(admin.get_by_text("FreedomBox can't reach any name server.")).to_be_visible()
    finally:
        dns.answer_again()


def test_a_domain_that_is_not_ours(admin: Page, url: str) -> None:
    for name in ('evil.example', 'no domain', '..'):
        answer = admin.goto(f'{url}/freedombox/apps/email/domains/at/{quote(name)}/dns/')
        assert answer is not None
        assert answer.status == 404
    admin.goto(f'{url}/freedombox/apps/email/domains/at/evil.example/dns/')
    expect(admin.get_by_text('evil.example is not a mail domain on this server.')).to_be_visible()


def test_the_pages_of_a_domain_lead_to_each_other(admin: Page, url: str) -> None:
    admin.goto(url + '/freedombox/apps/email/')
    admin.get_by_role('link', name=DOMAIN, exact=True).first.click()
    expect(admin).to_have_url(url + PAGE)
    expect(admin.locator('.email-tabs .active')).to_have_text(['Domains', 'Status'])
    tabs = admin.locator('.email-tabs-inner')
    for name in ('Settings', 'Reports', 'Status'):
        tabs.get_by_role('link', name=name).click()
        expect(tabs.locator('.active')).to_have_text(name)
    expect(admin).to_have_url(url + PAGE)


def test_how_strict_the_policy_is(admin: Page, url: str) -> None:
    check(admin, url)
    record = admin.locator('#value-mta-sts')
    before = record.text_content()
    admin.goto(url + PAGE + 'policy/')
    admin.locator('#id_mta_sts').select_option('enforce')
    admin.get_by_role('button', name='Save').click()
    expect(admin.get_by_text(f'Changed the policy of {DOMAIN}.')).to_be_visible()
    assert record.text_content() != before, 'other servers notice by the id of the policy'
    admin.get_by_role('button', name='Undo').click()
    admin.goto(url + PAGE)
    assert record.text_content() == before


def test_keys_are_changed_on_demand(admin: Page, url: str) -> None:
    other = settings.DOMAINS[1]
    admin.goto(f'{url}/freedombox/apps/email/domains/at/{other}/dns/')
    keys = admin.locator('.email-keys')
    expect(keys.locator('[data-stage=live]')).to_contain_text('In use since')
    button = admin.get_by_role('button', name='Replace keys')
    if button.is_visible():
        button.click()
        expect(admin.get_by_text('Requested new signing keys.')).to_be_visible()
    expect(admin.get_by_text('New keys are requested.')).to_be_visible()
    expect(keys.locator('[data-stage=next]')).to_contain_text('Not used yet')


@pytest.mark.parametrize('size', [WIDE, NARROW], ids=['wide', 'narrow'])
def test_a_test_from_outside_can_be_set_by_all(
    admin: Page, url: str, size: tuple[int, int]
) -> None:
    visit(admin, f'{url}/freedombox/apps/email/outside/', size)


def test_another_box_is_chosen_and_forgotten(plain: Page, url: str) -> None:
    check(plain, url)
    row = plain.locator('[data-role=reach]')
    plain.locator('details.email-extras > summary').click()
    expect(row).to_contain_text('Not tested from outside.')
    row.locator('summary').click()
    row.get_by_role('link', name='Test from outside').click()
    plain.get_by_label('Name of another FreedomBox').fill('not a name')
    plain.get_by_role('button', name='Save').click()
    expect(plain.locator('#id_host_error')).to_be_visible()
    plain.get_by_label('Name of another FreedomBox').fill('Nowhere.test')
    plain.get_by_role('button', name='Save').click()
    expect(plain.locator('[data-role=reach]')).to_contain_text(
        "The other FreedomBox didn't answer."
    )
    plain.goto(f'{url}/freedombox/apps/email/outside/')
    expect(plain.get_by_label('Name of another FreedomBox')).to_have_value('nowhere.test')
    plain.get_by_label('Name of another FreedomBox').fill('')
    plain.get_by_role('button', name='Save').click()
    expect(plain.get_by_text('Saved.')).to_be_visible()
