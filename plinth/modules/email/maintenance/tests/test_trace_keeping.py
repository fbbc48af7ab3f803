# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long stories are kept: chosen by an administrator, or the usual."""

from pathlib import Path

import pytest

from ...errors import MailError
from ..trace_keeping import TraceKeeping, read, write


def test_chosen_values_come_back(tmp_path: Path) -> None:
    path = tmp_path / 'folder' / 'trace.json'
    assert read(path) == TraceKeeping()
    write(TraceKeeping(7, 100), path)
    assert read(path) == TraceKeeping(7, 100)
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(('days', 'megabytes'), [(0, 100), (366, 100), (7, 9), (7, 20_001)])
def test_values_have_bounds(days: int, megabytes: int) -> None:
    with pytest.raises(MailError):
        TraceKeeping(days, megabytes)


@pytest.mark.parametrize('text', ['', '[]', '{"days": 0, "megabytes": 10, "subjects": false}'])
def test_a_damaged_file_counts_as_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / 'trace.json'
    path.write_text(text)
    assert read(path) == TraceKeeping()
