# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page with what others report on a domain."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import reports, settings

from .looks import BIGGEST_PAGE, NARROW, WIDE, visit

DOMAIN, OTHER = settings.DOMAINS
PAGE = '/freedombox/apps/email/domains/at/{}/reports/'


@pytest.fixture(autouse=True)
def _reports() -> Iterator[None]:
    """Let good weeks lie behind one domain, and nothing behind the other."""
    reports.fill()
    yield
    reports.clear()


@pytest.mark.parametrize('size', [WIDE, NARROW], ids=['wide', 'narrow'])
@pytest.mark.parametrize('domain', [DOMAIN, OTHER])
def test_it_fits_and_can_be_used_by_all(
    admin: Page, url: str, size: tuple[int, int], domain: str
) -> None:
    visit(admin, url + PAGE.format(domain), size)


def test_many_strangers_make_no_long_page(admin: Page, url: str) -> None:
    reports.fill(forged=150)
    answer = admin.goto(url + PAGE.format(DOMAIN))
    assert answer is not None
    assert len(answer.body()) < BIGGEST_PAGE
    expect(admin.get_by_text('and 127 more')).to_be_visible()


def test_the_chart_says_what_the_table_says(admin: Page, url: str) -> None:
    admin.goto(url + PAGE.format(DOMAIN))
    chart = admin.get_by_role('img', name='Bars for the last 30 days')
    expect(chart).to_be_visible()
    assert chart.locator('rect.email-chart-works').count() == 24
    admin.get_by_text('Numbers per day').click()
    expect(admin.locator('.email-numbers-table tbody tr')).to_have_count(24)
    row = admin.locator(f'[data-source="{settings.BOX.ip}"]')
    expect(row).to_contain_text('FreedomBox')
    expect(row).to_contain_text('Passed')
    expect(admin.locator('[data-source="192.0.2.66"]')).to_contain_text('Failed')


def test_nothing_yet_says_what_to_do(admin: Page, url: str) -> None:
    admin.goto(url + PAGE.format(OTHER))
    expect(admin.get_by_text('No reports yet')).to_be_visible()
    expect(admin.get_by_text(f'mail-reports@{OTHER}')).to_be_visible()
    admin.get_by_role('link', name='Show DNS records').click()
    assert admin.url.endswith(f'/at/{OTHER}/dns/')


def test_a_step_is_taken_and_taken_back(plain: Page, url: str) -> None:
    plain.goto(f'{url}/freedombox/apps/email/domains/at/{DOMAIN}/')
    plain.get_by_role('link', name='reports').click()
    plain.get_by_role('button', name='Treat spoofed mail as spam').click()
    expect(plain.get_by_text('Your policy: Treat as spam (quarantine).')).to_be_visible()
    expect(plain.get_by_text('after 14 more days')).to_be_visible()
    expect(plain.get_by_role('button', name='Reject spoofed mail')).to_have_count(0)
    plain.get_by_role('button', name='Undo').click()
    plain.goto(url + PAGE.format(DOMAIN))
    expect(plain.get_by_text('Your policy: Report only (none).')).to_be_visible()


def test_anyone_may_decide_otherwise(admin: Page, url: str) -> None:
    admin.goto(url + PAGE.format(DOMAIN))
    admin.get_by_text('Policy', exact=True).click()
    admin.get_by_label('For mail that fails DMARC').select_option('reject')
    admin.get_by_role('button', name='Save policy').click()
    expect(admin.get_by_text('Your policy: Reject (reject).')).to_be_visible()
    admin.get_by_role('link', name='Require encryption').click()
    expect(admin.locator('h3')).to_have_text(f'Encrypted delivery to {DOMAIN} (MTA-STS)')


def test_a_domain_that_is_not_ours(admin: Page, url: str) -> None:
    answer = admin.goto(url + PAGE.format('evil.example'))
    assert answer is not None
    assert answer.status == 404
