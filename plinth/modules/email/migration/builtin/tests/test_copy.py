# SPDX-License-Identifier: AGPL-3.0-or-later
"""The steps around Dovecot's copying; the copying itself is tested on a box, with Dovecot."""

import json
import types
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from plinth.modules.email.directory.accounts import User
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.errors import MailError, Reason
from plinth.modules.email.mailstore import dsync
from plinth.modules.email.migration.builtin import copy, displace, survey

ALICE = Mailbox('alice@one.test', owner='alice', owner_id='a', login='alice')


@pytest.fixture(name='box')
def fixture_box(tmp_path: Path, monkeypatch: Any) -> Any:
    """Provide a box whose programs only note that they were called."""
    root = tmp_path / 'vmail'
    root.mkdir()
    for name, value in {
        'MAIL_ROOT': root, 'STAGING': root / '.carry', 'DONE': tmp_path / 'carried',
        'OUR_CONFIGURATION': tmp_path / 'ours.conf',
    }.items():  # fmt: skip
        monkeypatch.setattr(copy, name, value)
    monkeypatch.setattr(displace, 'ETC', tmp_path / 'etc')
    monkeypatch.setattr(displace, 'OUR_CONFIGURATION', tmp_path / 'ours.conf')
    built_in(tmp_path)
    monkeypatch.setattr(survey, 'ROOT', tmp_path / 'mail')
    monkeypatch.setattr(survey, '_postconf', lambda _name: 'one.test, localhost')
    box = types.SimpleNamespace(root=root, path=tmp_path, ran=[], answers=[])
    store = MagicMock()
    store.__enter__.return_value = store
    store.users.return_value = (User('alice', 'a'),)
    store.search.return_value = (ALICE,)
    monkeypatch.setattr(copy, 'Store', lambda: store)
    monkeypatch.setattr('plinth.modules.email.migration.builtin.copy.os.fchown', lambda *_: None)
    monkeypatch.setattr(copy, '_program', lambda *command, **_: box.ran.append(command))
    monkeypatch.setattr(copy, 'pwd', MagicMock())

    def run_as(account: str, _name: str, command: Any, seconds: float) -> Any:
        assert 0 < seconds <= copy.COPY_SECONDS
        box.ran.append((account, *command))
        if 'backup' in command:
            target = Path(command[-1].removeprefix('maildir:'))
            (target / 'cur').mkdir(parents=True, exist_ok=True)
        return box.answers.pop(0) if box.answers else (0, '')

    monkeypatch.setattr(dsync, 'run_as', run_as)
    for name in ('alice', 'root', 'daemon'):
        folder = tmp_path / 'mail' / name / 'mail/mailboxes/INBOX/dbox-Mails'
        folder.mkdir(parents=True)
        if name != 'daemon':
            (folder / 'u.1').write_text('mail')
    return box


def built_in(path: Path) -> None:
    """Have the built-in app set up."""
    folder = path / 'etc/rspamd/local.d'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'redis.conf').write_text(
        '.include(priority=2,duplicate=merge) "$LOCAL_CONFDIR/local.d/freedombox-redis.conf"\n'
    )


def call(action: Any, *arguments: str) -> Any:
    """Call a function as root's door does."""
    return action(*arguments)


def test_survey(box: Any) -> None:
    found = call(copy.builtin_survey)
    assert found.to_json() == {
        'users': ['alice'], 'strangers': ['root'],
        'primary': 'one.test, localhost',
    }  # fmt: skip
    assert copy.BuiltinSurvey.from_json(found.to_json()) == found
    assert list(box.root.iterdir()) == []


def test_moved_addresses_come_back_as_they_were() -> None:
    moved = copy.MovedAddresses(2, 1, (Reason('domain-keeps', {'domain': 'two.test'}),))
    assert copy.MovedAddresses.from_json(json.loads(json.dumps(moved.to_json()))) == moved
    with pytest.raises(ValueError, match='problems'):
        copy.MovedAddresses.from_json({**moved.to_json(), 'problems': ['sales: Taken.']})


def test_no_room_is_said_before_anything_happens(box: Any, monkeypatch: Any) -> None:
    room = MagicMock(f_bavail=1, f_frsize=4096, f_files=0)
    monkeypatch.setattr('plinth.modules.email.migration.builtin.copy.os.statvfs', lambda _: room)
    with pytest.raises(MailError) as caught:
        call(copy.builtin_survey)
    assert caught.value.code == 'copy-no-room'
    assert 'Free up 100 MB' in caught.value.sentence
    assert box.ran == []


def test_a_copy_becomes_the_mailbox(box: Any) -> None:
    call(copy.builtin_copy, 'alice')
    assert not (box.root / 'one.test').exists()
    call(copy.builtin_place, 'alice')
    assert (box.root / 'one.test/alice/Maildir/cur').is_dir()
    assert not (box.root / '.carry/alice').exists()


