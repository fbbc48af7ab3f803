# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of the virus scanner (ClamAV), which Rspamd asks about each message.

It runs by a unit of ours with settings of our own: Debian's instance takes orders, also to end,
from every local process. The file is there only while the optional part is installed, and
the units look for it (`ConditionPathExists=`).
"""

from ..directory.component import ANTIVIRUS
from .facts import Facts
from .postfix import MESSAGE_SIZE
from .state import Port, Unit, WantedState, made

SETTINGS = '/etc/freedombox-email/clamd.conf'
SOCKET = '/run/freedombox-email-clamd.sock'
SCAN_SECONDS = 12
"""For a message; what was not looked at by then counts as clean."""
_LARGEST = 2 * MESSAGE_SIZE
"""More than Rspamd takes: a message that is too large for the scanner would wait for ever."""
READY = Port(0, 'PONG', path=SOCKET, ask='PING\n')
"""Silent until it has read its signatures, which takes half a minute."""
UNIT = 'freedombox-email-clamd.service'


def _text(facts: Facts) -> str:
    """The settings in the manner of clamd.conf(5)."""
    values = {
        'Foreground': 'yes',
        'LogTime': 'no',
        'DatabaseDirectory': '/var/lib/clamav',
        'LocalSocket': SOCKET,  # systemd opens it; without one it does not start
        'MaxThreads': min(facts.cores, 4),
        'ReadTimeout': 30,
        'CommandReadTimeout': 30,
        'ExitOnOOM': 'yes',
        # New signatures would otherwise be loaded beside the old ones: twice the memory.
        'ConcurrentDatabaseReload': 'no',
        'StreamMaxLength': _LARGEST,
        'MaxScanSize': _LARGEST,
        'MaxFileSize': _LARGEST,
        'MaxScanTime': SCAN_SECONDS * 1000,
    }
    return ''.join(f'{key} {value}\n' for key, value in values.items())


def antivirus_state(facts: Facts) -> WantedState:
    """The wanted state of the virus scanner."""
    if ANTIVIRUS.name not in facts.components:
        return WantedState(absent=(SETTINGS,))
    unit = Unit(UNIT, (SETTINGS,), restart=True)
    return WantedState((made(SETTINGS, _text(facts)),), units=(unit,))
