# SPDX-License-Identifier: AGPL-3.0-or-later
"""Break a change of the daemons on purpose, at every step, on the real daemons.

Runs as root inside the box. After each test all files are as before or as wanted, never
between, the daemons run on exactly those files, and the error is a clear one.

Which settings a daemon runs on shows in its greeting. The history is an empty one of the
test's own, mounted over the real one.
"""

import fcntl
import os
import re
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.config.state import (
    DovecotConf,
    DovecotSetting,
    MainCf,
    MasterCf,
    MasterService,
    Port,
    Unit,
    WantedState,
    WholeFile,
)
from plinth.modules.email.errors import MailError
from plinth.modules.email.maintenance import readable
from plinth.modules.email.maintenance.setup import wanted_state
from plinth.modules.email.system import files
from plinth.modules.email.transaction import history, pins, transaction, units
from plinth.modules.email.transaction.transaction import Result

RECOVER = next(
    (
        path
        for path in (
            '/usr/lib/freedombox-email/freedombox-email-recover',
            str(Path(__file__).parents[2] / 'actions/freedombox-email-recover'),
        )
        if Path(path).exists()
    ),
    '',
)
MODULES = (Path(transaction.__file__).parents[4], Path(pytest.__file__).parents[1])
ENVIRONMENT = {'PYTHONPATH': os.pathsep.join(map(str, MODULES)), 'PATH': os.defpath}
HAND_BACK = Path(__file__).parents[2] / 'debian/hand_back.py'
HOME = Path('/var/lib/freedombox-email')
FULL = Path('/etc/freedombox-email-full')
MAIN_CF = Path('/etc/postfix/main.cf')
MASTER_CF = MAIN_CF.with_name('master.cf')
DOVECOT_CONF = Path('/etc/dovecot/conf.d/99-freedombox-email-test.conf')
OWN_FILE = Path('/etc/freedombox-email-test/deep/file')
TREES = ('/etc/postfix', '/etc/dovecot', '/etc/rspamd', str(OWN_FILE.parents[1]), str(FULL))
DAEMONS = ('postfix.service', 'dovecot.service', 'rspamd.service')
UNITS = (
    Unit('rspamd.service', ('/etc/rspamd/',)),
    Unit('dovecot.service', ('/etc/dovecot/',), (Port(993, '* OK', True),)),
    Unit('postfix.service', ('/etc/postfix/',), (Port(25, '220 '),)),
    Unit('no-such-daemon.service', ('/etc/',), (Port(1),)),
)

CHANGE = """
import os, runpy, signal, sys
from plinth.modules.email.system import files
from plinth.modules.email.transaction import transaction
wanted = runpy.run_path({test!r})['wanted']
def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)
step, times = sys.argv[1], int(sys.argv[2])
def on_step(name):
    global times
    times -= name == step
    if times < 0:
        die()
    if step == 'restore' and name == 'answer':
        files.restore = die
        raise RuntimeError
    if step == 'tidy' and name == 'finish':
        files.tidy = die
transaction.apply(lambda: wanted('killed'), 'Killed', 'test', on_step)
"""


def wanted(word: str, **more: str) -> WantedState:
    """A state whose daemons greet with `word`, in three files."""
    values = {'smtpd_banner': f'$myhostname ESMTP {word}'} | more
    greeting = DovecotSetting('login_greeting', f'{word} ready.')
    return WantedState(
        (
            MainCf(values),
            DovecotConf(str(DOVECOT_CONF), (greeting,), whole=True),
            WholeFile(str(OWN_FILE), f'{word}\n', 0o640),
        ),
        (),
        UNITS,
    )


def everything() -> dict[str, str]:
    """All that stands in the folders that tests change."""
    found = {}
    for tree in TREES:
        for folder, _folders, names in os.walk(tree):
            found[folder] = 'folder'
            for name in names:
                found[f'{folder}/{name}'] = files.read(f'{folder}/{name}').digest
    return found


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def assert_postfix_runs(word: str | None = None) -> None:
    """The same, where only the setting of Postfix was changed."""
    for daemon in DAEMONS:
        assert run('systemctl', 'is-active', daemon) == 'active', daemon
    host = run('postconf', '-hx', 'myhostname')
    banner = run('postconf', '-hx', 'smtpd_banner')
    assert banner == f'{host} ESMTP {word}' or word is None
    units.answer(Port(25, f'220 {banner}'), 20)


