# SPDX-License-Identifier: AGPL-3.0-or-later
"""Teaches the spam filter messages, or has it judge some as Postfix would have it.

A program of its own, run as root in a box. It reads what to do from standard input, and prints a
number of learned messages or, for each message, the score of the mailbox's own memory.
"""

import base64
import http.client
import json
import socket
import sys
from typing import Any

_SOCKET = '/run/rspamd/controller.sock'
_SYMBOLS = ('FREEDOMBOX_OWN_SPAM', 'FREEDOMBOX_OWN_HAM')


def _ask(path: str, headers: dict[str, str], message: bytes) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection('localhost')
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(_SOCKET)
    connection.request('POST', path, message, headers)
    answer = connection.getresponse()
    found: dict[str, Any] = json.loads(answer.read() or b'{}')
    connection.close()
    return answer.status, found


def _teach(kind: str, memory: str, messages: list[bytes]) -> int:
    headers = {'Classifier': 'own', 'Memory': memory}
    return sum(_ask(f'/learn{kind}', headers, each)[0] == 200 for each in messages)


def _judge(address: str, message: bytes) -> float:
    headers = {'Rcpt': address, 'From': 'carol@outside.test', 'IP': '198.51.100.20',
               'Helo': 'mail.outside.test', 'Pass': 'all'}  # fmt: skip
    symbols = _ask('/checkv2', headers, message)[1].get('symbols', {})
    return sum(float(symbols.get(name, {}).get('score', 0)) for name in _SYMBOLS)


def main() -> None:
    """Do what standard input says."""
    asked = json.load(sys.stdin)
    messages = [base64.b64decode(each) for each in asked['messages']]
    if 'address' in asked:
        print(json.dumps([_judge(asked['address'], each) for each in messages]))
    else:
        print(_teach(asked['kind'], asked['memory'], messages))


if __name__ == '__main__':
    main()
