# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command freedombox-email on a running FreedomBox; run as root inside one."""

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)

DOMAIN = 'command-test.example'
PASSWORD = 'correct horse battery'
COMPLETION = '/usr/share/bash-completion/completions/freedombox-email'


def call(*arguments: Any, given: Any = '', user: Any = 'root') -> Any:
    command = ['freedombox-email', *arguments]
    if user != 'root':
        command = ['runuser', '-u', user, '--', '/usr/sbin/freedombox-email', *arguments]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, timeout=120, check=False
    )


def data(*arguments: Any, given: Any = '') -> Any:
    done = call(*arguments, '--json', given=given)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope='module', autouse=True)
def fixture_domain() -> Any:
    primary = data('domain', 'list')['primary']
    assert call('domain', 'add', DOMAIN).returncode == 0
    yield
    assert call('domain', 'remove', DOMAIN, '--force').returncode == 0
    if primary:
        assert data('domain', 'list')['primary'] == primary


def test_domains() -> None:
    other = 'command-test-two.example'
    assert data('domain', 'add', other, '--alias-of', DOMAIN)['domain']['alias_of'] == DOMAIN
    assert f'alias of {DOMAIN}' in call('domain', 'list').stdout
    assert other in call('domain', 'list', '--names', 'command-test').stdout.split()
    again = call('domain', 'add', other)
    assert (again.returncode, again.stdout) == (4, '')
    assert again.stderr == f'freedombox-email: {other} already exists.\n'
    assert call('domain', 'remove', other).returncode == 0
    assert call('domain', 'remove', other).returncode == 3


def test_mailboxes() -> None:
    address = f'shop@{DOMAIN}'
    added = data('mailbox', 'add', address, given=PASSWORD + '\n')
    assert added['mailbox']['address'] == address
    assert call('mailbox', 'add', address, given=PASSWORD).returncode == 4
    assert data('mailbox', 'note', address, 'For the shop')['mailbox']['note'] == 'For the shop'
    assert data('mailbox', 'note', address)['mailbox']['note'] == ''
    assert call('mailbox', 'passwd', address, given='short').returncode == 5
    assert call('mailbox', 'passwd', address, given=PASSWORD[::-1]).returncode == 0
    assert address in call('mailbox', 'list', '--names', '--domain', DOMAIN).stdout.split()
    assert call('domain', 'remove', DOMAIN).returncode == 4
    assert data('mailbox', 'remove', address)['mailbox']['address'] == address
    assert call('mailbox', 'remove', address).returncode == 3


def test_mail_is_deleted_only_when_asked() -> None:
    address = f'full@{DOMAIN}'
    folder = Path('/var/vmail') / DOMAIN / 'full'
    for option, kept in ((), 1), (('--delete-mail',), 0):
        assert call('mailbox', 'add', address, given=PASSWORD).returncode == 0
        (folder / 'Maildir/cur').mkdir(parents=True)
        (folder / 'Maildir/cur/1.M1.box:2,').write_text('Subject: kept\n\n')
        assert call('mailbox', 'remove', address, *option).returncode == 0
        assert not folder.exists(), 'somebody with this address would read it'
        found = [each for each in data('mailbox', 'kept')['kept'] if each['address'] == address]
        assert [each['messages'] for each in found] == [1] * kept
        call('mailbox', 'delete-mail', address)
    folder.parent.rmdir()


def test_aliases() -> None:
    address = f'info@{DOMAIN}'
    added = data('alias', 'add', address, 'b@outside.example', 'A@Outside.Example')
    assert added['alias']['destinations'] == ['a@outside.example', 'b@outside.example']
    assert 'a@outside.example, b@outside.example' in call('alias', 'list', address).stdout
    assert call('alias', 'add', address, 'c@outside.example').returncode == 4
    assert call('alias', 'remove', address).returncode == 0
    assert call('alias', 'remove', address).returncode == 3
    assert call('alias', 'remove', f'postmaster@{DOMAIN}').returncode in (3, 4)