def assert_daemons_run(word: str | None = None) -> None:
    """All daemons run, and greet with `word` or, without one, not with any of ours."""
    assert_postfix_runs(word)
    greeting = run('doveconf', '-h', 'login_greeting')
    assert greeting == f'{word} ready.' or word is None
    for port in (Port(993, '* OK', True), Port(143, '* OK')):
        units.answer(port, 20)
    assert units._greeting(Port(993, '* OK', True), '127.0.0.1', 9).endswith(greeting)
    assert not transaction.STAGING.exists()


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[None]:
    """Mount an empty file system of a few kilobytes over a folder."""
    run('mount', '-t', 'tmpfs', '-o', f'size={size}k,mode=700', 'tmpfs', str(folder))
    try:
        yield
    finally:
        _unmount(folder)


def _unmount(folder: Path) -> None:
    """Take a file system away as soon as it is not used: root may look at its lock just then."""
    end = time.monotonic() + 30
    while subprocess.run(['umount', str(folder)], check=False, capture_output=True).returncode:
        assert time.monotonic() < end, f'{folder} is still in use'
        time.sleep(0.1)


def fill(folder: Path) -> None:
    """Leave no room in the file system of a folder."""
    with (folder / 'filler').open('wb', buffering=0) as stream, suppress(OSError):
        while stream.write(b'x' * 4096):
            pass


@contextmanager
def refused(*codes: str) -> Iterator[Any]:
    """Expect an error with one of `codes`, and everything as it was."""
    before = everything()
    with pytest.raises(MailError) as caught:
        yield caught
    assert caught.value.code in codes, caught.value.args
    assert caught.value.sentence.endswith('.')
    assert everything() == before
    assert_daemons_run()


@pytest.fixture(autouse=True)
def _box() -> Iterator[None]:
    """Give each test an empty history, and the box its files back afterwards."""
    if os.geteuid() != 0 or not MAIN_CF.exists():
        pytest.skip('This needs root in a box with the mail services.')
    HOME.mkdir(mode=0o700, exist_ok=True)
    before = {path: files.read(path) for path, kind in everything().items() if kind != 'folder'}
    with mounted(HOME, 32 * 1024):
        yield
    for path in everything().keys() - before.keys():
        if not Path(path).is_dir():
            Path(path).unlink()
    changed = [path for path, file in before.items() if files.read(path) != file]
    for path in changed:
        files.write(path, before[path])
    for folder in (OWN_FILE.parent, OWN_FILE.parents[1], FULL):
        if folder.is_dir():
            folder.rmdir()
    if changed or DOVECOT_CONF.exists():
        run('systemctl', 'reset-failed', *DAEMONS)
        run('systemctl', 'reload-or-restart', *DAEMONS)


def apply(state: WantedState, on_step: transaction.OnStep = transaction.nothing) -> Result:
    return transaction.apply(lambda: state, 'Test', 'tester', on_step)


# --- what works ---------------------------------------------------------------------------


def test_change_holds_and_is_recorded() -> None:
    result = apply(wanted('one'))
    assert result.changed
    assert result.files == (str(MAIN_CF), str(DOVECOT_CONF), str(OWN_FILE))
    assert 'ESMTP one' in result.diff
    assert_daemons_run('one')
    assert files.read(str(OWN_FILE)).mode == 0o640
    (entry,) = history.list_entries()
    assert (entry.state, entry.who, entry.diff) == ('done', 'tester', result.diff)
    assert transaction.check(wanted('one')) == ()


