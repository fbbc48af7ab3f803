# SPDX-License-Identifier: AGPL-3.0-or-later
"""No account but its one client can open a socket of the mail system."""

import json

import pytest

from tests.conftest import Host

# Ways in for all: reading and sending mail with a password, and mail from outside. Debian's
# resolver of policies knows nothing but what is public.
PUBLIC = {25, 143, 465, 587, 993, 995, 4190}
KNOWN = PUBLIC | {8461}

_PORTS = r"""
import re, subprocess
lines = subprocess.run(['ss', '-Hltnp'], capture_output=True, text=True).stdout.splitlines()
mail = re.compile(r'"(master|smtpd|dovecot|.*-login|rspamd[^"]*|redis[^"]*|mta-sts[^"]*)"')
print(*sorted({int(l.split()[3].rpartition(':')[2]) for l in lines if mail.search(l)}))
"""

_OPEN = """
import json, socket, sys
found = []
for path in json.load(sys.stdin):
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(5)
            one.connect(path)
        found.append(path)
    except OSError:
        pass
print(json.dumps(found))
"""
FOLDERS = (
    '/run/freedombox-email-identities.sock',
    '/run/freedombox-email-judge',
    '/run/freedombox-email-sieve.sock',
    '/run/freedombox-email-srs.sock',
    '/run/dovecot',
    '/run/freedombox-email-redis',
    '/run/rspamd',
    '/var/lib/rspamd',
    '/var/spool/postfix',
)
SCANNER = '/var/spool/postfix/freedombox-email/rspamd.sock'
IDENTITIES = '/run/freedombox-email-identities.sock'
SIEVE = '/run/freedombox-email-sieve.sock'
JUDGE = '/run/freedombox-email-judge/judge'
SENDERS = '/run/freedombox-email-srs.sock'
REDIS = '/run/freedombox-email-redis/redis.sock'
OWN = {
    'www-data': {IDENTITIES},
    'vmail': {
        SIEVE,
        JUDGE,
        *(f'/run/dovecot/{name}' for name in ('auth-userdb', 'indexer', 'dns-client')),
    },
    '_rspamd': {
        SCANNER,
        REDIS,
        SENDERS,
        '/run/rspamd/controller.sock',
        '/var/lib/rspamd/rspamd.sock',
    },
}
"""The sockets a user of the mail system connects to."""


def _opened(box: Host, account: str) -> set[str]:
    """Sockets of the mail system an account can connect to."""
    all_sockets = box.run('find', *FOLDERS, '-type', 's').split()
    assert {SCANNER, SIEVE, JUDGE, REDIS, IDENTITIES, SENDERS} <= set(all_sockets)
    words = ('runuser', '-u', account, '--', 'python3', '-c', _OPEN)
    return set(json.loads(box.run(*words, stdin=json.dumps(all_sockets))))


@pytest.mark.parametrize('account', ['nobody', 'alice', 'plinth', 'fbx-mail-identities'])
def test_an_account_opens_no_socket_of_the_mail_system(box: Host, account: str) -> None:
    opened = _opened(box, account)
    assert not opened, f'{account} may open {opened}'


@pytest.mark.journal_may_say('rspamd.*controller_error_handler')
@pytest.mark.parametrize('account', OWN)
def test_a_user_of_the_mail_system_opens_only_its_own(box: Host, account: str) -> None:
    assert _opened(box, account) == OWN[account]


@pytest.mark.parametrize('account', ['www-data', 'nobody', 'vmail', 'redis'])
def test_no_one_reads_or_holds_up_what_the_filter_learnt(box: Host, account: str) -> None:
    for words in (('DBSIZE',), ('CLIENT', 'PAUSE', '60000')):
        said = box.run(
            'runuser', '-u', account, '--', 'redis-cli', '-s', REDIS, *words, check=False
        )
        assert 'Permission denied' in said
    assert not box.succeeds('runuser', '-u', account, '--', 'ls', '/var/lib/freedombox-email-redis')
    assert box.run('redis-cli', '-s', REDIS, 'PING') == 'PONG\n'


def test_no_other_port_listens(box: Host) -> None:
    ports = {int(word) for word in box.run('python3', '-c', _PORTS).split()}
    assert ports >= PUBLIC
    assert not ports - KNOWN, f'open to every account: {ports - KNOWN}'
