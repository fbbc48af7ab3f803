# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords of relays are out of reach for every other program and person of the box."""

from collections.abc import Iterator

import pytest

from tests.conftest import Host

pytestmark = pytest.mark.long

SECRET = 'attack-lab-relay-password'
FOLDER = '/var/lib/freedombox-email/relays'


@pytest.fixture(autouse=True, scope='module')
def _relay(box: Host) -> Iterator[None]:
    options = ('--host', 'smtp.nowhere.test', '--login', 'me')
    box.run('freedombox-email', 'relay', 'add', 'lab', *options, stdin=f'{SECRET}\n')
    yield
    box.run('freedombox-email', 'relay', 'remove', 'lab')


@pytest.mark.parametrize('account', ['plinth', 'postfix', '_rspamd', 'vmail', 'www-data', 'alice'])
def test_no_other_account_reads_a_password(box: Host, account: str) -> None:
    for name in (f'{FOLDER}/lab.password', f'{FOLDER}/lab.login', FOLDER):
        said = box.run('setpriv', '--reuid', account, '--init-groups', '--', 'sh', '-c',
                       f'cat {name} 2>&1; ls {name} 2>&1', check=False)  # fmt: skip
        assert SECRET not in said
        assert 'Permission denied' in said
    config = box.run('setpriv', '--reuid', account, '--init-groups', '--', 'postconf', '-n',
                     check=False)  # fmt: skip
    assert SECRET not in config


def test_a_users_page_can_neither_see_nor_set_a_way(box: Host) -> None:
    browser = box.browser(box.users[0])
    for path in ('delivery/', 'delivery/relays/at/lab/', 'delivery/route/destination/*/'):
        answer = browser.get(f'/freedombox/apps/email/{path}')
        assert answer.status == 403, path
