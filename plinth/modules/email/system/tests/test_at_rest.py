# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processes that have something to do, and those that wait."""

import os
from pathlib import Path

import pytest

from .. import at_rest

STATUS = (
    'Name:\tx\nState:\t{state} (x)\nSigPnd:\t{own}\nShdPnd:\t{shared}\nSigBlk:\t0000000000010000\n'
)
NONE, HANGUP, KILL = '0' * 16, f'{1:016x}', f'{1 << 8:016x}'


@pytest.mark.parametrize(
    ('state', 'own', 'shared', 'waits'),
    [
        ('S', NONE, NONE, True),
        ('R', NONE, NONE, False),
        ('D', NONE, NONE, False),
        ('Z', NONE, NONE, False),
        ('S', NONE, HANGUP, False),
        ('S', KILL, NONE, False),
    ],
)
def test_a_process_waits(state: str, own: str, shared: str, waits: bool) -> None:
    assert at_rest.is_waiting(STATUS.format(state=state, own=own, shared=shared)) is waits


def test_a_process_that_is_gone_does_not_wait() -> None:
    assert not at_rest.is_waiting('')


def _group(folder: Path, used: int, *processes: int) -> dict[str, object]:
    group = folder / 'x.service'
    group.mkdir(exist_ok=True)
    (group / 'cpu.stat').write_text(f'usage_usec {used}\nuser_usec 1\n')
    (group / 'cgroup.procs').write_text(''.join(f'{each}\n' for each in processes))
    return {'ControlGroup': '/x.service', 'MainPID': processes[0] if processes else 7}


@pytest.fixture(autouse=True)
def _waiting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(at_rest, '_CGROUPS', tmp_path)
    monkeypatch.setattr(
        at_rest, '_status', lambda _process: STATUS.format(state='S', own=NONE, shared=NONE)
    )


def test_rest_has_come_when_nothing_went_on_between_two_looks(tmp_path: Path) -> None:
    rest = at_rest.Rest()
    assert not rest.has_come(_group(tmp_path, 5, 1, 2)), 'there was no look before'
    assert not rest.has_come(_group(tmp_path, 6, 1, 2))
    assert rest.has_come(_group(tmp_path, 6, 1, 2))


def test_a_group_without_its_main_process_is_not_at_rest(tmp_path: Path) -> None:
    rest = at_rest.Rest()
    for _look in range(3):
        assert not rest.has_come({**_group(tmp_path, 5, 2), 'MainPID': os.getpid()})


def test_a_unit_without_processes_rests(tmp_path: Path) -> None:
    rest = at_rest.Rest()
    looks = [rest.has_come({**_group(tmp_path, 5), 'MainPID': 0}) for _look in range(2)]
    assert looks == [False, True]


def test_what_cannot_be_seen_is_no_rest() -> None:
    rest = at_rest.Rest()
    gone = {'ControlGroup': '/gone.service', 'MainPID': 1}
    assert not any(rest.has_come(each) for each in (gone, gone, {}, {}))