def test_same_again_changes_nothing_and_reloads_nothing() -> None:
    apply(wanted('one'))
    started = run('systemctl', 'show', '-p', 'ActiveEnterTimestampMonotonic', *DAEMONS)
    steps: list[str] = []
    result = apply(wanted('one'), steps.append)
    assert not result.changed
    assert 'stage' not in steps
    assert len(history.list_entries()) == 1
    assert run('systemctl', 'show', '-p', 'ActiveEnterTimestampMonotonic', *DAEMONS) == started


def test_steps_are_told_in_order() -> None:
    steps: list[str] = []
    apply(wanted('one'), steps.append)
    assert tuple(dict.fromkeys(steps)) == transaction.STEPS


def test_daemon_that_should_run_is_started_and_one_switched_off_is_not() -> None:
    apply(wanted('one'))
    run('systemctl', 'stop', 'dovecot.service')
    assert not apply(wanted('one')).changed
    assert_daemons_run('one')
    run('systemctl', 'disable', '--now', '--quiet', 'rspamd.service')
    try:
        apply(
            WantedState(
                (WholeFile('/etc/rspamd/local.d/freedombox-email-test.inc', ''),), (), UNITS
            )
        )
        assert run('systemctl', 'show', '-P', 'ActiveState', 'rspamd.service') == 'inactive'
    finally:
        run('systemctl', 'enable', '--now', '--quiet', 'rspamd.service')


def test_two_at_once_happen_one_after_the_other() -> None:
    threads = [threading.Thread(target=apply, args=(wanted(word),)) for word in ('one', 'two')]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.state for entry in history.list_entries()] == ['done', 'done']
    assert_daemons_run(OWN_FILE.read_text().strip())


def test_someone_who_holds_the_lock_is_not_waited_for_without_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(transaction, 'LOCK_SECONDS', 0.2)
    history.create()
    with transaction.LOCK.open('w') as lock, refused('busy'):
        fcntl.flock(lock, fcntl.LOCK_EX)
        apply(wanted('one'))


def test_undo_and_undo_of_the_undo() -> None:
    before = everything()
    apply(wanted('one'))
    first = everything()
    second = transaction.undo(1, WantedState, 'tester')
    assert (
        everything().items()
        - {(str(OWN_FILE.parent), 'folder'), (str(OWN_FILE.parents[1]), 'folder')}
        == before.items()
    )
    assert_daemons_run()
    transaction.undo(second.id, WantedState, 'tester')
    assert everything() == first
    assert_daemons_run('one')
    assert [entry.state for entry in history.list_entries()] == ['done', 'done', 'done']


def test_undo_is_refused_when_anyone_has_changed_a_file_since() -> None:
    apply(wanted('one'))
    with MAIN_CF.open('a') as stream:
        stream.write('# mine\n')
    with refused('newer-changes'):
        transaction.undo(1, WantedState, 'tester')
    with refused('no-such-change'):
        transaction.undo(7, WantedState, 'tester')


def banner(word: str) -> WantedState:
    """A setting in a file of the administrator's."""
    return WantedState((MainCf({'smtpd_banner': f'$myhostname ESMTP {word}'}),), (), UNITS)


def test_what_was_undone_stays_so_until_the_app_decides_again() -> None:
    mine = 'smtpd_banner = $myhostname ESMTP mine\n'
    with MAIN_CF.open('a') as stream:
        stream.write(mine)
    apply(banner('one'))
    undone = transaction.undo(1, lambda: banner('one'), 'tester')
    assert mine in MAIN_CF.read_text()
    assert transaction.check(banner('one')) == ()
    assert not apply(banner('one')).changed
    assert not apply(banner('two')).changed
    assert_postfix_runs('mine')
    assert [(pin.key, pin.change) for pin in pins.load()] == [('smtpd_banner', 1)]
    with refused('no-such-change'):
        transaction.release(undone.id, lambda: banner('two'), 'tester')
    transaction.release(1, lambda: banner('two'), 'tester')
    assert_postfix_runs('two')
    assert pins.load() == ()
    assert transaction.check(banner('two')) == ()


def test_an_undo_that_fails_pins_nothing() -> None:
    def on_step(step: str) -> None:
        if step == 'answer':
            raise RuntimeError('surprise')

    apply(banner('one'))
    before = everything()
    with pytest.raises(MailError):
        transaction.undo(1, lambda: banner('one'), 'tester', on_step)
    assert everything() == before
    assert pins.load() == ()
    apply(banner('two'))
    assert_postfix_runs('two')


