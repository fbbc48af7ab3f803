# SPDX-License-Identifier: AGPL-3.0-or-later
"""Units of ours beside the mail services: sockets that are asked while mail passes, timers, paths.

systemd starts them with a mail service, for they stand in its folder `*.service.wants`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path('/usr/lib/systemd/system')
_SWITCH = re.compile(r'(?m)^ConditionPathExists=(/.+)$')
LEADERS = ('postfix', 'dovecot', 'rspamd')
"""Services whose start brings the helpers along."""


def wanted(running: Mapping[str, bool], folder: Path = FOLDER) -> list[str]:
    """The helpers that should run beside the services that do."""
    return sorted(
        path.name
        for leader in LEADERS
        if running.get(leader, False)
        for path in (folder / f'{leader}.service.wants').glob('freedombox-email-*')
        if not _is_off(path)
    )


def _is_off(unit: Path) -> bool:
    """Whether a unit is not to run, as the file that turns it on is not there."""
    files = _SWITCH.findall(unit.read_text(encoding='utf-8'))
    return any(not Path(each).exists() for each in files)
