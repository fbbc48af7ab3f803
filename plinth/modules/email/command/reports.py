# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verb `freedombox-email reports`."""

import argparse
from typing import Any

from ..directory.alias import REPORTS
from ..directory.domain import Domain
from ..directory.store import Store
from ..reports.figures import Source
from ..reports.summary import DAYS, Summary, summary
from ..words import reports
from ..words.dns import speak_english
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verb to the parser."""
    verb = verbs.add('reports', show, 'show DMARC and TLS reports on a domain')
    verb.add_argument('domain', help='mail domain')


def show(arguments: argparse.Namespace) -> Output:
    """Reports of other mail servers added up, and the advice they lead to."""
    speak_english()
    with Store() as store:
        domain = store.get(Domain, arguments.domain)
    known = summary(domain)
    return Output(_lines(known, domain), _data(known, domain))


def _row(source: Source) -> tuple[str, ...]:
    counts = f'{source.passing} of {source.count} pass'
    return (
        source.address or 'others',
        counts,
        f'SPF {source.spf}',
        f'DKIM {source.dkim}',
        reports.sender(source.who.value),
    )


def _lines(known: Summary, domain: Domain) -> list[str]:
    aside = [f'Ignored: {count} x {reports.ASIDE[code]}' for code, count in known.aside]
    if known.is_empty:
        return [f'No reports have arrived at {REPORTS}@{domain.name} yet.', *aside]
    sessions = known.sessions
    return [
        f'Reports in {DAYS} days: {known.count}. Senders: {", ".join(known.receivers) or "none"}.',
        f'{known.passing} of {known.total} messages using your domain passed.',
        f'  {reports.sentence(known.mail)}',
        *(f'  {line}' for line in table([_row(each) for each in known.sources])),
        f'{sessions.works} of {sessions.works + sessions.fails} deliveries to you were encrypted.',
        f'  {reports.sentence(known.encryption)}',
        *(f'  {count} x {reports.reason(reason)}' for reason, count in sessions.reasons),
        *aside,
    ]


def _data(known: Summary, domain: Domain) -> dict[str, Any]:
    mail, encryption = known.mail, known.encryption
    return {
        'domain': domain.name,
        'days': DAYS,
        'reports': known.count,
        'receivers': list(known.receivers),
        'aside': dict(known.aside),
        'mail': {
            'policy': domain.dmarc, 'published': known.published, 'passing': known.passing,
            'messages': known.total, 'code': mail.code, 'sentence': reports.sentence(mail),
            'next': mail.step,
            'sources': [{'address': each.address, 'who': each.who.value, 'messages': each.count,
                         'passing': each.passing, 'spf': each.spf, 'dkim': each.dkim}
                        for each in known.sources],
        },
        'encryption': {
            'mode': domain.mta_sts, 'works': known.sessions.works, 'fails': known.sessions.fails,
            'code': encryption.code, 'sentence': reports.sentence(encryption),
            'next': encryption.step, 'reasons': dict(known.sessions.reasons),
        },
    }  # fmt: skip
