# SPDX-License-Identifier: AGPL-3.0-or-later
"""sieve-connect, a program for ManageSieve: it reads the rules, and brings scripts of its own."""

import uuid

import pytest

from lab import settings
from tests.conftest import Host

from . import mail

pytestmark = [pytest.mark.long, pytest.mark.usefixtures('quiet_journal')]
BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
_PASSWORD, _COMMANDS = '/tmp/sieve-connect-password', '/tmp/sieve-connect-commands'
_SCRIPT = '/tmp/from-outside.sieve'
_CONNECT = """
exec timeout 60 sieve-connect --server "$1" --port 4190 --user "$2" --notlsverify --passwordfd 3 \
    --exec "$4" 3<"$3"
"""


@pytest.fixture(name='program', scope='module', autouse=True)
def fixture_program(outside: Host) -> None:
    """Have the program on the machine outside."""
    outside.run('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '--yes',
                '--no-install-recommends', 'sieve-connect')  # fmt: skip
    outside.run('tee', _PASSWORD, stdin=f'{BOB.password}\n')


def _does(outside: Host, box: Host, *commands: str) -> str:
    """Give commands to the program; return its words."""
    outside.run('tee', _COMMANDS, stdin='\n'.join([*commands, '']))
    return outside.run('sh', '-c', _CONNECT, 'sh', box.ip, BOB.username, _PASSWORD, _COMMANDS)


def test_it_reads_the_rules_and_its_script_works_beside_them(box: Host, outside: Host) -> None:
    ours, theirs = (mail.message(CAROL.address, BOB.address) for _number in range(2))
    name, copy = f'Club {uuid.uuid4().hex[:6]}', '/tmp/copy.sieve'
    rules = ['freedombox-email', 'rules']
    box.run(*rules, 'add-filter', BOB.address, name, '--subject', ours['Subject'], '--folder',
            'Club')  # fmt: skip
    script = f'require "fileinto";\nif header :is "subject" "{theirs["Subject"]}" {{\n' \
        '  fileinto "Archive";\n}\n'  # fmt: skip
    outside.run('tee', _SCRIPT, stdin=script)
    try:
        assert 'FreedomBox' in _does(outside, box, 'list')
        _does(outside, box, f'download FreedomBox {copy}')
        assert f'# rule:[{name}]' in outside.run('cat', copy)
        listed = _does(outside, box, f'put {_SCRIPT} theirs', 'activate theirs', 'list')
        assert '"theirs" ACTIVE' in listed
        shown = box.run(*rules, 'show', BOB.address)
        assert name in shown
        for sent, folder in ((ours, 'Club'), (theirs, 'Archive')):
            mail.deliver(box.ip, sent)
            mail.wait_for(box.ip, BOB, sent, folder)
    finally:
        box.run(*rules, 'remove-filter', BOB.address, name)
        _does(outside, box, 'deactivate', 'delete theirs')
        outside.run('rm', '-f', _PASSWORD, _COMMANDS, _SCRIPT, copy)
