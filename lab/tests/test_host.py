# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lab goes on where it was stopped, also where it was killed in the middle of a build."""

import subprocess
from pathlib import Path

import pytest

from lab import base, settings
from lab.host import mounts_below, remove_tree, wait_for

_ODD_TIME = '86413'


def test_a_build_that_was_killed_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, 'CACHE', tmp_path)
    final = base.folder('thing', '1')
    partial = final.with_name('.thing-1.partial')
    other = tmp_path / 'other'
    (partial / 'dev').mkdir(parents=True)
    other.mkdir()
    (other / 'precious').touch()
    subprocess.run(['mount', '--bind', other, partial / 'dev'], check=True)

    base.obtain('thing', '1', lambda target: (target / 'made').touch())

    assert (final / 'made').exists()
    assert not partial.exists()
    assert (other / 'precious').exists(), 'What was mounted in the half-built base was deleted.'


def test_removing_a_folder_unmounts_mounts_upon_mounts(tmp_path: Path) -> None:
    folder = tmp_path / 'a folder'
    (folder / 'in').mkdir(parents=True)
    for target in (folder, folder):
        subprocess.run(['mount', '-t', 'tmpfs', 'none', target], check=True)
    (folder / 'below').mkdir()
    subprocess.run(['mount', '-t', 'tmpfs', 'none', folder / 'below'], check=True)
    assert len(mounts_below(folder)) == 3

    remove_tree(folder)

    assert not folder.exists()


def test_a_killed_build_leaves_no_process_and_no_mount(tmp_path: Path) -> None:
    script = (
        'import subprocess, sys; from lab.host import contained; '
        'subprocess.run(contained(sys.argv[1:]))'
    )
    work = f'mount -t tmpfs none {tmp_path} && touch {tmp_path}/up && exec sleep {_ODD_TIME}'
    repository = Path(__file__).parents[2]
    builder = subprocess.Popen(['python3', '-c', script, 'sh', '-c', work], cwd=repository)
    wait_for('the build to run', _worker, 10)

    builder.kill()
    builder.wait()

    wait_for('the build to be gone', lambda: not _worker(), 10)
    assert not mounts_below(tmp_path)


def _worker() -> str:
    done = subprocess.run(
        ['pgrep', '--full', f'^sleep {_ODD_TIME}'], capture_output=True, text=True, check=False
    )
    return done.stdout
