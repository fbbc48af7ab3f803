# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check all domains once a day, and write to the postmaster about what changed.

Everything is told once: what was told is remembered, and what could not be found out is no
news. FreedomBox's own notifications are made from the same reports by the web interface.
"""

import sys
from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ..errors import MailError
from ..system_mail import send
from . import here
from .check import Facts, check, site_of
from .checks import CHECKS, Check
from .memory import Memory
from .records import Record, Site, wanted
from .report import Change, changes, remembered
from .words import ABSENT, sentence

_WORDS = {'broken': 'Broken', 'look': 'Warning', 'works': 'Works again'}


def titles(site: Site) -> dict[str, str]:
    """Return what each verdict is about."""
    things: list[Record | Check] = [*wanted(site), *CHECKS]
    return {thing.role: str(thing.title) for thing in things}


def _to_enter(record: Record | None, change: Change) -> list[str]:
    """Return the record to enter, where one is asked for."""
    if record is None or not record.value or change.verdict.state == 'works':
        return []
    return [f'{record.name}. {record.kind} {record.text}']


def letter(site: Site, news: Iterable[Change]) -> EmailMessage:
    """Return the mail that tells what changed."""
    named, records = titles(site), {each.role: each for each in wanted(site)}
    lines = [
        f'Something changed in what others see of {site.domain}:',
        '',
    ]
    for change in news:
        lines += [
            f'* {named.get(change.role, change.role)}: {_WORDS[change.verdict.state]}',
            f'  {sentence(change.verdict)}',
            *(f'  {line}' for line in _to_enter(records.get(change.role), change)),
            '',
        ]
    lines += [
        'Values to copy, and a button to check again, are in the web interface under',
        f'Apps, Email, DNS records of {site.domain}. Or: freedombox-email dns show {site.domain}',
    ]
    message = EmailMessage()
    # The web interface's account may not send as the postmaster; root@ is answered by the same.
    message['From'], message['To'] = f'root@{site.domain}', f'postmaster@{site.domain}'
    message['Subject'] = f'Mail records of {site.domain} changed'
    message['Date'] = formatdate()
    message['Message-ID'] = make_msgid(domain=site.domain)
    message['Auto-Submitted'] = 'auto-generated'
    message.set_content('\n'.join([*lines, '']))
    return message


def tell(name: str, facts: Facts, memory: Memory) -> tuple[Change, ...]:
    """Check one domain and tell what changed since it was told last."""
    made = check(name, facts, memory)
    before = memory.told(made.domain)
    news = tuple(
        change for change in changes(before, made) if before or change.verdict.code not in ABSENT
    )
    if news:
        send(letter(site_of(name, facts), news))
    memory.keep_told(remembered(before, made))
    return news


def check_all(facts: Facts, memory: Memory | None = None) -> int:
    """Check all domains; return how many could not be checked."""
    kept, failed = memory or Memory(), 0
    names, _primary = here.domains()
    kept.forget_others(names)
    for name in names:
        try:
            tell(name, facts, kept)
        except MailError as error:
            failed += 1
            print(f'{name}: {error.sentence} {error.detail}', file=sys.stderr)
    return failed
