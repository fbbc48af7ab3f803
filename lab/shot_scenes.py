# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages to take pictures of, and what is done on them."""

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from . import (
    container,
    guarded_scene,
    link_scene,
    message_scene,
    queue_scene,
    setup_scene,
    shared_scene,
    traffic_scene,
)
from .host import wait_for
from .settings import ADMIN, BOX, OUTSIDE_USERS, LabUser
from .shot_sample import ALICE, BOB, MAIN, OTHER, mail

APP = '/freedombox/apps/email/'


def _nothing(_page: Page) -> None:
    """Leave a page as it opens."""


@dataclass(frozen=True)
class Shot:
    """One picture: its name, page and viewer, and their steps before and after."""

    name: str
    path: str
    who: LabUser | None = ADMIN
    act: Callable[[Page], None] = _nothing
    after: Callable[[Page], None] = _nothing
    is_printed: bool = False
    """Whether people print the page."""


def _doveadm(*words: str, stdin: str = '') -> None:
    container.execute(BOX, ['doveadm', *words], stdin=stdin, check=False)


def _store(page: Page) -> None:
    """Have a mailbox nearly full, with some mail deleted."""
    mail(['quota', 'mailbox', ALICE.address, '5 MB'])
    for folder, subject, size in (
        ('INBOX', 'Pictures of the harvest', 2_900_000),
        ('Archive', 'Minutes of 2025', 1_300_000),
        ('Trash', 'Helpers for the summer party', 4_000),
        ('Trash', 'Re: key of the shed', 2_000),
    ):
        text = f'From: Ben Example <ben@example.net>\nSubject: {subject}\n\n'
        text += ('x' * 70 + '\n') * (size // 71)
        _doveadm('save', '-u', ALICE.address, '-m', folder, stdin=text)
    _doveadm('expunge', '-u', ALICE.address, 'mailbox', 'Trash', 'all')
    page.reload()
    page.wait_for_selector('progress')
    page.locator('summary', has_text='Storage by folder').click()


def _show_deleted(page: Page) -> None:
    """Choose a deleted message."""
    _store(page)
    page.get_by_role('link', name='Show deleted messages').click()
    page.locator('[name=uids]').first.check()


def _fail_script(page: Page) -> None:
    """Have a script of a mail app that Dovecot can't carry out."""
    script = 'require "fileinto";\nfileinto "Choir/2027";\n'
    _doveadm('sieve', 'put', '-u', ALICE.address, '-a', 'Club rules', stdin=script)
    with smtplib.SMTP_SSL(BOX.ip) as session:
        session.login(BOB.username, BOB.password)
        session.sendmail(BOB.address, ALICE.address, 'Subject: Rehearsal\n\nAt eight.\n')
    trouble = page.locator('#email-scripts ~ .alert-warning')
    wait_for('the script to fail', lambda: bool(page.reload() and trouble.count()), 30)


def _forget_script(_page: Page) -> None:
    _doveadm('sieve', 'deactivate', '-u', ALICE.address)
    _doveadm('sieve', 'delete', '-u', ALICE.address, 'Club rules')
    _doveadm('expunge', '-u', ALICE.address, 'mailbox', 'INBOX', 'subject', 'Rehearsal')


def _forget_stored(_page: Page) -> None:
    for folder in ('INBOX', 'Archive', 'freedombox-deleted/Messages'):
        _doveadm('expunge', '-u', ALICE.address, 'mailbox', folder, 'all')
    mail(['quota', 'mailbox', ALICE.address, 'default'])


def _fill_wrong_alias(page: Page) -> None:
    page.fill('#id_local', 'team')
    page.fill('#id_destinations', f'{ALICE.address}\nnobody@{MAIN}')
    page.click('form.email-form input[type=submit]')
    page.wait_for_selector('.is-invalid')


def _try_alias(page: Page) -> None:
    page.fill('#id_local', 'team')
    page.fill('#id_destinations', f'sales@{MAIN}\n{OUTSIDE_USERS[0].address}')
    page.click('button[name=try]')
    page.wait_for_selector('.email-try')


def _clash(page: Page) -> None:
    """Save an alias that another person changed after the page was opened."""
    mail(['alias', 'change', f'sales@{MAIN}', '--note', 'Ask Bob first'])
    page.fill('#id_note', 'The shop, both of us')
    page.click('form.email-form input[type=submit]')
    page.wait_for_selector('.email-differences')
    mail(['alias', 'change', f'sales@{MAIN}', '--note', 'The shop'])


def _choose(page: Page, *lines: str) -> None:
    """Choose a file of aliases, and have its changes shown."""
    text = '\n'.join(['address,destinations,note', *lines])
    page.set_input_files(
        '#id_file',
        {'name': 'aliases.csv', 'mimeType': 'text/csv', 'buffer': text.encode()},
    )
    page.click('form.email-form input[type=submit]')
    page.wait_for_selector('#email-headline')


def _choose_file(page: Page) -> None:
    _choose(
        page,
        f'choir-news@{MAIN},choir@{MAIN} {OUTSIDE_USERS[0].address},Once a month',
        f'fair-*@{MAIN},{ADMIN.address} {ALICE.address} {BOB.address} sales@{MAIN},',
        f'sales@{MAIN},{ALICE.address},The shop',
    )


def _choose_wrong_file(page: Page) -> None:
    _choose(
        page,
        f'choir-news@{MAIN},nobody@{MAIN},',
        f'fair*@{MAIN},{ADMIN.address},',
        f'{ALICE.address},{BOB.address},',
    )


def _import(page: Page) -> None:
    """Import so many aliases that it takes a while."""
    width = page.evaluate('innerWidth')
    _choose(page, *(f'listed-{width}-{n}@{MAIN},{ALICE.address},' for n in range(8000)))
    page.click('form.email-form input[type=submit]')
    page.get_by_text(re.compile('[1-9][0-9] % done')).wait_for()


def _await_end(page: Page) -> None:
    """Wait until an import has ended, so that its entries can be removed again."""
    page.wait_for_url(lambda now: not now.endswith('/progress/'), timeout=300_000)


def _open_menu(page: Page) -> None:
    page.locator('.email-menu summary').first.click()


def _loaded(page: Page) -> None:
    page.wait_for_selector('#email-content .email-numbers')


def _asked(page: Page) -> None:
    page.wait_for_selector('#email-postfix svg')


def _make_link(page: Page) -> None:
    page.click('form.email-form input[type=submit]')
    page.wait_for_selector('#email-link')


def _type_password(page: Page) -> None:
    page.fill('#id_address', f'club@{MAIN}')
    page.fill('#id_old_password', 'not this one')
    page.fill('#id_password', 'Harbour-lamp 42')
    page.fill('#id_again', 'Harbour-lamp 42')
    page.press('#id_again', 'Tab')


def _check(page: Page) -> None:
    page.get_by_role('button', name='Check').click()
    page.wait_for_selector('text=Checked just now.')


def _check_and_unfold(page: Page) -> None:
    _check(page)
    page.click('.email-extras > summary')
    page.click('[data-role=mta-sts] > summary')
    page.click('[data-role=srv-imaps] > summary')


def _publish(page: Page) -> None:
    _check(page)
    page.get_by_role('button', name='Review and publish records').click()
    page.wait_for_selector('.email-facts')


def _jail(verb: str, name: str, network: str) -> None:
    """Have fail2ban block or unblock a network."""
    jail = f'freedombox-email-{name}'
    container.execute(BOX, ['fail2ban-client', 'set', jail, verb, network])


_GUESSERS = (
    ('by-hand', '192.0.2.0/28'),
    ('guesses', '198.51.100.7'),
    ('guesses', '2001:db8:77::/64'),
)


def _block(page: Page) -> None:
    for guesser in _GUESSERS:
        _jail('banip', *guesser)
    page.reload()


def _unblock(_page: Page) -> None:
    for guesser in _GUESSERS:
        _jail('unbanip', *guesser)


def _test_route(page: Page) -> None:
    page.fill('#id_recipient', OUTSIDE_USERS[0].address)
    page.click('form.email-form input[type=submit]')
    page.wait_for_selector('#email-steps')


_HELD = ('once', 'twice')


def _hold(page: Page) -> None:
    """Have a mailbox send to more recipients than it may."""
    mail(['limits', 'mailbox', ALICE.address, '--per-hour', '1'])
    to = [f'{name}@{OUTSIDE_USERS[0].domain}' for name in _HELD]
    with smtplib.SMTP_SSL(BOX.ip) as session:
        session.login(ALICE.username, ALICE.password)
        session.sendmail(ALICE.address, to, 'Subject: Fair\n\nSee you there.\n')
    page.reload()


def _let_go(_page: Page) -> None:
    mail(['queue', 'delete', ALICE.address, '--count=9'])
    mail(['limits', 'mailbox', ALICE.address, '--per-hour', '0'])


def _wait(page: Page) -> None:
    """Have messages that wait, and look again."""
    queue_scene.put_off()
    page.reload()


def _open_waiting(page: Page) -> None:
    """Have messages that wait, and open one."""
    name = queue_scene.put_off()
    page.goto(f'{page.url}at/{name}/?header=1')


def _wait_no_more(_page: Page) -> None:
    queue_scene.clear()


def _limit(size: str) -> Callable[[Page], None]:
    """Have the largest message changed by something else than the app, and look again."""

    def change(page: Page) -> None:
        container.execute(BOX, ['postconf', '-e', f'message_size_limit={size}'])
        page.reload()

    return change


SHOTS = (
    Shot('guide-domain', 'setup/domain/'),
    Shot('guide-ports', 'setup/ports/'),
    Shot('guide-out', 'setup/out/'),
    Shot('guide-dns', 'setup/dns/'),
    Shot('guide-certificate', 'setup/certificate/'),
    Shot('guide-people', 'setup/people/'),
    Shot('guide-message', 'setup/message/'),
    Shot('guide-device', 'setup/device/'),
    Shot('overview', ''),
    Shot('overview-changed', '', act=_limit('1000'), after=_limit('52428800')),
    Shot('test-message', 'test-message/'),
    Shot('setup-requests', 'activity/setup/', act=setup_scene.ask_for_settings),
    Shot('outside', 'outside/'),
    Shot('changed-settings', 'changed-settings/', act=_limit('1000'), after=_limit('52428800')),
    Shot('domains', 'domains/'),
    Shot('domain', f'domains/at/{MAIN}/'),
    Shot('domain-status', f'domains/at/{MAIN}/dns/'),
    Shot('domain-recipients', f'domains/at/{OTHER}/recipients/'),
    Shot('domain-add', 'domains/add/'),
    Shot('domain-any-other', f'domains/at/{OTHER}/any-other/'),
    Shot('domain-remove', f'domains/at/{MAIN}/remove/'),
    Shot('reports', f'domains/at/{MAIN}/reports/'),
    Shot('reports-empty', f'domains/at/{OTHER}/reports/'),
    Shot('mailbox', f'mailboxes/at/{ALICE.address}/', act=_loaded),
    Shot('mailbox-alone', f'mailboxes/at/club@{MAIN}/', act=_loaded),
    Shot('mailbox-use', f'mailboxes/at/{ALICE.address}/use/'),
    Shot('guard', f'mailboxes/at/{guarded_scene.ADDRESS}/guard/'),
    Shot('mailbox-shared', f'mailboxes/at/{shared_scene.ADDRESS}/', act=_loaded),
    Shot('members', f'mailboxes/at/{shared_scene.ADDRESS}/members/'),
    Shot('handover', f'mailboxes/at/{shared_scene.ADDRESS}/hand-over/'),
    Shot('end-date', f'mailboxes/at/{shared_scene.ADDRESS}/end/'),
    Shot('house-rules', 'addresses/rules/', is_printed=True),
    Shot('mailbox-add', 'mailboxes/add/'),
    Shot('mailbox-link', f'mailboxes/at/club@{MAIN}/link/', act=_make_link),
    Shot('mailbox-remove', f'mailboxes/at/club@{MAIN}/remove/'),
    Shot('mail-kept', 'mailboxes/kept/'),
    Shot('addresses', 'addresses/'),
    Shot('addresses-add', 'addresses/', act=_open_menu),
    Shot('addresses-off', 'addresses/off/'),
    Shot('addresses-nothing-found', 'addresses/?q=unheard-of'),
    Shot('alias', f'aliases/at/sales@{MAIN}/'),
    Shot('alias-add', 'aliases/add/'),
    Shot('alias-refused', 'aliases/add/', act=_fill_wrong_alias),
    Shot('alias-try', 'aliases/add/', act=_try_alias),
    Shot('alias-clash', f'aliases/at/sales@{MAIN}/', act=_clash),
    Shot('alias-remove', f'aliases/at/sales@{MAIN}/remove/'),
    Shot('transfer', 'aliases/transfer/'),
    Shot('transfer-check', 'aliases/transfer/', act=_choose_file),
    Shot('transfer-wrong', 'aliases/transfer/', act=_choose_wrong_file),
    Shot('transfer-progress', 'aliases/transfer/', act=_import, after=_await_end),
    Shot('resolve', f'aliases/where/?address=team-mail@{MAIN}', act=_asked),
    Shot('resolve-refused', f'aliases/where/?address=nobody@{MAIN}', act=_asked),
    Shot('missing', f'aliases/at/gone@{MAIN}/'),
    Shot('activity', 'activity/'),
    Shot('activity-held', 'activity/', act=_hold, after=_let_go),
    Shot('held', f'activity/held/{ALICE.address}/', act=_hold, after=_let_go),
    Shot('queue', 'activity/queue/', act=_wait, after=_wait_no_more),
    Shot('queued', 'activity/queue/', act=_open_waiting, after=_wait_no_more),
    Shot('queue-bounce', 'activity/queue/bounce/?state=all', act=_wait, after=_wait_no_more),
    Shot('traffic', 'activity/traffic/?span=month', act=traffic_scene.sample_traffic),
    Shot('activity-messages', 'activity/messages/', act=message_scene.send),
    Shot('activity-message', 'activity/messages/', act=message_scene.open_story),
    Shot('message-keeping', 'activity/messages/keeping/'),
    Shot('blocked', 'activity/blocked/', act=_block, after=_unblock),
    Shot('health', 'health/'),
    Shot('health-notifications', 'health/notifications/'),
    Shot('delivery', 'delivery/'),
    Shot('delivery-test', 'delivery/test/', act=_test_route),
    Shot('spam-lists', 'delivery/spam/'),
    Shot('components', 'delivery/components/'),
    Shot('rehearsal', 'delivery/rehearsal/'),
    Shot('relay', 'delivery/relays/at/provider/'),
    Shot('relay-add', 'delivery/relays/add/'),
    Shot('route', f'delivery/route/domain/{MAIN}/'),
    Shot('destination-add', 'delivery/destinations/add/'),
    Shot('my', 'my/', ALICE),
    Shot('my-empty', 'my/', BOB),
    Shot('my-alias', f'my/addresses/at/books@{MAIN}/', ALICE),
    Shot('my-alias-add', 'my/addresses/add/', ALICE),
    Shot('my-forward', f'my/forward/{ALICE.address}/', ALICE),
    Shot('away', 'my/away/', ALICE),
    Shot('away-script', 'my/away/', ALICE, _fail_script, _forget_script),
    Shot('delivery-filter', 'delivery/filters/before/1/'),
    Shot('away-filter', f'my/away/of/{ALICE.address}/filters/2/', ALICE),
    Shot('spam', 'my/spam/', ALICE),
    Shot('spam-forget', f'my/spam/of/{ALICE.address}/forget/', ALICE),
    Shot('spam-import', f'my/spam/of/{ALICE.address}/import/', ALICE),
    Shot('my-sender-lists', f'my/spam/of/{ALICE.address}/senders/', ALICE),
    Shot('my-message', 'my/messages/', ALICE, message_scene.open_story),
    Shot('messages', 'my/messages/', ALICE, _store, _forget_stored),
    Shot('my-reports', 'my/messages/reports/', ALICE),
    Shot('messages-deleted', 'my/messages/', ALICE, _show_deleted, _forget_stored),
    Shot('waiting', 'my/waiting/', ALICE),
    Shot(
        'waiting-message',
        f'my/waiting/{guarded_scene.ADDRESS}/{guarded_scene.MESSAGE}/',
        ALICE,
    ),
    Shot('devices', 'my/devices/', ALICE),
    Shot('device-settings', 'my/devices/settings/', ALICE),
    Shot('device-android', 'my/devices/', ALICE, setup_scene.connect('android')),
    Shot('device-apple', 'my/devices/', ALICE, setup_scene.connect('apple')),
    Shot('device-computer', 'my/devices/', ALICE, setup_scene.connect('computer')),
    Shot('device-other', 'my/devices/', ALICE, setup_scene.connect('other')),
    Shot('device-profile', 'my/devices/', ALICE, setup_scene.open_profile),
    Shot('alias-key', 'my/addresses/keys/', ALICE, setup_scene.make_key),
    Shot('sign-in', 'sign-in/', None),
    Shot('password', 'password/', None, _type_password),
    Shot('password-done', 'password/link/', None, link_scene.set_password),
    Shot('approval', 'approve/', None, link_scene.approve),
    Shot('approval-done', 'approve/', None, link_scene.approve_sender),
    Shot('not-me', 'not-me/', None, link_scene.disown),
    Shot('not-me-done', 'not-me/', None, link_scene.disown_password),
    Shot('dns', f'domains/at/{OTHER}/dns/', act=_check),
    Shot('dns-more', f'domains/at/{OTHER}/dns/', act=_check_and_unfold),
    Shot('dns-publish', f'domains/at/{OTHER}/dns/', act=_publish),
    Shot('dns-server', f'domains/at/{OTHER}/dns/server/'),
    Shot('dns-server-desec', f'domains/at/{OTHER}/dns/server/?kind=desec'),
    Shot('dns-server-webhook', f'domains/at/{OTHER}/dns/server/?kind=webhook'),
    Shot('dns-policy', f'domains/at/{OTHER}/dns/policy/'),
)


def make_own_alias(page: Page, base: str) -> None:
    """Make an address of a user's own, if it is not there."""
    page.goto(base + APP + 'my/')
    if page.get_by_text(f'books@{MAIN}').count():
        return
    page.goto(base + APP + 'my/addresses/add/')
    page.fill('#id_local', 'books')
    page.fill('#id_note', 'Book shop')
    page.click('form.email-form input[type=submit]')
    page.goto(base + APP + 'my/')
