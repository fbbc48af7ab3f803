# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users the daemons work as put links and pipes where root will look, to become root."""

from collections.abc import Iterator

import pytest

from tests.conftest import Host

from . import webprocess

EARLIER = '/var/lib/rspamd/dkim'
KEYS = '/var/lib/freedombox-email/keys'
CRON = '/etc/cron.d'
MAILBOX = '/var/vmail/example.test/alice'
NOTE = f'{MAILBOX}/freedombox-email-last-login'
SOCKET = '/var/spool/postfix/freedombox-email-tls/policy'
ALIAS = 'attack-ending@example.test'


def as_user(box: Host, user: str, *command: str, check: bool = True) -> str:
    """Run a command as the user of a daemon."""
    return box.run('runuser', '-u', user, '--', *command, check=check)


@pytest.fixture(name='linked')
def fixture_linked(box: Host) -> Iterator[None]:
    """Have Rspamd's user replace its folder of keys by a link."""
    back = (
        f'test -L {EARLIER} && rm {EARLIER}; test -d {EARLIER}.aside && '
        f'mv {EARLIER}.aside {EARLIER}; true'
    )
    box.run('sh', '-c', back)
    box.run('install', '-d', '-o', '_rspamd', '-g', '_rspamd', '-m', '500', EARLIER)
    as_user(box, '_rspamd', 'mv', EARLIER, f'{EARLIER}.aside')
    as_user(box, '_rspamd', 'ln', '-s', CRON, EARLIER)
    yield
    box.run('sh', '-c', back)


@pytest.mark.usefixtures('linked')
def test_rspamd_gets_no_folder_of_root(box: Host) -> None:
    look = ('sh', '-c', f'stat -c "%n %a %U %G" {CRON} {CRON}/* {CRON}/.placeholder; ls -A {CRON}')
    before = box.run(*look, check=False)
    box.run('systemctl', 'start', 'freedombox-email-keys.service')
    assert box.run(*look, check=False) == before, f'{CRON} was changed through a link of its daemon'


def test_rspamd_reads_its_keys_and_changes_none(box: Host) -> None:
    (some, *_more) = box.run('ls', KEYS).split()
    assert as_user(box, '_rspamd', 'wc', '-c', f'{KEYS}/{some}'), 'Rspamd cannot sign'
    for attempt in (
        f'echo x > {KEYS}/x.test.y.key', f'echo x >> {KEYS}/{some}', f'rm {KEYS}/{some}',
        f'mv {KEYS}/{some} {KEYS}/aside', f'chmod 666 {KEYS}/{some}',
    ):  # fmt: skip
        said = as_user(box, '_rspamd', 'sh', '-c', f'{attempt} && echo DONE', check=False)
        assert 'DONE' not in said, f'Rspamd can do this: {attempt}'
    said = as_user(box, 'www-data', 'cat', f'{KEYS}/{some}', check=False)
    assert 'ermission denied' in said, 'the web server reads private keys'


@pytest.fixture(name='note')
def fixture_note(box: Host) -> Iterator[str]:
    """Give way to what the user of all mail puts in place of a note of its own."""
    back = f'rm -f {NOTE}; test -e {NOTE}.aside && mv {NOTE}.aside {NOTE}; true'
    box.run('sh', '-c', back)
    as_user(box, 'vmail', 'mkdir', '-p', MAILBOX)
    box.run('sh', '-c', f'test -e {NOTE} && mv {NOTE} {NOTE}.aside; true')
    yield NOTE
    box.run('sh', '-c', back)


@pytest.mark.parametrize('plant', ['mkfifo {}', 'ln -s /etc/shadow {}', 'mkdir {}'])
def test_the_user_of_all_mail_holds_no_one_up(box: Host, note: str, plant: str) -> None:
    as_user(box, 'vmail', 'sh', '-c', plant.format(note))
    said = box.run(
        'timeout', '30', 'freedombox-email', 'mailbox', 'show', 'alice@example.test', '--json'
    )
    box.run('sh', '-c', f'rmdir {note} 2>/dev/null; true')
    assert '"last_login": null' in said


@pytest.mark.parametrize('user', ['www-data', 'nobody', 'plinth', '_rspamd'])
def test_no_one_but_postfix_asks_how_to_deliver(box: Host, user: str) -> None:
    code = f"import socket; socket.socket(socket.AF_UNIX).connect('{SOCKET}'); print(6 * 7)"
    assert '42\n' not in as_user(box, user, 'python3', '-c', code, check=False)
    assert '42\n' in as_user(box, 'postfix', 'python3', '-c', code), 'Postfix cannot ask'


def test_however_often_a_last_day_changes_there_is_one_timer(box: Host) -> None:
    remove = ('freedombox-email', 'alias', 'remove', '--force', ALIAS)
    box.run(*remove, check=False)
    box.run('freedombox-email', 'alias', 'add', ALIAS, 'alice@example.test')
    for day in range(1, 6):
        box.run('freedombox-email', 'alias', 'change', ALIAS, '--until', f'2031-01-0{day}')
    listed = box.run(
        'systemctl', 'list-units', '--all', '--plain', '--no-legend', '--type=timer',
        'freedombox-email-expire-*',
    )  # fmt: skip
    box.run(*remove)
    assert len(listed.splitlines()) == 1, listed


CARRYING: dict[str, list[str]] = {
    'builtin_survey': [], 'builtin_copy': ['alice'], 'builtin_place': ['alice'],
    'builtin_addresses': [], 'builtin_requeue': [], 'builtin_finish': [], 'builtin_prepare': [],
    'builtin_remove': [],
}  # fmt: skip


class TestTheWebProcess:
    """Root actions the web process may ask for at one time only."""

    pytestmark = webprocess.REFUSALS

    def test_nothing_is_carried_over_when_no_take_over_is_due(self, box: Host) -> None:
        """Not even after a restore without a file, which a backup of the built-in app is."""
        assert webprocess.ask_root(box, 'directory_forget_dump') == {'result': None}
        assert webprocess.ask_root(box, 'directory_load') == {'code': 'load-no-file'}
        said = {
            verb: webprocess.ask_root(box, verb, *arguments).get('code')
            for verb, arguments in CARRYING.items()
        }
        assert said == dict.fromkeys(CARRYING, 'builtin-not-due')


BOUNDS = {
    'expire': 3.0,
    'index': 4.5,
    'keys': 7.5,
    'learn': 3.0,
    'records': 7.5,
    'recover': 4.0,
    'reports': 2.0,
}
"""How exposed each unit may be, from 0 to 10, by systemd-analyze(1)."""


@pytest.mark.parametrize('name', BOUNDS)
def test_units_can_do_little_and_still_do_their_work(box: Host, name: str) -> None:
    unit = f'freedombox-email-{name}.service'
    said = box.run('systemd-analyze', 'security', unit, '--no-pager')
    exposure = float(said.rpartition('Overall exposure level for ')[2].split(': ')[1].split()[0])
    assert exposure <= BOUNDS[name], f'{unit} is exposed: {exposure}'
    box.run('systemctl', 'start', unit)
    result = box.run('systemctl', 'show', unit, '-P', 'Result').strip()
    assert result == 'success', f'{unit} cannot do its work: {result}'
