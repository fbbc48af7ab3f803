# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sending limits of the lab's box: tests send more mail in an hour than a home does.

A test of a limit gives a mailbox of its own a value of its own.
"""

import json

from . import container
from .settings import Machine

PATH = '/etc/freedombox-email/limits.json'
_MOST = {'recipients_hour': 900_000, 'recipients_day': 900_000, 'first_time_day': 900_000}


def raise_limits(machine: Machine) -> None:
    """Have the box hold no mail of the tests."""
    command = ['install', '-D', '-m', '644', '/dev/stdin', PATH]
    container.execute(machine, command, stdin=json.dumps(_MOST))
