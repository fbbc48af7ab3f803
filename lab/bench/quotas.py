# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cost of the question whether a recipient's mailbox has room.

All mailboxes have a quota, and the service has the notes on 500 of them to read. It is asked by
itself, then RCPT is timed with its question and without, in turns.
"""

import json
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from .. import container, settings
from ..host import LabError, run
from ..settings import BOX, OUTSIDE
from . import boxes
from .lookup import Answers, Questions
from .results import Goal, Results

COUNT, TURNS = 2000, 9
_MAIN = settings.DOMAINS[0]
_ALICE = settings.USERS[0].address
_FULL, _ALIAS = f'bench-full@{_MAIN}', f'bench-room@{_MAIN}'
_SOCKET = '/var/spool/postfix/freedombox-email-quota/policy'
_USAGE = '/var/lib/freedombox-email-usage'
_PARAMETER = 'freedombox_quota'
_NOTES = 500
_ASKED = 40
_MAIL = 'freedombox-email'
_FILL = (
    f'head -c 999000 /dev/zero | tr "\\0" x | fold -w 70 > /tmp/bench-full; '
    f'doveadm -o quota_enforce=no save -u {_FULL} -m INBOX < /tmp/bench-full'
)


def _mail(*words: str, stdin: str | None = None, check: bool = True) -> None:
    container.execute(BOX, [_MAIL, *words], stdin=stdin, check=check)


@contextmanager
def _prepared() -> Iterator[None]:
    """Have quotas, a full mailbox, an alias, and many notes on usage."""
    script = (f'for each in $(seq {_NOTES}); do printf "priv/quota/storage\\n$each\\n" > '
              f'{_USAGE}/bench-$each@{_MAIN}; done')  # fmt: skip
    _mail('mailbox', 'add', _FULL, stdin='a password for the bench\n')
    _mail('alias', 'add', _ALIAS, _ALICE)
    _mail('quota', 'domain', _MAIN, '--each', '2 GB')
    boxes.deliver(_ALICE, 1)  # Dovecot notes what a mailbox holds from the first one on
    container.execute(BOX, ['sh', '-c', script])
    try:
        yield
    finally:
        container.execute(BOX, ['sh', '-c', f'rm -f {_USAGE}/bench-*'])
        _mail('quota', 'domain', _MAIN, '--each', 'default', check=False)
        _mail('alias', 'remove', _ALIAS, check=False)
        _mail('mailbox', 'remove', '--delete-mail', _FULL, check=False)


def _ask(recipient: str, number: int, answer: str) -> list[float]:
    """Milliseconds of the service's answers about a recipient."""
    program = Path(__file__).with_name('ask_quota.py').read_text(encoding='utf-8')
    words = ['python3', '-I', '-', _SOCKET, recipient, str(number)]
    times, last = json.loads(container.execute(BOX, words, stdin=program).stdout)
    if answer not in last:
        raise LabError(f'Not the answer that is measured: {last}')
    found: list[float] = times
    return found


def _rcpt(check: str, recipients: list[str]) -> float:
    """The middle time of RCPT in milliseconds, with a value of the parameter."""
    container.execute(BOX, ['postconf', '-e', f'{_PARAMETER}={check}'])
    container.execute(BOX, ['systemctl', 'reload', 'postfix'])
    words: list[str | Path] = ['nsenter', f'--target={container.leader(OUTSIDE)}', '--net', '--',
             sys.executable, '-I', Path(__file__).with_name('lookup.py')]  # fmt: skip
    plan = json.dumps(asdict(Questions(BOX.ip, recipients)))
    answers = Answers(**json.loads(run(words, stdin=plan, timeout=300).stdout))
    if set(answers.codes) != {'250'}:
        raise LabError(f'The box refused recipients: {set(answers.codes)}')
    return statistics.median(answers.times)


def _difference(turns: int) -> float:
    """The time the question adds to RCPT, in milliseconds."""
    check = container.execute(BOX, ['postconf', '-h', _PARAMETER]).stdout.strip()
    local, _at, domain = _ALICE.partition('@')
    recipients = [f'{local}+{each}@{domain}' for each in range(_ASKED)]
    found = []
    try:
        for turn in range(-1, turns):
            both = (check, '') if turn % 2 else ('', check)
            times = {each: _rcpt(each, recipients) for each in both}
            if turn >= 0:
                found.append(times[check] - times[''])
    finally:
        container.execute(BOX, ['postconf', '-e', f'{_PARAMETER}={check}'])
        container.execute(BOX, ['systemctl', 'reload', 'postfix'])
    return statistics.median(found)


def measure_all(results: Results, count: int = COUNT, turns: int = TURNS) -> None:
    """Measure the service by itself, then RCPT with it and without."""
    goal = Goal(0.5, False, False)
    with _prepared():
        container.execute(BOX, ['systemctl', 'stop', 'freedombox-email-quota.service'])
        _ask(_ALIAS, 20, 'DUNNO')
        results.figure('no mailbox is full, ms for each recipient',
                       statistics.median(_ask(_ALIAS, count, 'DUNNO')), goal)  # fmt: skip
        results.figure('what it adds to RCPT, ms', _difference(turns), goal)
        _mail('quota', 'mailbox', _FULL, '1 MB')
        container.execute(BOX, ['sh', '-c', _FILL])
        container.execute(BOX, ['systemctl', 'stop', 'freedombox-email-quota.service'])
        for title, recipient, answer in (
            ('another mailbox is full, ms', _ALICE, 'DUNNO'),
            ('another mailbox is full, recipient an alias, ms', _ALIAS, 'DUNNO'),
            ('the mailbox is full, Dovecot is asked, ms', _FULL, '452 4.2.2'),
        ):
            _ask(recipient, 20, answer)
            times = _ask(recipient, count, answer)
            results.figure(title, statistics.median(times), goal if answer == 'DUNNO' else None)
            results.figure('the slowest of 100, ms', statistics.quantiles(times, n=100)[-1])
