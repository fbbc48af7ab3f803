# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email dns show|check|zone|push|server|outside`."""

import argparse
import sys

from ..dns import other_box
from ..dns.changes import ZoneChange
from ..dns.check import check, site_of
from ..dns.checks import CHECKS, Check
from ..dns.local_facts import DnsFacts
from ..dns.memory import Memory
from ..dns.provider import ALGORITHMS, ProviderKind
from ..dns.records import Record, Site, wanted
from ..dns.report import DnsReport, overall, todo
from ..dns.zonefile import bind, nsupdate
from ..errors import MailError
from ..freedombox_seams import plain
from ..maintenance import dns_publishing as actions
from ..privileged import reach as reach_actions
from ..words.dns import sentence, speak_english
from .output import Exit, Output, table
from .parser import Verbs

_WORDS = {'works': 'works', 'look': 'warning', 'broken': 'BROKEN', 'unknown': 'unknown'}


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    show = verbs.add('show', show_records, 'show the DNS records a domain needs')
    checking = verbs.add('check', check_records, 'check the published DNS records of a domain')
    zone = verbs.add('zone', show_zone, 'print the records as a zone file')
    zone.add_argument('--nsupdate', action='store_true', help='print nsupdate commands instead')
    push = verbs.add('push', push_records, 'publish the records by dynamic DNS update')
    push.add_argument('--dry-run', action='store_true', help='only show what would change')
    server = verbs.add('server', set_server, 'set the DNS provider that accepts updates')
    for verb in (show, checking, zone, push, server):
        verb.add_argument('domain', help='mail domain')
    server.add_argument(
        'address', nargs='?', help='IP address of the update server, or web address'
    )
    server.add_argument('--zone', help='zone, if it is not the domain itself')
    server.add_argument('--port', type=int, default=53)
    server.add_argument('--key-name', default='', help='key name (TSIG)')
    server.add_argument('--algorithm', choices=ALGORITHMS, default=ALGORITHMS[0])
    server.add_argument(
        '--kind', choices=[each.value for each in ProviderKind], help='kind of DNS provider'
    )
    server.add_argument('--remove', action='store_true', help='delete server and key')
    outside = verbs.add('outside', set_outside, 'set which FreedomBox tests from outside')
    outside.add_argument('host', nargs='?', help='name of another FreedomBox with this app')
    outside.add_argument('--remove', action='store_true', help='turn the test off')
    outside.add_argument('--answer', choices=('yes', 'no'),
                         help='let others be tested from here')  # fmt: skip


def _facts(domain: str, host: str) -> DnsFacts:
    speak_english()
    return actions.dns_facts(domain, host)


def show_records(arguments: argparse.Namespace) -> Output:
    """Show the records a domain needs."""
    site = site_of(arguments.domain, _facts)
    records = wanted(site)
    data = {
        'domain': site.domain,
        'records': [
            {'role': each.role, 'name': each.name, 'type': each.kind, 'value': each.value,
             'text': each.text, 'severity': each.severity.value, 'title': str(each.title),
             'purpose': str(each.purpose)}
            for each in records
        ],
    }  # fmt: skip
    lines = []
    for each in records:
        value = each.text or '(your public address)'
        lines += [
            f'{each.title} [{each.severity.value}]',
            f'  {each.purpose}',
            f'  {each.name}. {each.kind} {value}',
            '',
        ]
    return Output(
        lines or ['This domain is only known in its own network and needs no records.'], data
    )


def check_records(arguments: argparse.Namespace) -> Output:
    """Check the records of a domain and show the verdicts."""
    report = check(arguments.domain, _facts)
    site = site_of(report.domain, _facts)
    state = overall(report)
    data = {**report.to_json(), 'state': state, 'to_do': list(todo(report))}
    for role, verdict in report.verdicts.items():
        data['verdicts'][role] |= {'sentence': sentence(verdict), 'severity': report.weights[role]}
    return Output(_lines(report, site), data, Exit.FAILED if state == 'broken' else Exit.OK)


def _lines(report: DnsReport, site: Site) -> list[str]:
    things: list[Record | Check] = [*CHECKS, *wanted(site)]
    rows = [
        (_WORDS[verdict.state], thing.role, sentence(verdict))
        for thing in things
        if (verdict := report.verdicts.get(thing.role))
    ]
    return (
        table(rows)
        if rows
        else ['This domain is only known in its own network and needs no records.']
    )


def show_zone(arguments: argparse.Namespace) -> Output:
    """Print the records as others read them."""
    site = site_of(arguments.domain, _facts)
    latest = Memory().latest(site.domain)
    zone = latest.zone if latest else site.domain
    records = wanted(site)
    if arguments.nsupdate:
        added = [
            ZoneChange(each.name, each.kind, added=(each.text,))
            for each in records
            if each.value and each.is_in(zone)
        ]
        text = nsupdate(added, zone)
    else:
        text = bind(records, zone)
    return Output(text.splitlines(), {'domain': site.domain, 'zone': zone, 'text': text})


def push_records(arguments: argparse.Namespace) -> Output:
    """Publish the records."""
    speak_english()
    done = actions.dns_push(arguments.domain, not arguments.dry_run)
    lines = [
        f'{sign} {each.name}. {each.kind} {text}'
        for each in done
        for sign, texts in (('-', each.removed), ('+', each.added))
        for text in texts
    ]
    data = {'changes': [each.to_json() for each in done], 'done': not arguments.dry_run}
    return Output(lines or ['The zone already has all these records.'], data)


def set_server(arguments: argparse.Namespace) -> Output:
    """Keep or forget the server a domain's records are published at."""
    domain = arguments.domain
    if arguments.remove:
        actions.dns_provider_remove(domain)
        return Output([f'Deleted the DNS server settings of {domain}.'], {'server': {}})
    if arguments.address or arguments.kind:
        if sys.stdin.isatty():
            print('TSIG secret (base64) or token, then Enter:', file=sys.stderr)
        secret = sys.stdin.readline().strip()
        actions.dns_provider_set(
            domain, arguments.address or '', arguments.key_name, arguments.algorithm,
            arguments.zone or domain, arguments.port, secret,
            arguments.kind or ProviderKind.RFC2136.value,
        )  # fmt: skip
    kept = actions.dns_provider(domain)
    if not kept:
        raise MailError('provider-missing', domain=domain)
    data = kept.to_json()
    rows = [(name, str(value)) for name, value in data.items()]
    return Output(table(rows), {'server': data})


def set_outside(arguments: argparse.Namespace) -> Output:
    """Keep or show which box tests port 25, and whether this one tests others."""
    before = other_box.load()
    if arguments.host and arguments.remove:
        raise MailError('usage-invalid.outside')
    host = '' if arguments.remove else arguments.host or before.host
    answers = arguments.answer == 'yes' if arguments.answer else before.answers
    if arguments.host or arguments.remove or arguments.answer:
        plain(reach_actions.reach_set)(host, answers)
    now = other_box.load()
    lines = table([('tested by', now.host or 'none'), ('tests others', 'yes' if now.answers else
                                                       'no')])  # fmt: skip
    return Output(lines, now.to_json())
