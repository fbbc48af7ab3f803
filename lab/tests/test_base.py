# SPDX-License-Identifier: AGPL-3.0-or-later
"""A base is found only when it is complete, and goes only when nothing uses it."""

import os
import threading
import time
from pathlib import Path

import pytest

from lab import base, settings


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keep the tests out of the real cache."""
    monkeypatch.setattr(settings, 'CACHE', tmp_path)
    return tmp_path


def fill(target: Path) -> None:
    (target / 'root').mkdir()


def test_a_base_is_built_once() -> None:
    first = base.obtain('kind', 'key', fill)
    assert (first / 'root').is_dir()

    def never(target: Path) -> None:
        raise AssertionError(f'{target} is built again')

    assert base.obtain('kind', 'key', never) == first


def test_a_half_built_base_is_never_found() -> None:
    def fails(target: Path) -> None:
        fill(target)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        base.obtain('kind', 'key', fails)
    assert not base.folder('kind', 'key').exists()
    assert base.obtain('kind', 'key', fill).is_dir()


def test_who_wants_a_base_that_is_being_built_waits_for_it() -> None:
    begun = threading.Event()
    built: list[Path] = []

    def slow(target: Path) -> None:
        begun.set()
        others[1].start()
        others[1].join(0.2)
        fill(target)
        built.append(target)

    others = [
        threading.Thread(target=base.obtain, args=('kind', 'key', build)) for build in (slow, fill)
    ]
    others[0].start()
    assert begun.wait(5)
    for thread in others:
        thread.join(5)
    assert len(built) == 1
    assert (base.folder('kind', 'key') / 'root').is_dir()


def test_other_ingredients_make_another_key() -> None:
    assert base.key('a', 'b') != base.key('ab') != base.key('a', 'c')


def layers(cache: Path, lab: str, *paths: Path) -> None:
    folder = cache / 'machines' / lab / 'box'
    folder.mkdir(parents=True)
    (folder / 'layers').write_text('\n'.join(str(path / 'root') for path in paths))


def age(path: Path) -> None:
    os.utime(path, (0, 0))


def test_pruning_keeps_what_any_lab_uses(cache: Path) -> None:
    old, used, kept, tools = bases = [
        base.obtain(kind, 'key', fill) for kind in ('old', 'used', 'kept', 'tools')
    ]
    for path in bases:
        age(path)
    layers(cache, '2', used)
    base.prune(kept)
    assert {path for path in bases if path.exists()} == {used, kept, tools}
    assert not old.exists()


def test_pruning_keeps_what_another_lab_is_about_to_use() -> None:
    new = base.obtain('new', 'key', fill)
    base.prune(base.folder('none', 'key'))
    assert new.exists()


def test_bases_of_each_edit_are_kept_for_a_shorter_time() -> None:
    app, other = (base.obtain(kind, 'key', fill) for kind in ('app', 'other'))
    for path in (app, other):
        os.utime(path, (time.time() - 3 * 3600,) * 2)
    base.prune(base.folder('none', 'key'))
    assert (app.exists(), other.exists()) == (False, True)
