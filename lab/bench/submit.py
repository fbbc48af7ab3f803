# SPDX-License-Identifier: AGPL-3.0-or-later
"""The users: hand in mail on port 465 after a login, each message to a stranger, and count.

It is run as a program of its own in the network of the machine `outside`, with the plan as JSON
on its input, and prints what it saw as JSON. It needs Python alone.
"""

import json
import random
import smtplib
import ssl
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

_WORDS = ('harbour', 'lamp', 'forty', 'quiet', 'meadow', 'under', 'glass', 'letter', 'today')


@dataclass(frozen=True)
class Handover:
    """A plan: who hands in mail, how much, and to whom; `{}` in `recipient` is a number."""

    host: str
    people: list[list[str]]
    recipient: str
    count: int
    size: int
    seed: int


@dataclass
class HandedOver:
    """The result; `answers` counts the refusals by the host's words."""

    taken: int = 0
    seconds: float = 0
    answers: dict[str, int] = field(default_factory=dict)


def _message(sender: str, recipient: str, number: int, chance: random.Random, size: int) -> str:
    lines = [' '.join(chance.choices(_WORDS, k=9)) for _ in range(size // 55)]
    head = [f'From: <{sender}>', f'To: <{recipient}>', f'Subject: Message {number}',
            f'Message-ID: <{number}.{chance.random()}@bench>']  # fmt: skip
    return '\r\n'.join([*head, '', *lines])


def _open(plan: Handover, login: str, password: str) -> smtplib.SMTP_SSL:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    session = smtplib.SMTP_SSL(plan.host, 465, context=context, timeout=60)
    session.login(login, password)
    return session


def run(plan: Handover) -> HandedOver:
    """Have each person hand in their part in one session."""
    found, lock = HandedOver(), threading.Lock()

    def hand_in(number: int, login: str, session: smtplib.SMTP_SSL) -> None:
        chance = random.Random(plan.seed + number)  # noqa: S311
        for each in range(plan.count // len(plan.people)):
            recipient = plan.recipient.format(f'{plan.seed}-{number}-{each}')
            try:
                text = _message(login, recipient, each, chance, plan.size)
                session.sendmail(login, [recipient], text)
                answer = ''
            except (smtplib.SMTPException, OSError) as error:
                answer = f'{type(error).__name__}: {error}'
            with lock:
                if answer:
                    found.answers[answer] = found.answers.get(answer, 0) + 1
                else:
                    found.taken += 1

    sessions = [_open(plan, *person) for person in plan.people]
    begin = time.monotonic()
    threads = [
        threading.Thread(target=hand_in, args=(number, person[0], session))
        for number, (person, session) in enumerate(zip(plan.people, sessions, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.monotonic() - begin
    return found


if __name__ == '__main__':
    print(json.dumps(asdict(run(Handover(**json.load(sys.stdin))))))
