# SPDX-License-Identifier: AGPL-3.0-or-later
"""The clock, as the time service tells of it."""

from pathlib import Path

from .. import machine


def test_the_clock_is_right_once_a_time_server_set_it(tmp_path: Path) -> None:
    assert machine.is_synchronized(tmp_path / 'none') is None, 'not seen is not known'
    assert machine.is_synchronized(tmp_path) is False
    (tmp_path / 'synchronized').touch()
    assert machine.is_synchronized(tmp_path) is True
