# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email dkim list|next|rotate`."""

import argparse
from collections.abc import Callable
from typing import Any

from ..dkim.stages import DomainKeys
from ..dns import local_facts
from ..dns.records import Site, wanted
from ..maintenance import key_rollover as actions
from ..words.dns import speak_english
from .output import Exit, Output, table
from .parser import Verbs
from .who import who


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    listing = verbs.add('list', list_keys, 'list signing keys (DKIM) and their state')
    following = verbs.add('next', make_next, 'create the next keys and print their records')
    rotate = verbs.add('rotate', rotate_keys, 'replace the keys as soon as that is safe')
    for verb in (listing, following, rotate):
        verb.add_argument('domain', nargs='?', default='', help='mail domain (default: all)')


def _domains(arguments: argparse.Namespace) -> list[str]:
    speak_english()
    if arguments.domain:
        return [local_facts.find(arguments.domain)[0].name]
    return local_facts.domains()[0]


def _problems(state: DomainKeys) -> list[str]:
    """Problems that root had or found."""
    return [each.sentence for each in state.problems]


def _data(domain: str, state: DomainKeys) -> dict[str, Any]:
    return {
        'domain': domain,
        'problems': _problems(state),
        'pairs': [
            {'name': row.name, 'stage': row.stage, 'code': row.code, 'sentence': row.sentence,
             'keys': [{'selector': key.selector, 'kind': key.kind, 'public': key.public}
                      for key in row.keys]}
            for row in state.stages
        ],
    }  # fmt: skip


_STAGES = {'live': 'in use', 'next': 'next', 'old': 'keep', 'gone': 'DELETE'}


def _lines(domain: str, state: DomainKeys) -> list[str]:
    rows = [
        (_STAGES[row.stage], domain, ', '.join(row.selectors), row.sentence) for row in state.stages
    ]
    problems = [f'{domain}: {problem}' for problem in _problems(state)]
    none = [] if problems else [f'{domain} has no keys yet.']
    return [*(table(rows) if rows else none), *problems]


def _record_lines(domain: str, state: DomainKeys) -> list[str]:
    """The records of the next keys, to be entered at the DNS provider."""
    keys = tuple(key for row in state.stages if row.stage == 'next' for key in row.keys)
    records = wanted(Site(domain, domain, keys=keys))
    return [f'{each.name}. {each.kind} {each.text}' for each in records if 'dkim-' in each.role]


def _output(states: dict[str, DomainKeys], *more: str) -> Output:
    lines = [line for domain, state in states.items() for line in _lines(domain, state)]
    problems = any(state.problems for state in states.values())
    data = {'domains': [_data(domain, state) for domain, state in states.items()]}
    return Output([*lines, *more], data, Exit.FAILED if problems else Exit.OK)


def list_keys(arguments: argparse.Namespace) -> Output:
    """List keys."""
    domains = _domains(arguments)
    return _output({domain: actions.state(domain) for domain in domains})


def _each(
    arguments: argparse.Namespace, action: Callable[[str, str], DomainKeys]
) -> dict[str, DomainKeys]:
    """Do something to a domain, or to all in which keys can follow each other."""
    domains = _domains(arguments)
    if not arguments.domain:
        domains = [domain for domain in domains if actions.rotates(domain)]
    return {domain: action(domain, who()) for domain in domains}


def make_next(arguments: argparse.Namespace) -> Output:
    """Make the next keys and show their records."""
    states = _each(arguments, actions.make_next)
    records = [line for domain, state in states.items() if not state.publishes
               for line in _record_lines(domain, state)]  # fmt: skip
    return _output(states, *(['', 'Records to create:', *records] if records else ()))


def rotate_keys(arguments: argparse.Namespace) -> Output:
    """Have the next keys take over."""
    return _output(_each(arguments, actions.rotate))