def test_what_protects_is_not_undone_by_the_way() -> None:
    state = WantedState((MainCf({'smtpd_banner': 'x', 'smtpd_milters': 'inet:127.0.0.1:11332,'}),))
    apply(state)
    with refused('undo-unsafe') as caught:
        transaction.undo(1, lambda: state, 'tester')
    assert caught.value.detail == f'{MAIN_CF} smtpd_milters'
    with refused('not-undoable'):
        file = WholeFile('/etc/rspamd/local.d/freedombox-email-test.inc', '')
        number = apply(WantedState((file,))).id
        try:
            transaction.undo(number, lambda: WantedState((file,)), 'tester', unsafe=True)
        finally:
            Path(file.path).unlink()
            run('systemctl', 'reload', 'rspamd.service')


def test_what_is_wanted_is_asked_for_when_no_other_change_runs() -> None:
    word, waits, checked = ['one'], threading.Event(), threading.Event()

    def first(step: str) -> None:
        if step == 'check':
            checked.set()
            assert waits.wait(60)

    def second(step: str) -> None:
        if step == 'lock':
            word[0] = 'two'  # decided while the other change still runs
            waits.set()

    def change(on_step: transaction.OnStep) -> None:
        transaction.apply(lambda: banner(word[0]), 'Test', 'tester', on_step)

    threads = [threading.Thread(target=change, args=(on_step,)) for on_step in (first, second)]
    threads[0].start()
    assert checked.wait(60)
    threads[1].start()
    for thread in threads:
        thread.join()
    assert_postfix_runs('two')


@pytest.mark.long
def test_all_originals_come_back_after_more_changes_than_are_kept(monkeypatch: Any) -> None:
    hand_back = runpy.run_path(str(HAND_BACK))
    monkeypatch.setattr(history, 'KEEP', 2)
    before = everything()
    for word in ('one', 'two', 'three'):
        state = wanted(word) if word == 'one' else banner(word)
        apply(state)
    transaction.undo(3, lambda: banner('three'), 'tester')
    assert len(history.list_entries()) == 2
    hand_back['restore']()
    left = {path: kind for path, kind in everything().items() if kind != 'folder'}
    assert left == {path: kind for path, kind in before.items() if kind != 'folder'}
    assert pins.load() == ()
    assert history.first_originals() == ({}, ())


def test_drift_is_found_and_repaired() -> None:
    apply(wanted('one'))
    OWN_FILE.write_text('other\n')
    OWN_FILE.chmod(0o666)
    (drift,) = transaction.check(wanted('one'))
    assert drift.path == str(OWN_FILE)
    assert {'-other', '+one'} <= set(drift.lines)
    assert any('mode 0666' in line for line in drift.lines)
    apply(wanted('one'))
    assert transaction.check(wanted('one')) == ()


# --- what a daemon refuses ----------------------------------------------------------------


@pytest.mark.parametrize(
    ('key', 'value', 'words'),
    [
        ('message_size_limit', 'abc', 'message_size_limit = abc'),
        ('smtpd_tls_security_level', 'maybe', 'Invalid TLS level "maybe"'),
        ('smtp_tls_security_level', 'perhaps', 'Invalid TLS level "perhaps"'),
        ('smtpd_tls_chain_files', '/nonexistent', '/nonexistent'),
        ('smtpd_recipient_restrictions', 'no_such_restriction', 'unknown smtpd restriction'),
        ('smtpd_sender_login_maps', 'nosuchtype:/x', 'unsupported dictionary type'),
        ('lmtp_destination_concurrency_limit', 'many', 'concurrency_limit = many'),
        ('maximal_queue_lifetime', 'long', 'maximal_queue_lifetime = long'),
        ('inet_interfaces', '999.1.1.1', 'host not found: 999.1.1.1'),
        ('no_such_parameter', 'x', 'unused parameter'),
    ],
)
def test_value_that_postfix_refuses(key: Any, value: Any, words: Any) -> None:
    with refused('postfix-refused') as caught:
        apply(wanted('bad', **{key: value}))
    assert words in caught.value.detail
    assert history.list_entries() == ()


