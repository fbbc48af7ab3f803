# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users who vanish all at once lose nothing before an administrator says that they are gone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab import settings
from tests.conftest import Host

_AS_ROOT = ('-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///')
_USERS = 'ou=users,dc=thisbox'


_SCRIPTS = 'LDAPSCRIPTS_CONF=/etc/ldapscripts/freedombox-ldapscripts.conf'
_GOER = 'goer-test'


def asked(box: Host, *words: str) -> Any:
    """The answer of the command."""
    return json.loads(box.run('freedombox-email', *words, '--json', check=words[0] != 'status'))


def passwords(box: Host) -> list[str]:
    """The keys of all passwords for devices."""
    return sorted(each['key_id'] for each in asked(box, 'app-password', 'list')['passwords'])


@pytest.fixture
def emptied(box: Host) -> Iterator[list[str]]:
    """Have no users at all for a while; give the keys of the passwords there are."""
    asked(box, 'reconcile')
    made = asked(box, 'app-password', 'add', 'alice', 'Phone')['password']
    before = passwords(box)
    saved = box.run('slapcat', '-n', '1', '-s', _USERS)
    entries = saved.strip().split('\n\n')[1:]
    names = [entry.splitlines()[0].removeprefix('dn: ') for entry in entries]
    try:
        box.run('ldapdelete', *_AS_ROOT, *names)
        yield before
    finally:
        give_back(box, entries)
        box.run('systemctl', 'restart', 'nslcd')
        done = asked(box, 'reconcile')
        assert (done['changed'], done['waiting']['count']) == ([], 0)
        assert box.succeeds('doveadm', 'auth', 'test', 'alice', made['password']), (
            'a password for a device does not work any more once the users are back'
        )
        asked(box, 'app-password', 'remove', made['key_id'])


def give_back(box: Host, entries: list[str]) -> None:
    """Give users back, with the identity they had: relaxed rules let root do so."""
    kept = '\n\n'.join(map(_without_operational, entries)) + '\n'
    box.run('ldapadd', *_AS_ROOT, '-c', '-e', '!relax', stdin=kept, check=False)


def _without_operational(entry: str) -> str:
    """An entry with its identity, without what slapd notes anew."""
    noted = ('structuralObjectClass', 'creatorsName', 'createTimestamp', 'entryCSN',
             'modifiersName', 'modifyTimestamp', 'pwdChangedTime', 'pwdLastSuccess')  # fmt: skip
    lines = entry.replace('\n ', '').splitlines()
    return '\n'.join(line for line in lines if line.partition(':')[0] not in noted)


def test_nothing_is_lost_while_all_users_are_missing(box: Host, emptied: list[str]) -> None:
    mailboxes = asked(box, 'mailbox', 'list')
    for _round in range(2):
        done = asked(box, 'reconcile')
        assert [problem['code'] for problem in done['problems']][:1] == ['users-missing']
        assert (done['changed'], done['removed']) == ([], [])
    assert passwords(box) == emptied, 'passwords for devices went with an emptied directory'
    assert asked(box, 'mailbox', 'list') == mailboxes
    codes = [problem['code'] for problem in asked(box, 'status')['problems']]
    assert 'users-missing' in codes
    assert 'reconcile-due' not in codes, 'the timer would try again and again'


@pytest.fixture
def goer(box: Host) -> Iterator[str]:
    """Have one more user, who has a mailbox."""
    box.run('env', _SCRIPTS, 'ldapadduser', _GOER, 'users')
    asked(box, 'reconcile')
    yield f'{_GOER}@{settings.DOMAINS[0]}'
    box.run('env', _SCRIPTS, 'ldapdeleteuser', _GOER, check=False)
    asked(box, 'reconcile')
    box.run('freedombox-email', 'mailbox', 'remove', f'{_GOER}@{settings.DOMAINS[0]}',
            '--delete-mail', '--force')  # fmt: skip
    asked(box, 'reconcile')


def test_a_password_for_a_device_outlives_a_user_who_comes_back(box: Host, goer: str) -> None:
    made = asked(box, 'app-password', 'add', _GOER, 'Phone')['password']
    assert box.succeeds('doveadm', 'auth', 'test', goer, made['password'])
    name = f'uid={_GOER},{_USERS}'
    saved = box.run('slapcat', '-n', '1', '-s', name).strip()
    box.run('ldapdelete', *_AS_ROOT, name)
    for _round in ('before anybody has looked', 'afterwards'):
        assert not box.succeeds('doveadm', 'auth', 'test', goer, made['password'])
        assert not box.succeeds('doveadm', 'auth', 'test', _GOER, made['password'])
        assert made['key_id'] in passwords(box)
        asked(box, 'reconcile')
    give_back(box, [saved])
    assert asked(box, 'reconcile')['changed'] == [goer]
    assert box.succeeds('doveadm', 'auth', 'test', goer, made['password'])
