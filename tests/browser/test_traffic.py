# SPDX-License-Identifier: AGPL-3.0-or-later
"""Charts of mail traffic: the same numbers as bars, words and tables; metrics turned on and off."""

import re

from playwright.sync_api import Page, expect

from lab import container, traffic_scene
from lab.settings import BOX

from .looks import NARROW, WIDE, visit
from .people import APP

PAGE = f'{APP}activity/traffic/'
UNKNOWN = '\N{EN DASH}'


def test_charts_and_tables_tell_the_same(admin: Page, url: str) -> None:
    traffic_scene.sample_traffic()
    for span, rows in (('day', 24), ('week', 7), ('month', 30)):
        visit(admin, f'{url}{PAGE}?span={span}', WIDE)
        table = admin.locator('table', has=admin.get_by_role('columnheader', name='Received'))
        expect(table.locator('tbody tr')).to_have_count(rows)
        numbers = table.locator('tbody tr td:nth-child(2)').all_text_contents()
        bars = admin.locator('#messages-title + desc ~ svg path.text-primary')
        shown = (bars.get_attribute('d') or '').count('M')
        assert shown == sum(each not in ('0', UNKNOWN) for each in numbers)
        total = sum(int(each) for each in numbers if each != UNKNOWN)
        said = admin.locator('#messages-desc').text_content() or ''
        assert re.sub(r'\D', '', said.split(' messages received')[0]) == str(total)


def test_letters_of_a_chart_keep_their_size(admin: Page, url: str) -> None:
    """Bars are stretched to the width, labels are not, and none leaves the page."""
    traffic_scene.sample_traffic()
    heights = []
    for size in (WIDE, NARROW):
        visit(admin, f'{url}{PAGE}?span=month', size)
        label = admin.locator('.email-bars text').last
        box = label.bounding_box()
        assert box
        assert box['x'] + box['width'] <= size[0]
        heights.append(round(box['height']))
    assert heights[0] == heights[1]


def test_metrics_are_turned_on_and_off(admin: Page, url: str) -> None:
    ask = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://127.0.0.1:9715/metrics']
    visit(admin, url + PAGE, WIDE)
    admin.locator('details', has_text='Prometheus').evaluate('each => { each.open = true }')
    admin.get_by_role('button', name='Turn metrics on').click()
    expect(admin.locator('.alert-success, [role=status]').first).to_contain_text('Metrics are on')
    container.execute(BOX, ['systemctl', 'start', 'freedombox-email-samples.service'])
    assert container.execute(BOX, ask).stdout == '200'
    admin.locator('details', has_text='Prometheus').evaluate('each => { each.open = true }')
    admin.get_by_role('button', name='Turn metrics off').click()
    expect(admin.locator('.alert-success, [role=status]').first).to_contain_text('Metrics are off')
    assert container.execute(BOX, ask, check=False).stdout == '000'
