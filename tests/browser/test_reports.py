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
    admin.get_by_text('The numbers of each day').click()
    expect(admin.locator('.email-numbers-table tbody tr')).to_have_count(24)
    row = admin.locator(f'[data-source="{settings.BOX.ip}"]')
    expect(row).to_contain_text('this box')
    expect(row).to_contain_text('Passes')
    expect(admin.locator('[data-source="192.0.2.66"]')).to_contain_text('Not recognised')


def test_nothing_yet_says_what_to_do(admin: Page, url: str) -> None:
    admin.goto(url + PAGE.format(OTHER))
    expect(admin.get_by_text('No reports yet')).to_be_visible()
    expect(admin.get_by_text(f'mail-reports@{OTHER}')).to_be_visible()
    admin.get_by_role('link', name='See the records').click()
    assert admin.url.endswith(f'/at/{OTHER}/dns/')


def test_a_step_is_taken_and_taken_back(plain: Page, url: str) -> None:
    plain.goto(f'{url}/freedombox/apps/email/domains/at/{DOMAIN}/')
    plain.get_by_role('link', name='reports').click()
    plain.get_by_role('button', name='Treat forgeries as spam').click()
    expect(plain.get_by_text('Others are asked to: treat forgeries as spam.')).to_be_visible()
    expect(plain.get_by_text('When the next 14 days are too')).to_be_visible()
    expect(plain.get_by_role('button', name='Refuse forgeries')).to_have_count(0)
    plain.get_by_role('button', name='Undo').click()
    plain.goto(url + PAGE.format(DOMAIN))
    expect(plain.get_by_text('Others are asked to: only report forgeries.')).to_be_visible()


def test_anybody_may_decide_otherwise(admin: Page, url: str) -> None:
    admin.goto(url + PAGE.format(DOMAIN))
    admin.get_by_text('Choose yourself how strict to be').click()
    admin.get_by_label('With forgeries in your name (DMARC)').select_option('reject')
    admin.get_by_role('button', name='Save').click()
    expect(admin.get_by_text('Others are asked to: refuse forgeries.')).to_be_visible()
    admin.get_by_role('link', name='Insist on encryption').click()
    expect(admin.locator('h3')).to_have_text(f'Encrypted delivery to {DOMAIN}')


def test_a_domain_that_is_not_ours(admin: Page, url: str) -> None:
    answer = admin.goto(url + PAGE.format('evil.example'))
    assert answer is not None
    assert answer.status == 404
