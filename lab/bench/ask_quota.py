# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asks the policy service about recipients as Postfix does, and takes the time of its answers.

A program of its own, run as root in a box: with the socket, a recipient and a number as its
arguments. It prints the milliseconds of each answer, and the last answer.
"""

import json
import socket
import sys
import time


def main() -> None:
    """Ask about a recipient so many times."""
    place, recipient, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    asked = (f'request=smtpd_access_policy\nprotocol_state=RCPT\nsender=news@outside.test\n'
             f'recipient={recipient}\nsize=8192\n\n').encode()  # fmt: skip
    times, answer = [], b''
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(place)
        for _ in range(number):
            begin = time.perf_counter()
            line.sendall(asked)
            answer = b''
            while not answer.endswith(b'\n\n'):
                answer += line.recv(4096)
            times.append(1000 * (time.perf_counter() - begin))
    print(json.dumps([times, answer.decode().strip()]))


if __name__ == '__main__':
    main()