@pytest.mark.parametrize(
    ('key', 'value'),
    [('mail_max_userip_connections', 'many'), ('no_such_setting', 'x'), ('ssl', 'maybe')],
)
def test_value_that_dovecot_refuses(key: Any, value: Any) -> None:
    edit = DovecotConf(str(DOVECOT_CONF), (DovecotSetting(key, value),), whole=True)
    with refused('dovecot-refused') as caught:
        apply(wanted('bad') + WantedState((edit,)))
    assert key in caught.value.detail


def test_file_that_rspamd_refuses() -> None:
    broken = WholeFile('/etc/rspamd/local.d/options.inc', 'dns { timeout = \n')
    with refused('rspamd-refused') as caught:
        apply(wanted('bad') + WantedState((broken,)))
    assert 'options.inc' in caught.value.detail


def test_trying_leaves_no_trace_in_the_mail_log() -> None:
    cursor = run('journalctl', '-n1', '--show-cursor', '-ocat').splitlines()[-1].split()[-1]
    with refused('postfix-refused'):
        apply(wanted('bad', smtpd_tls_security_level='maybe'))
    assert 'maybe' not in run('journalctl', '--after-cursor', cursor, '-ocat')


def test_complaint_about_what_an_admin_did_before_is_not_held_against_us() -> None:
    with MAIN_CF.open('a') as stream:
        stream.write('old_leftover = 1\n')
    apply(wanted('one'))
    assert_daemons_run('one')


# --- what administrators have written ------------------------------------------------------


@contextmanager
def written(path: Path, text: str) -> Iterator[None]:
    """Have an administrator's text in a file of its own."""
    path.write_text(text)
    try:
        yield
    finally:
        path.unlink()


def test_what_stops_dovecot_from_starting_is_never_earned() -> None:
    theirs = Path('/etc/dovecot/conf.d/99-mine.conf')
    with written(theirs, 'mail_max_userip_connections = many\n'):
        before = everything()
        with pytest.raises(MailError) as caught:
            apply(wanted('bad'))
        assert caught.value.code == 'dovecot-unreadable'
        assert f'{theirs} line 1' in caught.value.detail
        assert everything() == before
        (found,) = readable.look()
        assert found.daemon == 'Dovecot'
        assert f'{theirs} line 1' in found.words
    assert readable.look() == ()
    apply(wanted('one'))
    assert_daemons_run('one')


MUA = """
submission inet n - y - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_client_restrictions=$mua_client_restrictions
"""


def test_a_setting_our_edit_leaves_unused_is_no_obstacle() -> None:
    with MAIN_CF.open('a') as stream:
        stream.write('mua_client_restrictions = permit_sasl_authenticated, reject\n')
    service = MasterService('submission', 'inet', 'smtpd', private='n', chroot='y',
                            options=(('smtpd_client_restrictions', None),))  # fmt: skip
    with MASTER_CF.open('a') as stream:
        stream.write(MUA)
    apply(wanted('one') + WantedState((MasterCf((service,)),)))
    assert 'mua_client_restrictions = permit' in MAIN_CF.read_text()
    assert_daemons_run('one')


@pytest.mark.parametrize(
    'theirs',
    [
        'my_limit = 20480000\nmessage_size_limit = $my_limit\n',
        'mailbox_size_limit = 1000000\n',
        'smtpd_banner = $myhostname ESMTP\nsmtpd_banner = $myhostname ESMTP no UCE\n',
    ],
    ids=['variable', 'small-mailboxes', 'twice'],
)
def test_an_ordinary_file_is_no_obstacle(theirs: str) -> None:
    with MAIN_CF.open('a') as stream:
        stream.write(theirs)
    wanted_now = wanted_state()
    assert apply(wanted_now).changed
    assert_daemons_run()
    assert transaction.check(wanted_now) == ()


