# SPDX-License-Identifier: AGPL-3.0-or-later
"""Daemons are asked again when a file changed, and their telling words are kept."""

import grp
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.maintenance import checker_answers, readable
from plinth.modules.email.system import files
from plinth.modules.email.system.programs import Ran
from plinth.modules.email.transaction import sandbox

DOVECOT = (
    'doveconf: Fatal: Error in configuration file /etc/dovecot/conf.d/9.conf line 1: Unknown x\n'
)


def test_the_lines_that_tell_are_kept_and_no_more() -> None:
    assert readable.telling(f'# a comment\n{DOVECOT}{DOVECOT}') == DOVECOT.strip()
    assert readable.telling('syntax is wrong') == 'syntax is wrong'
    assert len(readable.telling('fatal: ' + 'x' * 9000)) == readable.LONGEST


def test_it_is_asked_again_when_a_file_changed(tmp_path: Path, monkeypatch: Any) -> None:
    asked = []
    folder, checker = tmp_path / 'conf', tmp_path / 'checker'
    folder.mkdir()
    checker.touch()
    monkeypatch.setattr(readable, 'CHECKERS', {'Dovecot': (str(folder), ((str(checker),),))})
    kept = tmp_path / 'readable.json'
    monkeypatch.setattr(readable, 'PATH', kept)
    monkeypatch.setattr(files, 'write', lambda path, file: Path(path).write_bytes(file.content))

    def run(command: tuple[str, ...]) -> Ran:
        asked.append(command)
        return Ran(89, '', DOVECOT) if any(folder.iterdir()) else Ran(0, '', '')

    monkeypatch.setattr(sandbox, 'run', run)
    monkeypatch.setattr(grp, 'getgrnam', lambda _name: type('', (), {'gr_gid': 0}))
    assert readable.look() == readable.look() == ()
    assert len(asked) == 1
    (folder / 'x').touch()
    refusing = checker_answers.Unreadable('Dovecot', DOVECOT.strip())
    assert readable.look() == readable.look() == (refusing,)
    assert len(asked) == 2
    assert checker_answers.kept(kept) == readable.look(), 'the web interface reads the same'
    readable.look(again=True)
    assert len(asked) == 3


@pytest.mark.parametrize('text', ['', '[', '{}', '[1]', '[{"daemon": "x"}]', 'null'])
def test_a_damaged_file_says_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / 'readable.json'
    path.write_text(text)
    assert not checker_answers.kept(path)
