# SPDX-License-Identifier: AGPL-3.0-or-later
"""People know before the click on Install."""

from pathlib import Path

import pytest

from plinth.modules.email.health import installation, ram, requirements


@pytest.mark.parametrize(
    ('kilobytes', 'words'),
    [(983_040, 'FreedomBox has 1006 MB.'), (786_432, 'will probably fail')],
)
def test_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kilobytes: int, words: str
) -> None:
    file = tmp_path / 'meminfo'
    file.write_text(f'MemTotal:  {kilobytes} kB\nMemFree:  1 kB\n')
    monkeypatch.setattr(ram, '_MEMINFO', file)
    monkeypatch.setattr(ram, '_LIMITS', ())
    monkeypatch.setattr(installation, '_kept', lambda: None)
    assert words in str(requirements.DESCRIPTION[-1])
    file.write_text('nonsense\n')
    assert str(requirements.DESCRIPTION[-1]) == 'Email needs 1 GB of memory.'


def test_the_limit_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = (tmp_path / 'container', tmp_path / 'services', tmp_path / 'missing')
    monkeypatch.setattr(ram, '_LIMITS', limits)
    limits[0].write_text('max\n')
    limits[1].write_text('768000000\n')
    assert ram.there_mb() == 768


def test_there_are_five_things_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, '_kept', lambda: None)
    known, *things, _memory = map(str, requirements.DESCRIPTION)
    assert '{' not in known
    assert len(things) == 5
