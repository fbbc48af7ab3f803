# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hands messages to Dovecot as Postfix does (LMTP), and takes the time of each delivery.

A program of its own, run as root in a box: with the socket, a recipient, a number and a line for
their header as its arguments. It prints the milliseconds of each delivery.
"""

import json
import smtplib
import sys
import time

BODY = 'Hello, this is a line of a message that is delivered.\r\n' * 150


def main() -> None:
    """Deliver so many messages to a recipient, over one connection."""
    place, recipient, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    line, times = f'{sys.argv[4]}\r\n' if sys.argv[4:] and sys.argv[4] else '', []
    with smtplib.LMTP(place) as session:
        session.ehlo('bench.test')
        for each in range(number):
            head = (f'From: news@outside.test\r\nTo: {recipient}\r\nSubject: Delivery {each}\r\n'
                    f'{line}Message-ID: <{time.time_ns()}@outside.test>\r\n\r\n')  # fmt: skip
            begin = time.perf_counter()
            session.sendmail('news@outside.test', [recipient], head + BODY)
            times.append(1000 * (time.perf_counter() - begin))
    print(json.dumps(times))


if __name__ == '__main__':
    main()
