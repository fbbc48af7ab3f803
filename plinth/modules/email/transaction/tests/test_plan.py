# SPDX-License-Identifier: AGPL-3.0-or-later
"""The changes to make, and how they read; files of ours need no grammar."""

import grp
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.config.state import LastLine, MainCf, WantedState, WholeFile, made
from plinth.modules.email.errors import MailError
from plinth.modules.email.system.files import ABSENT, File
from plinth.modules.email.transaction import plan
from plinth.modules.email.transaction.plan import FileChange


def _whole(path: Path, content: str = 'ours\n', mode: int = 0o644) -> WholeFile:
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    return WholeFile(str(path), content, mode, user, group)


def test_only_what_differs_is_changed(tmp_path: Any) -> None:
    same, other, gone = tmp_path / 'same', tmp_path / 'other', tmp_path / 'gone'
    for path in (same, other, gone):
        path.write_text('ours\n')
        path.chmod(0o644)
    state = WantedState(
        (_whole(same), _whole(other, 'new\n'), _whole(tmp_path / 'new')),
        (str(gone), str(tmp_path / 'never')),
    )
    changes = plan.changes(state)
    assert [Path(change.path).name for change in changes] == ['other', 'new', 'gone']
    assert [change.after.kind for change in changes] == ['file', 'file', 'absent']


def test_wrong_mode_is_a_change(tmp_path: Any) -> None:
    path = tmp_path / 'a'
    path.write_text('ours\n')
    path.chmod(0o666)
    (change,) = plan.changes(WantedState((_whole(path, mode=0o600),)))
    assert 'mode 0666' in change.diff
    assert 'mode 0600' in change.diff


def test_last_edit_of_a_file_holds(tmp_path: Any) -> None:
    path = tmp_path / 'a'
    (change,) = plan.changes(WantedState((_whole(path, 'one\n'), _whole(path, 'two\n'))))
    assert change.after.content == b'two\n'


def test_wanting_and_not_wanting_a_file_is_a_mistake(tmp_path: Any) -> None:
    with pytest.raises(ValueError, match='Both wanted and unwanted'):
        plan.changes(WantedState((_whole(tmp_path / 'a'),), (str(tmp_path / 'a'),)))


def test_link_is_replaced_by_a_file_of_ours(tmp_path: Any) -> None:
    (tmp_path / 'target').write_text('theirs\n')
    (tmp_path / 'link').symlink_to('target')
    (change,) = plan.changes(WantedState((_whole(tmp_path / 'link'),)))
    assert change.before.kind == 'link'
    assert change.after.kind == 'file'


def test_keys_are_not_set_through_a_link_nor_in_a_missing_file(tmp_path: Any) -> None:
    (tmp_path / 'link').symlink_to('nowhere')
    for name, code in (('link', 'not-a-file'), ('missing', 'file-missing')):
        with pytest.raises(MailError) as caught:
            plan.changes(WantedState((MainCf({'biff': 'no'}, str(tmp_path / name)),)))
        assert caught.value.code == code


def test_unknown_owner_is_named(tmp_path: Any) -> None:
    with pytest.raises(MailError) as caught:
        plan.changes(WantedState((WholeFile(str(tmp_path / 'a'), '', 0o644, 'no-such-user'),)))
    assert caught.value.code == 'unknown-owner'


@pytest.mark.parametrize(
    ('before', 'after', 'lines'),
    [
        (b'a\nb\n', b'a\nc\n', ['-b', '+c']),
        (b'a', b'a\nb', ['+b']),
        (b'a\x0bb\n', b'a\x0bc\n', ['-a\x0bb', '+a\x0bc']),
    ],
)
def test_diff_shows_changed_lines(before: Any, after: Any, lines: Any) -> None:
    text = FileChange('/x', File('file', before), File('file', after)).diff
    assert [line for line in text.split('\n')[3:] if line[:1] in ('-', '+')] == lines


def test_new_and_removed_files_say_so() -> None:
    assert '--- /dev/null' in FileChange('/x', ABSENT, File('file', b'a\n')).diff
    assert '+++ /dev/null' in FileChange('/x', File('file', b'a\n'), ABSENT).diff
    assert '-link to /y' in FileChange('/x', File('link', b'/y'), ABSENT).diff


def test_endless_diff_is_cut() -> None:
    change = FileChange('/x', ABSENT, File('file', b'line\n' * 100_000))
    assert len(plan.diff((change,))) < plan.DIFF_LIMIT + 100


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        (None, 'last\n'),
        ('', 'last\n'),
        ('mine = 1;\n', 'mine = 1;\nlast\n'),
        ('mine = 1;', 'mine = 1;\nlast\n'),
        ('a\nlast\n\nb\n', 'a\n\nb\nlast\n'),
        (made('/x', 'ours\n').content, 'last\n'),
        ('caf\udce9\x0b\r\n', 'caf\udce9\x0b\r\nlast\n'),
    ],
)
def test_a_line_comes_last_and_all_else_stays(before: Any, after: str, tmp_path: Path) -> None:
    path = tmp_path / 'file'
    if before is not None:
        path.write_bytes(before.encode(errors='surrogateescape'))
    state = WantedState((LastLine(str(path), 'last'),))
    (change,) = plan.changes(state)
    assert change.after.text == after
    path.write_bytes(change.after.content)
    assert plan.changes(state) == ()


def test_a_line_is_not_put_into_a_link(tmp_path: Path) -> None:
    (tmp_path / 'link').symlink_to('/etc/passwd')
    with pytest.raises(MailError) as caught:
        plan.changes(WantedState((LastLine(str(tmp_path / 'link'), 'last'),)))
    assert caught.value.code == 'not-a-file'
