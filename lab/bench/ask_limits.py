# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asks the policy service as Postfix does, and takes the time of its answers.

A program of its own, run as root in a box: with the socket, a mailbox and a number as its
arguments. It prints milliseconds for each message: a question about the recipient, one at the end.
"""

import json
import socket
import sys
import time


def _ask(line: socket.socket, **asked: str) -> bytes:
    text = ''.join(f'{name}={value}\n' for name, value in asked.items())
    line.sendall(f'request=smtpd_access_policy\n{text}\n'.encode())
    answer = b''
    while not answer.endswith(b'\n\n'):
        answer += line.recv(4096)
    return answer


def main() -> None:
    """Ask about so many messages, each to a stranger."""
    place, login, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    mark, times = f'{time.time_ns():x}', []
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(place)
        for each in range(number):
            common = {'sasl_username': login, 'sender': login, 'instance': f'{mark}.{each}'}
            recipient = f'{mark}-{each}@outside.test'
            begin = time.perf_counter()
            _ask(line, protocol_state='RCPT', recipient=recipient, **common)
            answer = _ask(line, protocol_state='END-OF-MESSAGE', recipient=recipient,
                          recipient_count='1', size='8192', queue_id=f'4BENCH{each:08d}',
                          **common)  # fmt: skip
            times.append(1000 * (time.perf_counter() - begin))
            if answer != b'action=DUNNO\n\n':
                sys.exit(f'held or refused: {answer!r}')
    print(json.dumps(times))


if __name__ == '__main__':
    main()
