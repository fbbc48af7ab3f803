# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files of the working tree that go into the package."""

import subprocess
from pathlib import Path

import pytest

from lab import package, settings


@pytest.fixture
def tree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A working tree with one file under version control."""
    subprocess.run(['git', 'init', '-q', tmp_path], check=True)
    (tmp_path / '.gitignore').write_text('ignored\n')
    (tmp_path / 'tracked').write_text('1')
    subprocess.run(['git', '-C', tmp_path, 'add', '.'], check=True)
    monkeypatch.setattr(package, 'CHECKOUT', tmp_path)
    return tmp_path


def test_files_are_the_tracked_and_the_new_ones(tree: Path) -> None:
    (tree / 'new file').write_text('2')
    (tree / 'ignored').write_text('3')
    assert package.files() == ['.gitignore', 'new file', 'tracked']


def test_a_deleted_file_is_left_out_and_a_link_into_nowhere_is_not(tree: Path) -> None:
    (tree / 'tracked').unlink()
    (tree / 'link').symlink_to('/usr/share/elsewhere')
    assert package.files() == ['.gitignore', 'link']


def test_the_digest_tells_contents_names_and_modes_apart(tree: Path) -> None:
    (tree / 'other').write_text('1')
    before = package.digest(['tracked'])
    assert package.digest(['tracked']) == before
    assert package.digest(['other']) != before
    (tree / 'tracked').chmod(0o755)
    assert package.digest(['tracked']) != before
    (tree / 'tracked').chmod(0o644)
    (tree / 'tracked').write_text('2')
    assert package.digest(['tracked']) != before


def test_the_digest_sees_where_a_link_leads(tree: Path) -> None:
    (tree / 'link').symlink_to('a')
    before = package.digest(['link'])
    (tree / 'link').unlink()
    (tree / 'link').symlink_to('b')
    assert package.digest(['link']) != before


def test_a_package_is_built_once_for_the_same_files(
    tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache, target = tmp_path_factory.mktemp('cache'), tmp_path_factory.mktemp('target')
    monkeypatch.setattr(settings, 'CACHE', cache)
    built: list[bool] = []

    def build(folder: Path, source: bool) -> None:
        built.append(source)
        (folder / f'freedombox-email_{len(built)}_all.deb').touch()

    monkeypatch.setattr(package, '_build', build)
    (tree / 'setup.py').write_text('1')
    (target / 'freedombox-email_0_all.deb').touch()
    assert [package.build(target).name for _time in range(2)] == ['freedombox-email_1_all.deb'] * 2
    (tree / 'tracked').write_text('is in no package')
    assert package.build(target).name == 'freedombox-email_1_all.deb'
    assert package.build(target, source=True).name == 'freedombox-email_2_all.deb'
    (tree / 'setup.py').write_text('2')
    assert package.build(target).name == 'freedombox-email_3_all.deb'
    assert built == [False, True, False]
