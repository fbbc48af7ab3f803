# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web process, in an attacker's hands, asks root for a password for a device."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from lab.settings import ADMIN, USERS
from tests.conftest import Host
from tests.integration import mail
from tests.integration.mail import reads

from .people import told

ALICE = USERS[0]
_AS_WEB = """
import json, sys
from plinth.modules.email import privileged
verb, arguments = sys.argv[1], json.loads(sys.stdin.read())
try:
    print(json.dumps(getattr(privileged, verb)(*arguments, _log_error=False)))
except Exception as error:
    print(json.dumps({'refused': str(error.args[0])}))
"""


def ask(box: Host, verb: str, *arguments: str) -> Any:
    """The answer of root to the user the web process runs as."""
    said = box.run(
        'runuser', '-u', 'plinth', '--', 'python3', '-c', _AS_WEB, verb,
        stdin=json.dumps(arguments),
    )  # fmt: skip
    return json.loads(said.splitlines()[-1])


@pytest.fixture(autouse=True)
def _no_passwords(box: Host) -> Iterator[None]:
    def forget() -> None:
        for each in told(box, 'app-password', 'list', ALICE.username)['passwords']:
            box.run('freedombox-email', 'app-password', 'remove', each['key_id'])

    forget()
    yield
    forget()


def test_it_gets_none_without_the_password_of_the_account(box: Host) -> None:
    before = told(box, 'app-password', 'list')['passwords']
    for given in ('', 'wrong', ADMIN.password, '*'):
        answer = ask(box, 'own_app_password_add', ALICE.username, 'Phone', given)
        assert answer['refused'] == 'login-invalid.account', f'{given!r} opened the mail of another'
    for name in (ALICE.address, 'alice)(uid=*', 'ALICE ', '\uff41lice'):
        answer = ask(box, 'own_app_password_add', name, 'Phone', ALICE.password)
        assert answer['refused'] in ('user-missing', 'name-invalid', 'user-invalid'), name
    assert ask(box, 'app_password_add', ALICE.username, 'Phone').keys() == {'refused'}
    assert told(box, 'app-password', 'list')['passwords'] == before


def test_its_owner_is_told_by_mail(box: Host) -> None:
    label = f'Phone {uuid.uuid4()}'
    made = ask(box, 'own_app_password_add', ALICE.username, label, ALICE.password)
    assert reads(box, ALICE.username, made['password'])
    notice = mail.message(ADMIN.address, ALICE.address, Subject=f'New app password: {label}')
    content = mail.parsed(mail.wait_for(box.ip, ALICE, notice))
    text = str(content.get_content())
    assert label in text
    assert made['password'][5:] not in text, 'the notice holds the password itself'
    assert content['Auto-Submitted'] == 'auto-generated'
