# SPDX-License-Identifier: AGPL-3.0-or-later
"""The room for a new program: seen, unknown, and too little."""

from pathlib import Path

import pytest

from plinth.modules.email.system.free_room import Room, look


def test_memory_is_what_programs_can_still_have(tmp_path: Path) -> None:
    meminfo = tmp_path / 'meminfo'
    meminfo.write_text('MemTotal:  4000000 kB\nMemAvailable:  1000000 kB\n')
    found = look(meminfo, str(tmp_path))
    assert found.memory_mb == 1024
    assert found.disk_mb is not None


def test_what_cannot_be_seen_is_unknown(tmp_path: Path) -> None:
    assert look(tmp_path / 'none', str(tmp_path / 'none')) == Room()


@pytest.mark.parametrize(
    ('there', 'lacking'),
    [
        (Room(1000, 1000), ''),
        (Room(999, 1000), 'memory'),
        (Room(1000, 999), 'disk'),
        (Room(0, 0), 'memory'),
        (Room(), ''),
    ],
)
def test_too_little_is_told(there: Room, lacking: str) -> None:
    assert there.lacks(1000, 1000) == lacking