def test_a_second_copy_is_merged(box: Any) -> None:
    call(copy.builtin_place, 'alice')
    call(copy.builtin_place, 'alice')
    merges = [command for command in box.ran if 'sync' in command]
    assert [command[0] for command in merges] == ['vmail']
    assert not (box.root / '.carry/alice').exists()


def test_who_was_served_is_skipped_once_ours_is_in_force(box: Any) -> None:
    call(copy.builtin_place, 'alice')
    assert call(copy.builtin_survey).users == ('alice',)
    (box.path / 'ours.conf').touch()
    assert call(copy.builtin_survey).users == ()
    call(copy.builtin_finish)
    assert call(displace.builtin_remove) == []
    with pytest.raises(MailError) as caught:
        call(copy.builtin_survey)
    assert caught.value.code == 'builtin-not-due'


VERBS = [
    *[name for name in sorted(vars(copy)) if name.startswith('builtin_')],
    'builtin_prepare', 'builtin_remove',
]  # fmt: skip


@pytest.mark.parametrize('ours', [True, False])
@pytest.mark.parametrize('verb', VERBS)
def test_nothing_is_carried_over_at_other_times(box: Any, verb: str, ours: bool) -> None:
    displace.rewrite(box.path / 'etc/rspamd/local.d/redis.conf', displace.gone)
    if ours:
        (box.path / 'ours.conf').touch()
    before = sorted(box.path.rglob('*'))
    action = getattr(copy if hasattr(copy, verb) else displace, verb)
    with pytest.raises(MailError) as caught:
        call(action, *(['alice'] if verb in ('builtin_copy', 'builtin_place') else []))
    assert caught.value.code == 'builtin-not-due'
    assert box.ran == []
    assert sorted(box.path.rglob('*')) == before


def test_what_keeps_the_built_in_app_in_force_goes_only_when_ours_is(box: Any) -> None:
    with pytest.raises(MailError, match='still in use'):
        call(displace.builtin_remove)
    assert displace.is_due()
    (box.path / 'ours.conf').touch()
    assert not displace.is_over()
    call(displace.builtin_remove)
    assert displace.is_over()


def test_a_take_over_goes_on_until_all_of_it_is_done(box: Any) -> None:
    """Also if it was cut short when nothing but the lines in Rspamd's files was left."""
    call(displace.builtin_prepare)
    (box.path / 'ours.conf').touch()
    call(copy.builtin_finish)
    assert call(copy.builtin_survey).users == ('alice',)


def test_a_restored_backup_of_the_built_in_app_is_carried_over(box: Any) -> None:
    (box.path / 'ours.conf').touch()
    call(displace.builtin_remove)
    built_in(box.path)
    assert call(copy.builtin_survey).users == ('alice',)


def test_root_itself_carries_mail_over_whenever_it_likes(box: Any) -> None:
    displace.rewrite(box.path / 'etc/rspamd/local.d/redis.conf', displace.gone)
    copy.place('alice')
    assert (box.root / 'one.test/alice/Maildir/cur').is_dir()


@pytest.mark.parametrize('link', ['.carry', 'one.test', 'one.test/alice'])
def test_root_changes_nothing_behind_a_link(box: Any, link: str) -> None:
    precious = box.path / 'precious'
    (precious / 'alice').mkdir(parents=True)
    before = [path.stat().st_mode for path in (precious, precious / 'alice')]
    (box.root / link).parent.mkdir(exist_ok=True)
    (box.root / link).symlink_to(precious)
    with pytest.raises(MailError) as caught:
        call(copy.builtin_place, 'alice')
    assert caught.value.code == 'path-not-plain'
    assert [path.stat().st_mode for path in (precious, precious / 'alice')] == before
    assert [path.name for path in precious.rglob('*')] == ['alice']


def test_dovecot_is_asked_again_after_it_mended_a_folder(box: Any) -> None:
    box.answers = [(75, 'Error: Rebuilding index'), (0, 'Error: Permission denied'), (0, '')]
    call(copy.builtin_copy, 'alice')
    assert len([command for command in box.ran if 'backup' in command]) == 3


def test_what_was_copied_is_placed_even_if_some_was_not(box: Any) -> None:
    box.answers = [(75, 'Error: No')] * dsync.TRIES
    with pytest.raises(MailError, match='Some mail of alice'):
        call(copy.builtin_place, 'alice')
    assert (box.root / 'one.test/alice/Maildir').is_dir()
    (box.path / 'ours.conf').touch()
    assert call(copy.builtin_survey).users == ('alice',)


def test_mail_that_arrives_during_the_first_copy_is_no_failure(box: Any) -> None:
    box.answers = [(2, '')] * dsync.TRIES
    call(copy.builtin_copy, 'alice')


@pytest.mark.parametrize('user', ['..', 'bob', '../mail/alice', ''])
def test_only_known_homes_are_read(box: Any, user: str) -> None:
    with pytest.raises(MailError):
        call(copy.builtin_copy, user)
    assert box.ran == []
