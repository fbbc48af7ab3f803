# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check all domains once a day, and send the postmaster a message about changes.

A change is reported once. Verdicts that were reported are remembered, and unknown ones are no
news. FreedomBox's own notifications are made from the same reports by the web interface.
"""

import sys
from collections.abc import Container, Iterable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ..dns import local_facts
from ..dns.check import Facts, check, site_of
from ..dns.checks import CHECKS, Check
from ..dns.memory import Memory
from ..dns.records import Record, Site, wanted
from ..dns.report import OUTGOING, VerdictChange, changes, remembered, todo
from ..errors import MailError
from ..sending.system_mail import send
from ..status import State
from ..words import messages as words
from ..words.dns import ABSENT, sentence

_WORDS = {'broken': 'Broken', 'look': 'Warning', 'works': 'OK', 'unknown': 'Unknown'}


def titles(site: Site) -> dict[str, str]:
    """The name of the record or check of each verdict."""
    things: list[Record | Check] = [*wanted(site), *CHECKS]
    return {thing.role: str(thing.title) for thing in things}


def _to_enter(record: Record | None, change: VerdictChange) -> list[str]:
    """The record to enter, where one is asked for."""
    if record is None or not record.value or change.verdict.state is State.WORKS:
        return []
    return [f'{record.name}. {record.kind} {record.text}']


def _subject(domain: str, problems: int) -> str:
    """The subject line: how many problems the domain has now."""
    one, more = words.DNS_PROBLEMS
    subject = more if problems > 1 else one if problems else words.DNS_NO_PROBLEMS
    return subject.format(domain=domain, count=problems)


def message_about(site: Site, news: Iterable[VerdictChange], problems: int) -> EmailMessage:
    """The message about the changes."""
    named, records = titles(site), {each.role: each for each in wanted(site)}
    lines = [words.DNS_CHANGES.format(domain=site.domain), '']
    for change in news:
        lines += [
            f'* {named.get(change.role, change.role)}: {_WORDS[change.verdict.state]}'
            f' (before: {_WORDS[change.before]})',
            f'  {sentence(change.verdict)}',
            *(f'  {line}' for line in _to_enter(records.get(change.role), change)),
            '',
        ]
    lines.append(words.DNS_MORE.format(domain=site.domain))
    message = EmailMessage()
    # The web interface's account may not send as the postmaster; root@ is answered by the same.
    message['From'], message['To'] = f'root@{site.domain}', f'postmaster@{site.domain}'
    message['Subject'] = _subject(site.domain, problems)
    message['Date'] = formatdate()
    message['Message-ID'] = make_msgid(domain=site.domain)
    message['Auto-Submitted'] = 'auto-generated'
    message.set_content('\n'.join([*lines, '']))
    return message


def tell(
    name: str, facts: Facts, memory: Memory, unsaid: Container[str] = ()
) -> tuple[VerdictChange, ...]:
    """Check one domain and report the changes since the last report, but for some verdicts."""
    made = check(name, facts, memory)
    before = memory.told(made.domain)
    news = tuple(
        change
        for change in changes(before, made)
        if (before or change.verdict.code not in ABSENT) and change.verdict.code not in unsaid
    )
    if news:
        send(message_about(site_of(name, facts), news, len(todo(made))))
    memory.keep_told(remembered(before, made))
    return news


def check_all(facts: Facts, memory: Memory | None = None) -> int:
    """Check all domains; return how many could not be checked."""
    kept, failed = memory or Memory(), 0
    said: set[str] = set()  # of what is the same for all domains
    names, _primary = local_facts.domains()
    kept.forget_others(names)
    for name in names:
        try:
            news = tell(name, facts, kept, said)
            said |= {each.verdict.code for each in news if each.role == OUTGOING}
        except MailError as error:
            failed += 1
            print(f'{name}: {error.sentence} {error.detail}', file=sys.stderr)
    return failed