@pytest.mark.parametrize(
    'arguments',
    [
        ('domain', 'add', 'no domain'),
        ('domain', 'add', 'a' * 10000),
        ('alias', 'add', f'a+b@{DOMAIN}', 'x@y.zz'),
        ('alias', 'add', f'a@{DOMAIN}', 'x'),
        ('alias', 'add', f'a@{DOMAIN}', f'a@{DOMAIN}'),
        ('alias', 'remove', f'**@{DOMAIN}'),
        ('alias', 'add', f'shop*@{DOMAIN}', 'x@y.zz'),
        ('alias', 'add', f'a@{DOMAIN}', 'x@y.zz', 'X@y.zz'),
        ('alias', 'add', f'a@{DOMAIN}', 'x@y.zz', '--until', 'soon'),
        ('mailbox', 'passwd', 'a)(uid=*@x.yy'),
        ('mailbox', 'list', '--domain', '*'),
    ],
)
def test_bad_values(arguments: Any) -> None:
    done = call(*arguments, given=PASSWORD)
    assert done.returncode == 5
    assert done.stderr.startswith('freedombox-email: ')
    assert 'Traceback' not in done.stderr
    assert len(done.stderr) < 500


def stages(*arguments: Any) -> Any:
    (domain,) = data('dkim', *arguments, DOMAIN)['domains']
    assert domain['domain'] == DOMAIN
    return {pair['stage']: pair for pair in domain['pairs']}


def test_signature_keys() -> None:
    assert stages('list')['live']['sentence'].startswith('In use since')
    assert f'in use  {DOMAIN}' in call('dkim', 'list').stdout
    made = call('dkim', 'next', DOMAIN)
    following = stages('list')['next']
    assert [key['kind'] for key in following['keys']] == ['rsa', 'ed25519']
    for key in following['keys']:
        assert f'{key["selector"]}._domainkey.{DOMAIN}. TXT "v=DKIM1; ' in made.stdout
    assert stages('next')['next']['keys'] == following['keys']
    assert stages('rotate')['next']['code'] == 'next-unseen', 'there is no such zone'
    assert call('dkim', 'list', 'nobodys.example').returncode == 3
    assert call('dkim', 'rotate', 'a b').returncode == 5


@pytest.mark.parametrize('content', ['{"format": 1', '[]', ''])
def test_a_damaged_state_of_keys_is_told(content: str) -> None:
    state = Path('/var/lib/freedombox-email/dkim') / f'{DOMAIN}.json'
    before = state.read_text()
    state.write_text(content)
    try:
        done = call('dkim', 'list', DOMAIN)
        assert done.returncode == 1
        assert f'{DOMAIN}: The file {state} is damaged' in done.stdout
        assert 'no keys' not in done.stdout
        told = json.loads(call('dkim', 'list', DOMAIN, '--json').stdout)['domains'][0]
        assert [str(state) in problem for problem in told['problems']] == [True]
    finally:
        state.write_text(before)
    assert call('dkim', 'list', DOMAIN).returncode == 0


def test_a_file_to_import_is_told_by_line_and_reason(tmp_path: Path) -> None:
    path, address = tmp_path / 'aliases.csv', f'imported@{DOMAIN}'
    rows = f'sep=;\nAddress;DESTINATIONS;Note;\n;;;\n{address};x@outside.example;Café;\n'
    path.write_bytes(rows.encode('latin-1'))
    done = call('import', str(path))
    assert (done.returncode, 'Line 4 is not UTF-8' in done.stderr) == (5, True)
    path.write_text(rows.replace('x@outside.example', 'x@outside'))
    done = call('import', str(path))
    assert (done.returncode, 'Line 4: “outside” is not' in done.stderr) == (5, True)
    path.write_text(rows, encoding='utf-8')
    assert data('import', str(path))['added'] == 1
    assert 'Café' in call('alias', 'list', f'{address}').stdout
    assert call('alias', 'remove', f'{address}.').returncode == 0, 'a trailing dot is understood'


def test_status_and_reconcile() -> None:
    done = call('status', '--json')
    found = json.loads(done.stdout)
    assert DOMAIN in found['domains']
    assert set(found) == {
        'aliases', 'answer', 'domains', 'mailboxes', 'primary', 'problems', 'queue', 'state',
        'units',
    }  # fmt: skip
    assert found['units']['slapd'] is True
    assert done.returncode == {'broken': 1, 'unknown': 9}.get(found['state'], 0)
    said = call('status').stdout
    assert said.startswith(found['answer'])
    assert 'primary domain' in said
    assert set(data('reconcile')) == {'added', 'changed', 'removed', 'problems', 'waiting'}
    assert data('reconcile')['added'] == []


def test_history_undo_and_drift() -> None:
    assert isinstance(data('history')['changes'], list)
    assert call('undo', '999999').returncode == 3
    assert call('release', '999999').returncode == 3
    assert call('history', '999999').returncode == 3
    assert data('drift')['differences'] == []