def test_an_empty_main_cf_is_filled() -> None:
    MAIN_CF.write_text('')
    wanted_now = wanted_state()
    assert apply(wanted_now).changed
    assert_daemons_run()


def test_a_file_that_is_mounted_is_named() -> None:
    run('mount', '--bind', str(MAIN_CF), str(MAIN_CF))
    try:
        with pytest.raises(MailError) as caught:
            apply(wanted('bad'))
    finally:
        _unmount(MAIN_CF)
    assert caught.value.code == 'file-mounted'
    assert str(MAIN_CF) in caught.value.sentence
    assert_daemons_run()


@pytest.mark.long
def test_a_change_after_a_mended_master_cf_does_not_wait_a_minute() -> None:
    before = MASTER_CF.read_text()
    line = '^smtp +inet .*'  # smtpd, or postscreen before it
    broken, count = re.subn(line, r'\g<0>\n  -o inet_interfaces=999.1.1.1', before, flags=re.M)
    assert count == 1
    MASTER_CF.write_text(broken)
    run('systemctl', 'reload', 'postfix')
    deadline = time.monotonic() + 90  # a busy machine
    while not units._is_throttled('postfix.service'):
        with suppress(OSError):
            units._greeting(Port(25, '220 '), '127.0.0.1', 2)
        assert time.monotonic() < deadline, 'Postfix started a program that cannot start'
    MASTER_CF.write_text(before)
    apply(wanted('one'))
    assert_daemons_run('one')


# --- what goes wrong afterwards -----------------------------------------------------------


def test_port_that_does_not_answer(monkeypatch: Any) -> None:
    monkeypatch.setattr(units, 'PORT_SECONDS', 4)
    silent = Unit('postfix.service', ('/etc/postfix/',), (Port(25, '999 '),))
    with refused('port-silent') as caught:
        apply(wanted('bad') + WantedState(units=(silent,)))
    assert 'ESMTP bad' in caught.value.detail
    (entry,) = history.list_entries()
    assert entry.state == 'failed'
    assert 'Port 25' in entry.reason


@pytest.mark.parametrize('line', ['ExecReload=/bin/false', 'ExecReload=/bin/kill -KILL $MAINPID'])
def test_reload_that_fails(line: Any) -> None:
    unit = Path('/run/systemd/system/freedombox-email-test.service')
    unit.write_text(f'[Service]\nExecStart=/bin/sleep infinity\n{line}\n')
    run('systemctl', 'daemon-reload')
    run('systemctl', 'start', unit.name)
    try:
        with refused('reload-failed', 'unit-failed') as caught:
            apply(wanted('bad') + WantedState(units=(Unit(unit.name, ('/etc/postfix/',)),)))
        assert unit.name in caught.value.sentence
    finally:
        unit.unlink()
        run('systemctl', 'stop', unit.name)
        run('systemctl', 'daemon-reload')
    assert history.list_entries()[0].state == 'failed'


def test_anything_unforeseen() -> None:
    def on_step(step: str) -> None:
        if step == 'answer':
            raise RuntimeError('surprise')

    with refused('internal-error') as caught:
        apply(wanted('bad'), on_step)
    assert 'surprise' in caught.value.detail


def test_ctrl_c() -> None:
    def on_step(step: str) -> None:
        if step == 'reload':
            raise KeyboardInterrupt

    before = everything()
    with pytest.raises(KeyboardInterrupt):
        apply(wanted('bad'), on_step)
    assert everything() == before
    assert_daemons_run()


# --- a full disk --------------------------------------------------------------------------


def test_no_room_for_the_copy_to_check() -> None:
    with mounted(HOME, 64):
        history.create()
        fill(HOME)
        with refused('no-space'):
            apply(wanted('bad'))


@pytest.mark.parametrize('step', [
    'journal', *(pytest.param(step, marks=pytest.mark.long) for step in ('installed', 'finish')),
])  # fmt: skip
def test_no_room_for_the_history(step: Any) -> None:
    def on_step(name: str) -> None:
        if name == step:
            fill(HOME)

    with mounted(HOME, 4096):
        with refused('no-space'):
            apply(wanted('bad'), on_step)
        (HOME / 'filler').unlink()
        assert not any(entry.state == 'done' for entry in history.list_entries())
        apply(wanted('one'))
        assert_daemons_run('one')
        assert history.interrupted() == ()


