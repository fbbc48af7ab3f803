# SPDX-License-Identifier: AGPL-3.0-or-later
"""A base is found only when it is complete, and goes only when nothing uses it."""

import os
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
    assert list((settings.CACHE / 'bases').iterdir()) == []
    assert base.obtain('kind', 'key', fill).is_dir()


def test_other_ingredients_make_another_key() -> None:
    assert base.key('a', 'b') != base.key('ab') != base.key('a', 'c')


def layers(cache: Path, lab: str, *paths: Path) -> None:
    folder = cache / 'machines' / lab / 'box'
    folder.mkdir(parents=True)
    (folder / 'layers').write_text('\n'.join(str(path / 'root') for path in paths))


def test_pruning_keeps_what_any_lab_uses(cache: Path) -> None:
    old, used, kept, tools = [
        base.obtain(kind, 'key', fill) for kind in ('old', 'used', 'kept', 'tools')
    ]
    layers(cache, '2', used)
    base.prune(kept)
    assert {path for path in (old, used, kept, tools) if path.exists()} == {used, kept, tools}


def test_pruning_takes_only_what_no_process_builds_any_more(cache: Path) -> None:
    (cache / 'bases').mkdir()
    dead = cache / 'bases/.kind-key.partial-0'
    alive = cache / f'bases/.kind-key.partial-{os.getpid()}'
    dead.mkdir()
    alive.mkdir()
    base.prune(cache / 'bases/none')
    assert not dead.exists()
    assert alive.exists()
