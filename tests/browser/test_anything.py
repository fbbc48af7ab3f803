# SPDX-License-Identifier: AGPL-3.0-or-later
"""Any text in a field is answered with a page and a reason, and nothing gets in."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from lab.screenshot import RETRIES
from lab.settings import ADMIN, USERS

from .people import APP, MAIN, OTHER, forget_alias, forget_mailbox, mail

ALICE = USERS[0]
ANY, SHOP = 'page-any', 'page-any.test'
ANYTHING = {
    'filter': '*)(objectClass=*',
    'html': '"><script>alert(1)</script>',
    'newline': 'a\nb',
    'nul': 'a\x00b',
    'long': 'x' * 10_000,
    'right-to-left': 'a\u202eb',
}
FORMS = {
    'domains/add/': {'name': SHOP, 'alias_of': ''},
    f'domains/at/{OTHER}/': {
        'user_mailboxes': 'default', 'user_aliases': '0', 'forwarding': 'on', 'alias_of': '',
        'note': ''},
    f'domains/at/{OTHER}/any-other/': {'destinations': ''},
    f'domains/at/{OTHER}/remove/': {'name': 'another'},
    'mailboxes/add/': {
        'local': ANY, 'domain': MAIN, 'owner': '', 'password': 'harbour lamp forty', 'note': ''},
    f'mailboxes/at/{ALICE.address}/': {
        'enabled': 'on', 'forwards': '', 'forwarding': 'default', 'note': ''},
    'aliases/add/': {
        'local': ANY, 'domain': MAIN, 'destinations': ALICE.address, 'expires': '', 'senders': '',
        'note': ''},
    'my/addresses/add/': {'local': ANY, 'domain': MAIN, 'note': '', 'expires': ''},
    f'my/forward/{ADMIN.address}/': {'forwards': ''},
    'my/devices/': {'label': 'Phone', 'password': ADMIN.password},
}  # fmt: skip
CHECKED = {'enabled', 'forwarding'}
"""Boxes to check, which are checked by anything; of a mailbox one is a choice."""
TEXTS = {'note', 'label', 'password'}
"""Fields in which a line of any visible text is right."""


def forget_passwords() -> None:
    """Remove the administrator's passwords for devices."""
    for key in mail('app-password', 'list', ADMIN.username, '--names').split():
        mail('app-password', 'remove', key)


RESTORE: dict[str, Callable[[], object]] = {
    f'domains/at/{OTHER}/': lambda: mail(
        'domain', 'change', OTHER, '--note', '', '--user-aliases', '0'
    ),
    'mailboxes/add/': lambda: forget_mailbox(f'{ANY}@{MAIN}'),
    f'mailboxes/at/{ALICE.address}/': lambda: mail('mailbox', 'note', ALICE.address),
    'aliases/add/': lambda: forget_alias(f'{ANY}@{MAIN}'),
    'my/addresses/add/': lambda: forget_alias(f'{ANY}@{MAIN}'),
    'my/devices/': forget_passwords,
}
"""How that is taken away which a page makes where anything is right."""


@pytest.fixture(autouse=True, scope='module')
def _restored() -> Iterator[None]:
    for restore in RESTORE.values():
        restore()
    mail('domain', 'change', MAIN, '--user-aliases', '3')
    yield
    for name in (MAIN, OTHER):
        mail('domain', 'change', name, '--user-aliases', '0')


@pytest.fixture(autouse=True)
def _unchanged() -> Iterator[None]:
    before = mail('export')
    yield
    assert mail('export') == before


@pytest.mark.parametrize('path', FORMS)
def test_every_field_of(admin: Page, url: str, path: str) -> None:
    admin.goto(url + APP + path)
    token = admin.locator('[name=csrfmiddlewaretoken]').first.input_value()
    for field in FORMS[path].keys() - CHECKED:
        for name, value in ANYTHING.items():
            answer = admin.request.post(
                url + APP + path,
                form={**FORMS[path], field: value, 'csrfmiddlewaretoken': token},
                headers={'Referer': url + APP},
                max_redirects=0,
                max_retries=RETRIES,
            )
            said, what = answer.text(), (field, name)
            assert '<script>alert' not in said, what
            if field in TEXTS and name in ('filter', 'html'):
                assert answer.status in (200, 302), what
                RESTORE[path]()
            else:
                assert answer.status == 200, what
                assert 'aria-invalid="true"' in said or 'role="alert"' in said, what
    admin.goto(url + APP + path)  # a password that is shown once is not left for another test


@pytest.mark.parametrize('name', ANYTHING)
def test_every_address_of_a_page(admin: Page, url: str, name: str) -> None:
    for path in ('domains/at/', 'mailboxes/at/', 'aliases/at/', 'my/addresses/at/', 'my/forward/',
                 'my/devices/', 'password/', 'mailboxes/kept/'):  # fmt: skip
        end = {'my/devices/': '/remove/', 'mailboxes/kept/': '/delete/'}.get(path, '/')
        address = url + APP + path + quoted(ANYTHING[name]) + end
        answer = admin.request.get(address, max_retries=RETRIES)
        assert answer.status in (400, 404, 414), (path, answer.status)
        assert '<script>alert' not in answer.text()


def quoted(value: str) -> str:
    """A value as a part of an address."""
    return ''.join(f'%{byte:02X}' for byte in value.encode())