@pytest.mark.parametrize('step', [
    'install', *(pytest.param(step, marks=pytest.mark.long) for step in ('prepare', 'reload')),
])  # fmt: skip
def test_no_room_beside_the_file(step: Any) -> None:
    def on_step(name: str) -> None:
        if name == step and not (FULL / 'filler').exists():
            fill(FULL)
        if name == 'answer':
            raise RuntimeError('so that all has to be put back without any room')

    FULL.mkdir()
    with mounted(FULL, 64):
        (FULL / 'file').write_text('old\n')
        (FULL / 'file').chmod(0o644)
        state = wanted('bad') + WantedState((WholeFile(str(FULL / 'file'), 'new\n' * 1000),))
        before = everything()
        with pytest.raises(MailError) as caught:
            apply(state, on_step)
        assert caught.value.code == ('no-space' if step == 'prepare' else 'internal-error')
        (FULL / 'filler').unlink()
        assert everything() == before
    assert_daemons_run()


def test_folder_that_cannot_be_written() -> None:
    FULL.mkdir()
    with mounted(FULL, 64):
        run('mount', '-o', 'remount,ro', str(FULL))
        with refused('not-writable'):
            apply(wanted('bad') + WantedState((WholeFile(str(FULL / 'file'), 'new\n'),)))


# --- killed at every step -----------------------------------------------------------------


