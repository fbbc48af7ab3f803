# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web process in an attacker's hands: its user, and the door to root it may knock at."""

import json
from typing import Any

import pytest

from tests.conftest import Host

REFUSALS = [
    pytest.mark.journal_may_say(r'freedombox-privileged.*Error running action: email'),
    pytest.mark.journal_may_say(r'^ {20,}'),
]
"""FreedomBox logs what root refuses as an error, with a traceback."""

_CALL = """
import json, sys
from plinth.modules.email import privileged
from plinth.modules.email.errors import MailError
verb, arguments = json.loads(sys.argv[1])
try:
    print(json.dumps({'result': getattr(privileged, verb)(*arguments)}))
except MailError as error:
    print(json.dumps({'code': error.code}))
except Exception as error:
    print(json.dumps({'code': type(error).__name__}))
"""


def run(box: Host, *command: str, check: bool = True) -> str:
    """Run a command as the user of the web process."""
    return box.run('runuser', '-u', 'plinth', '--', *command, check=check)


def ask_root(box: Host, verb: str, *arguments: Any) -> dict[str, Any]:
    """Ask root for a verb, as the web process does; return the result, or the error's code."""
    said = run(box, 'python3', '-c', _CALL, json.dumps([verb, arguments]))
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    return answer
