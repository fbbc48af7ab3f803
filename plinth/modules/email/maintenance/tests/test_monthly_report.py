# SPDX-License-Identifier: AGPL-3.0-or-later
"""The choice whether the monthly report is sent."""

from pathlib import Path

from .. import monthly_report


def test_it_is_on_until_it_is_turned_off(tmp_path: Path) -> None:
    path = tmp_path / 'settings' / 'off'
    assert monthly_report.is_on(path)
    for on in (False, False, True, True):
        monthly_report.choose(on, path)
        assert monthly_report.is_on(path) is on