def killed(step: str, times: int = 0) -> None:
    """Make a change in another process that is killed at a step."""
    program = CHANGE.format(test=__file__)
    child = subprocess.run(
        [sys.executable, '-c', program, step, str(times)],
        env=ENVIRONMENT,
        cwd='/',
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr


KILLS = [
    *[(step, 0) for step in (*transaction.STEPS, 'restore')],
    *[
        pytest.param(step, times, marks=pytest.mark.long)
        for step, times in (
            ('prepare', 1), ('prepare', 2), ('install', 1), ('install', 2), ('reload', 2),
            ('answer', 1), ('answer', 3),
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize(('step', 'times'), KILLS)
def test_killed_and_repaired(step: Any, times: Any) -> None:
    before = everything()
    killed(step, times)
    begun = [entry.id for entry in history.interrupted()]
    assert [entry.id for entry in transaction.repair()] == begun
    assert everything() == before
    assert_daemons_run()
    assert all(entry.state == 'repaired' for entry in history.list_entries())
    assert transaction.repair() == ()


def test_killed_when_all_was_done_but_tidying_up() -> None:
    killed('tidy')
    assert any('.freedombox-email-' in path for path in everything())
    assert transaction.repair() == ()
    assert not any('.freedombox-email-' in path for path in everything())
    assert history.list_entries()[0].state == 'done'
    assert_daemons_run('killed')


@pytest.mark.parametrize('step', [
    'install', pytest.param('finish', marks=pytest.mark.long),
])  # fmt: skip
def test_killed_and_repaired_by_the_next_change(step: Any) -> None:
    killed(step)
    apply(wanted('one'))
    assert_daemons_run('one')
    assert [entry.state for entry in history.list_entries()] == ['done', 'repaired']


def test_killed_and_repaired_at_the_next_start() -> None:
    before = everything()
    killed('answer')
    run('systemctl', 'stop', 'rspamd.service')
    done = subprocess.run(
        [sys.executable, RECOVER], env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    assert 'interrupted' in done.stdout
    assert everything() == before
    assert run('systemctl', 'show', '-P', 'ActiveState', 'rspamd.service') == 'inactive'
    run('systemctl', 'start', 'rspamd.service')
    assert_daemons_run()


def test_edit_made_after_the_crash_is_kept() -> None:
    before = everything()
    killed('reload')
    with MAIN_CF.open('a') as stream:
        stream.write('# mine, after the crash\n')
    edited = files.read(str(MAIN_CF))
    transaction.repair()
    assert files.read(str(MAIN_CF)) == edited
    assert everything().items() - before.items() == {(str(MAIN_CF), edited.digest)}
    assert str(MAIN_CF) in history.list_entries()[0].reason
    assert_daemons_run()


# --- an admin at work in the same files ---------------------------------------------------


def test_comments_and_keys_of_an_admin_survive_byte_for_byte() -> None:
    mine = '# caf\u00e9, mine\nbiff   =   no\n#  smtpd_banner = not this one\n\n\n   # indented\n'
    with MAIN_CF.open('a') as stream:
        stream.write(mine)
    apply(wanted('one'))
    assert mine in MAIN_CF.read_text()
    assert_daemons_run('one')
    transaction.undo(1, WantedState, 'tester')
    assert MAIN_CF.read_text().endswith(mine)


def _append(path: Path) -> None:
    with path.open('a') as stream:
        stream.write('# mine, meanwhile\n')


def _replace(path: Path) -> None:
    new = path.with_suffix('.new')
    new.write_text(path.read_text() + '# mine, meanwhile\n')
    new.replace(path)


@pytest.mark.parametrize('edit', [_append, _replace])
@pytest.mark.parametrize('step', [
    'install', *(pytest.param(step, marks=pytest.mark.long) for step in ('stage', 'journal')),
])  # fmt: skip
def test_edit_made_between_read_and_rename_wins(edit: Any, step: Any) -> None:
    def on_step(name: str) -> None:
        if name == step and 'meanwhile' not in MAIN_CF.read_text():
            edit(MAIN_CF)

    before = everything()
    with pytest.raises(MailError) as caught:
        apply(wanted('bad'), on_step)
    assert caught.value.code == 'changed-meanwhile'
    changed = everything().items() - before.items()
    assert [path for path, _digest in changed] == [str(MAIN_CF)]
    assert MAIN_CF.read_text().endswith('# mine, meanwhile\n')
    assert_daemons_run()
    apply(wanted('one'))
    assert_daemons_run('one')
    assert '# mine, meanwhile\n' in MAIN_CF.read_text()


def test_edit_of_the_second_file_takes_the_first_back() -> None:
    apply(wanted('one'))
    before = everything()
    seen: list[str] = []

    def on_step(name: str) -> None:
        seen.append(name)
        if seen.count('install') == 2 and seen[-1] == 'install':
            _append(DOVECOT_CONF)

    with pytest.raises(MailError) as caught:
        apply(wanted('bad'), on_step)
    assert caught.value.code == 'changed-meanwhile'
    assert [path for path, _ in everything().items() - before.items()] == [str(DOVECOT_CONF)]
    assert_daemons_run('one')


def test_file_removed_meanwhile_stays_removed() -> None:
    apply(wanted('one'))

    def on_step(name: str) -> None:
        if name == 'install':
            OWN_FILE.unlink(missing_ok=True)

    with pytest.raises(MailError) as caught:
        apply(wanted('bad'), on_step)
    assert caught.value.code == 'changed-meanwhile'
    assert not OWN_FILE.exists()
    assert_daemons_run('one')


def test_file_that_no_lens_can_read() -> None:
    apply(wanted('one'))
    garbage = 'passdb {{{ \x01\n } = =\n'
    with Path('/etc/dovecot/dovecot.conf').open('a') as stream:
        stream.write(garbage)
    edit = DovecotConf('/etc/dovecot/dovecot.conf', (DovecotSetting('login_greeting', 'x'),))
    before = everything()
    with pytest.raises(MailError) as caught:
        apply(wanted('bad') + WantedState((edit,)))
    assert '/etc/dovecot/dovecot.conf' in caught.value.sentence + caught.value.detail
    assert everything() == before
    assert history.list_entries()[0].state == 'done'


def test_file_that_is_not_there() -> None:
    edit = MainCf({'biff': 'no'}, '/etc/postfix/no-such.cf')
    with refused('file-missing'):
        apply(wanted('bad') + WantedState((edit,)))
