# SPDX-License-Identifier: AGPL-3.0-or-later
"""The delivery rehearsal: out, forwarded back as an attachment, and scored."""

import json

from playwright.sync_api import Page, expect

from lab.settings import ADMIN
from tests.conftest import Host
from tests.integration import mail as messages

from .looks import NARROW, visit
from .people import APP
from .test_guide import CAROL, arrived_after, newest, reply_to

PAGE = f'{APP}delivery/rehearsal/'


def test_a_rehearsal_is_scored(admin: Page, url: str, box: Host) -> None:
    before = newest('Test message')
    admin.goto(f'{url}{APP}delivery/')
    admin.get_by_role('link', name='Rehearse delivery').click()
    admin.get_by_label('Your email address at another provider').fill(CAROL.address)
    admin.get_by_role('button', name='Send test message').click()
    trip = admin.locator('#email-round-trip')
    expect(trip).to_contain_text('Waiting for the reply')
    messages.deliver_in_time(box.ip, reply_to(arrived_after(before)))
    expect(trip).to_have_attribute('data-answer', 'yes', timeout=60_000)
    expect(admin.locator('#email-score')).to_contain_text('3 of 5 checks passed')
    expect(trip.get_by_role('link', name='Check the DNS records')).to_be_visible()
    visit(admin, f'{url}{PAGE}', NARROW)
    words = ('freedombox-email', 'rehearsal', 'show', ADMIN.username, '--json')
    shown = json.loads(box.run(*words, check=False))
    assert (shown['score']['passed'], shown['score']['known']) == (3, 5)
    assert shown['score']['checks']['tls'] == 'pass'
    assert shown['score']['checks']['reverse'] == 'same'
