# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether the processes of a unit have done what they were told, and wait for more.

A service that is told to read its settings anew gets a signal, and systemd takes the reload for
done as soon as that is sent. Whether the service outlives it shows when no process of its has a
signal left to take, none wants the processor or waits for a disk, and none has used the
processor between two looks.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_CGROUPS = Path('/sys/fs/cgroup')
_PROCESSES = Path('/proc')
_WAITING = frozenset('SIT')
"""States of processes that wait for something other than the processor or a disk."""
_PENDING = re.compile(r'^(?:SigPnd|ShdPnd):\s*0*[1-9a-f]', re.MULTILINE)
_STATE = re.compile(r'^State:\s*(\w)', re.MULTILINE)
_USED = re.compile(r'^usage_usec (\d+)$', re.MULTILINE)


def is_waiting(status: str) -> bool:
    """Whether a process has nothing to do, by its status in proc(5)."""
    state = _STATE.search(status)
    return bool(state and state[1] in _WAITING and not _PENDING.search(status))


def _status(process: str) -> str:
    """The status of a process, '' if it is gone or hidden."""
    try:
        return (_PROCESSES / process / 'status').read_text(encoding='utf-8', errors='replace')
    except OSError:
        return ''


class Rest:
    """The looks at the processes of one unit."""

    def __init__(self) -> None:
        self._used = ''

    def has_come(self, properties: Mapping[str, Any]) -> bool:
        """Whether nothing went on since the last look; the first one says no."""
        group = str(properties.get('ControlGroup', ''))
        if not group:
            return False
        try:
            return self._is_still(_CGROUPS / group.lstrip('/'), str(properties.get('MainPID', 0)))
        except OSError:
            return False

    def _is_still(self, group: Path, main: str) -> bool:
        """Whether no process of a group did anything since the last look; the main one is there."""
        used = _USED.search((group / 'cpu.stat').read_text(encoding='ascii'))
        before, self._used = self._used, used[1] if used else ''
        processes = (group / 'cgroup.procs').read_text(encoding='ascii').split()
        return (
            bool(self._used)
            and before == self._used
            and main in (*processes, '0')
            and all(is_waiting(_status(process)) for process in processes)
        )
