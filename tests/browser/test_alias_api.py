# SPDX-License-Identifier: AGPL-3.0-or-later
"""A password manager makes aliases with its key, and the key does nothing else."""

import imaplib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, expect

from lab.screenshot import RETRIES
from lab.settings import BOX, USERS
from tests.integration import mail as post

from .looks import NARROW, WIDE, visit
from .people import APP, MAIN, OTHER, forget_alias, forget_tries, mail, resolved

ALICE, BOB = USERS
API = f'{APP}alias-api/'
SAVE = 'form.email-form input[type=submit]'


@pytest.fixture(autouse=True, scope='module')
def fixture_room() -> Iterator[None]:
    forget_tries()
    mail('domain', 'change', MAIN, '--user-aliases', '3')
    mail('domain', 'change', OTHER, '--user-aliases', '0')
    yield
    mail('domain', 'change', MAIN, '--user-aliases', '0')


@pytest.fixture(autouse=True)
def fixture_clean() -> Iterator[None]:
    yield
    for each in json.loads(mail('app-password', 'list', ALICE.username, '--json'))['passwords']:
        mail('app-password', 'remove', each['key_id'])
    for alias in json.loads(mail('alias', 'list', '--json'))['aliases']:
        if alias['origin'] == 'user':
            forget_alias(alias['address'])


@pytest.fixture(name='key')
def fixture_key(alice: Page, url: str) -> str:
    """Have a key made on the page."""
    alice.goto(url + APP + 'my/addresses/keys/')
    alice.fill('#id_label', 'Bitwarden')
    alice.fill('#id_password', ALICE.password)
    alice.click(SAVE)
    assert alice.locator('#email-base').inner_text() == url + API.rstrip('/')
    key = alice.locator('#email-password').inner_text()
    alice.get_by_role('link', name='Done').click()
    assert key not in alice.content()
    return key


@pytest.fixture(name='manager')
def fixture_manager(visitor: Page, url: str) -> Callable[..., APIResponse]:
    """Requests of a password manager, which has no session."""

    def request(
        path: str, body: dict[str, Any] | bytes | None = None, **headers: str
    ) -> APIResponse:
        return visitor.request.post(
            url + API + path, data=body, headers=headers, max_retries=RETRIES
        )

    return request


SIMPLELOGIN = 'api/alias/random/new?hostname=shop.example'
ADDY = 'api/v1/aliases'


def test_simplelogin_makes_an_alias(key: str, manager: Callable[..., APIResponse]) -> None:
    answer = manager(SIMPLELOGIN, {'note': 'Made for shop.example'}, Authentication=key)
    assert answer.status == 201, answer.text()
    made = answer.json()['alias']
    assert resolved(made)['mailboxes'] == [ALICE.address]
    listed = json.loads(mail('alias', 'list', '--json'))['aliases']
    assert (
        next(each for each in listed if each['address'] == made)['note'] == 'Made for shop.example'
    )


def test_addy_makes_an_alias_in_a_domain(key: str, manager: Callable[..., APIResponse]) -> None:
    body = {'domain': MAIN, 'description': 'shop'}
    answer = manager(ADDY, body, Authorization=f'Bearer {key}')
    assert answer.status == 201, answer.text()
    assert answer.json()['data']['email'].endswith(f'@{MAIN}')
    other = manager(ADDY, {'domain': OTHER}, Authorization=f'Bearer {key}')
    assert other.status == 400, 'an alias was made where users may have none'


def test_the_limit_of_the_person_holds(key: str, manager: Callable[..., APIResponse]) -> None:
    for _number in range(3):
        assert manager(SIMPLELOGIN, Authentication=key).status == 201
    answer = manager(SIMPLELOGIN, Authentication=key)
    assert answer.status == 400
    assert answer.json()['error']


def test_a_key_opens_no_mail(key: str) -> None:
    with (
        imaplib.IMAP4_SSL(BOX.ip, ssl_context=post.tls()) as session,
        pytest.raises(imaplib.IMAP4.error),
    ):
        session.login(ALICE.address, key)


def test_an_app_password_makes_no_alias(manager: Callable[..., APIResponse]) -> None:
    made = json.loads(mail('app-password', 'add', ALICE.username, 'Phone', '--json'))['password']
    assert manager(SIMPLELOGIN, Authentication=made['password']).status == 401
    mail('app-password', 'remove', made['key_id'])
    forget_tries()


def test_a_revoked_key_is_unknown(
    alice: Page, url: str, key: str, manager: Callable[..., APIResponse]
) -> None:
    alice.goto(f'{url}{APP}my/addresses/keys/{key[:4]}/remove/')
    alice.click(SAVE)
    expect(alice.locator('.alert-success[role=alert]')).to_contain_text('Revoked')
    assert manager(SIMPLELOGIN, Authentication=key).status == 401
    forget_tries()


def test_guesses_are_few(key: str, manager: Callable[..., APIResponse]) -> None:
    statuses = [manager(ADDY, Authorization=f'Bearer {key[:-1]}!').status for _time in range(6)]
    assert statuses == [401] * 5 + [429]
    forget_tries()


@pytest.mark.parametrize('body', [b'[]', b'{', b'"x"', b'[' * 10_000, b'1' * 20_000])
def test_an_unreadable_request_is_refused(
    key: str, manager: Callable[..., APIResponse], body: bytes
) -> None:
    answer = manager(ADDY, body, Authorization=f'Bearer {key}')
    assert answer.status in {400, 413}, answer.text()
    assert answer.json()['message']


@pytest.mark.long
def test_both_interfaces_are_as_they_are_described(key: str, url: str, tmp_path: Path) -> None:
    mail('domain', 'change', MAIN, '--user-aliases', '1000')
    for header in (f'Authentication: {key}', f'Authorization: Bearer {key}'):
        ran = subprocess.run(
            [sys.executable, '-m', 'schemathesis.cli', 'run', f'{url}{API}openapi.json',
             '--tls-verify', 'false', '--max-examples', '40', '-H', header,
             '--include-path-regex', 'random' if 'Authentication' in header else 'v1',
             # domains and limits of a person are in no schema
             '--exclude-checks', 'ignored_auth,positive_data_acceptance', '--url', url + API],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]
    mail('domain', 'change', MAIN, '--user-aliases', '3')
    forget_tries()


@pytest.mark.parametrize('size', [WIDE, NARROW], ids=['wide', 'narrow'])
def test_pages_fit_and_can_be_used_by_all(
    alice: Page, url: str, key: str, size: tuple[int, int]
) -> None:
    for path in ('my/addresses/keys/', f'my/addresses/keys/{key[:4]}/remove/'):
        visit(alice, url + APP + path, size)
