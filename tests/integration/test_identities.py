# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web server learns the addresses of users whose password it holds, and of no one else."""

import json

import pytest

from lab import settings
from tests.conftest import Host

ALICE, BOB = settings.USERS
SOCKET = '/run/freedombox-email-identities.sock'
_ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as one:
    one.connect(sys.argv[1])
    one.sendall(sys.stdin.buffer.read() + b'\\n')
    print(one.makefile().readline())
"""


def ask(box: Host, login: str, password: str, account: str = 'www-data') -> list[str]:
    """Addresses an account of the system is told."""
    question = json.dumps({'login': login, 'password': password})
    words = ('runuser', '-u', account, '--', 'python3', '-c', _ASK, SOCKET)
    found: list[str] = json.loads(box.run(*words, stdin=question))['addresses']
    return found


@pytest.mark.parametrize('login', [ALICE.username, ALICE.address])
def test_the_main_address_comes_first(box: Host, login: str) -> None:
    assert ask(box, login, ALICE.password)[0] == ALICE.address


def test_nothing_is_said_without_the_password(box: Host) -> None:
    assert ask(box, BOB.username, ALICE.password) == []
    assert ask(box, f'{BOB.username}\0', ALICE.password) == []
    assert ask(box, '*', ALICE.password) == []


def test_the_one_who_answers_sees_neither_mail_nor_web_mail(box: Host) -> None:
    account = ('runuser', '-u', 'fbx-mail-identities', '--')
    for path in ('/var/vmail', '/etc/roundcube/debian-db.php'):
        assert not box.succeeds(*account, 'head', '-c1', path)
    base = ('ldapsearch', '-QLLLY', 'EXTERNAL', '-H', 'ldapi:///', '-b', 'ou=mail,dc=thisbox')
    assert 'userPassword' not in box.run(*account, *base, '*')