def test_drift_tells_of_a_file_changed_by_hand() -> None:
    path = Path('/etc/postfix/main.cf')
    before = path.read_text()
    try:
        path.write_text(before.replace('\nvirtual_mailbox_domains =', '\nrelay_domains ='))
        done = call('drift')
    finally:
        path.write_text(before)
    assert done.returncode == 1, done.stderr
    assert '+virtual_mailbox_domains = ' in done.stdout
    assert call('drift').returncode == 0


def test_check_lists_every_check_with_its_state() -> None:
    done = call('check', '--json')
    found = json.loads(done.stdout)
    states = [each['state'] for each in found['checks']]
    order = ['broken', 'unknown', 'look', 'works']
    assert states == sorted(states, key=order.index), 'the worst comes first'
    assert found['state'] == states[0]
    assert done.returncode == {'broken': 1, 'unknown': 9, 'look': 10, 'works': 0}[states[0]]
    keys = {each['check'] for each in found['checks']}
    assert {'service-postfix', 'queue', 'room', 'drift'} <= keys
    assert len(call('check').stdout.splitlines()) == len(states)


def test_carry_needs_mail_of_the_built_in_app() -> None:
    for user in ('nobody-known', '..'):
        done = call('import-builtin', user)
        assert done.returncode == 3
        assert done.stderr == (f'freedombox-email: The previous email app has no mail of {user}.\n')


def test_only_root() -> None:
    done = call('status', user='nobody')
    assert done.returncode == 7
    assert done.stderr == 'freedombox-email: This command needs root. Try again with sudo.\n'


def test_directory_down() -> None:
    subprocess.run(['systemctl', 'stop', 'slapd'], check=True)
    try:
        done = call('domain', 'list', '--json')
        assert done.returncode == 6
        assert json.loads(done.stdout)['error']['code'] == 'directory-down'
        assert "isn't answering" in done.stderr
        status = call('status', '--json')
        assert status.returncode == 6
        assert json.loads(status.stdout)['units']['slapd'] is False
    finally:
        subprocess.run(['systemctl', 'start', 'slapd'], check=True)
        subprocess.run(['systemctl', 'restart', 'nslcd'], check=True)  # it'd refuse the next logins


def complete(*words: Any) -> Any:
    """The completions bash offers after some words."""
    line = ' '.join(('freedombox-email', *words))
    script = (
        f'source /usr/share/bash-completion/bash_completion; source {COMPLETION}; '
        f'COMP_LINE={line!r}; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=("$@"); '
        'COMP_CWORD=$(($# - 1)); _freedombox_email freedombox-email "${@: -1}" "${@: -2:1}"; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ['bash', '-c', script, 'bash', 'freedombox-email', *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return {word.strip() for word in done.stdout.split('\n') if word.strip()}


def test_what_asks_dns_is_loaded_only_by_verbs_that_do() -> None:
    script = (
        'import sys; from plinth.modules.email.command.main import main; '
        "main(['domain', 'list', '--names']); assert 'dns.query' not in sys.modules"
    )
    subprocess.run(['python3', '-c', script], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.skipif(
    not Path('/usr/share/bash-completion/bash_completion').exists(), reason='no bash-completion'
)
def test_completion() -> None:
    assert complete('') >= {
        'domain',
        'mailbox',
        'alias',
        'status',
        'history',
        'undo',
        'release',
        'drift',
        'check',
    }
    assert complete('domain', '') == {'add', 'change', 'list', 'primary', 'remove'}
    assert complete('domain', 'remove', 'command') == {DOMAIN}
    assert complete('domain', 'remove', '--') == {'--dry-run', '--force', '--json', '--help'}
    assert complete('mailbox', 'list', '--domain', 'command') == {DOMAIN}
    assert '--until' in complete('alias', 'change', '--')
    assert complete('app-password', '') == {'add', 'list', 'remove'}
    assert 'alice' not in complete('mailbox', 'passwd', '--')


def test_manual_page_names_every_verb() -> None:
    page = gzip.decompress(Path('/usr/share/man/man8/freedombox-email.8.gz').read_bytes()).decode()
    page = re.sub(r'\\f[BIR]|\\', '', page)
    for group in (
        'domain add',
        'domain list',
        'domain primary',
        'domain remove',
        'mailbox add',
        'domain change',
        'mailbox passwd',
        'mailbox forward',
        'mailbox note',
        'alias change',
        'app-password add',
        'resolve',
        'export',
        'import',
        'apply',
        'alias remove',
        'status',
        'reconcile',
        'undo',
        'release',
        'drift',
        'check',
        'import-builtin',
        'dns check',
        'dkim rotate',
        'reports',
    ):
        assert group in ' '.join(page.split())
