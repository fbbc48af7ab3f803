# SPDX-License-Identifier: AGPL-3.0-or-later
"""A user turns the weekly report on, and sees which report others get about them."""

from playwright.sync_api import Page, expect

from .looks import WIDE, visit
from .people import APP, MAIN, mail

TESTER, ALICE = f'tester@{MAIN}', f'alice@{MAIN}'
PAGE = f'{APP}my/messages/reports/'


def test_a_user_turns_the_weekly_report_on_and_off(admin: Page, url: str) -> None:
    visit(admin, url + PAGE, WIDE)
    admin.get_by_role('button', name='Turn weekly report on').click()
    expect(admin.locator('.email-page')).to_contain_text('This is on.')
    admin.get_by_role('button', name='Turn weekly report off').click()
    expect(admin.locator('.email-page')).to_contain_text('This is off.')


def test_a_user_is_told_of_a_report_on_them_and_sees_its_numbers(admin: Page, url: str) -> None:
    visit(admin, url + PAGE, WIDE)
    expect(admin.locator('.email-page')).not_to_contain_text('Report on your use')
    mail('report', 'usage', TESTER, '--on')
    try:
        visit(admin, url + PAGE, WIDE)
        expect(admin.locator('.email-page')).to_contain_text('every Monday to the administrators')
        expect(admin.locator('table tbody tr')).to_have_count(7)
    finally:
        mail('report', 'usage', TESTER, '--off')


def test_no_one_chooses_for_the_mailbox_of_another(admin: Page, url: str) -> None:
    visit(admin, url + PAGE, WIDE)
    form = admin.locator('form[action$="/weekly/"]')
    form.evaluate('(form, to) => { form.action = to }', f'{PAGE}{ALICE}/weekly/')
    form.get_by_role('button').click()
    expect(admin.locator('.email-page')).not_to_contain_text('You get the weekly report')
