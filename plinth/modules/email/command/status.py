# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email status` and `freedombox-email reconcile`."""

import argparse
import subprocess
from typing import Any

from ..directory.alias import Alias
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.reconcile import look, plan_for
from ..directory.store import Store
from ..errors import MailError
from ..privileged import directory as actions
from ..privileged import keptmail
from ..privileged.overview import waiting
from ..unitstate import running
from ..versions import outdated
from .output import Exit, Output, as_root, exit_for, table
from .parser import Verbs

UNITS = ('slapd', 'postfix', 'dovecot', 'rspamd', 'freedombox-email-redis')


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('status', status, 'say whether mail works and what needs attention')
    following = verbs.add(
        'reconcile', reconcile, 'bring mailboxes in line with the users of FreedomBox'
    )
    following.add_argument(
        '--users-are-gone',
        action='store_true',
        help='believe that all users who are missing now are gone',
    )


def reconcile(arguments: argparse.Namespace) -> Output:
    """Bring mailboxes and role addresses in line with FreedomBox's users."""
    done = as_root(actions.reconcile)()
    mark = done['waiting']['mark']
    if arguments.users_are_gone and mark:
        done = as_root(actions.users_are_gone)(mark)
    rows = [(what, key) for what in ('added', 'changed', 'removed') for key in done[what]]
    lines = table(rows) if rows else ['Everything is in line already.']
    return Output([*lines, *(problem['sentence'] for problem in done['problems'])], done)


def _problem(code: str, sentence: str) -> dict[str, str]:
    return {'code': code, 'sentence': sentence}


def _look_at_directory() -> dict[str, Any]:
    """Return what the directory holds, and what is wrong in it."""
    with Store() as store:
        domains, plan = store.search(Domain), plan_for(look(store))
        problems = [_problem(found.code, found.sentence) for found in plan.problems]
        problems += [
            _problem('domain-off', f'{domain.name} is off: FreedomBox has this domain no longer.')
            for domain in domains
            if domain.gone
        ]
        problems += [
            _problem(
                'mail-kept',
                f'{each.address} has another owner than before. Earlier mail is kept since '
                f'{each.since[:10]}, {each.messages} messages. Run: freedombox-email mailbox '
                f'give-mail {each.id}, or delete-mail {each.id}',
            )
            for each in keptmail.waiting(store)
        ]
        if plan.steps():
            problems.append(
                _problem(
                    'reconcile-due',
                    'Mailboxes are not in line with the users of FreedomBox yet. '
                    'Run: freedombox-email reconcile',
                )
            )
        return {
            'primary': plan.seen.primary,
            'domains': [domain.name for domain in domains if domain.enabled],
            'mailboxes': store.count(Mailbox),
            'aliases': store.count(Alias),
            'problems': problems,
        }


def _look_at_services() -> dict[str, Any]:
    """Return what runs and what waits."""
    units = running(UNITS)
    problems = [
        _problem('unit-down', f'The service {unit} does not run.')
        for unit, runs in units.items()
        if not runs
    ]
    problems += _look_at_versions()
    return {'units': units, 'queue': waiting(), 'problems': problems}


def _look_at_versions() -> list[dict[str, str]]:
    """Problems with the age of programs."""
    try:
        return [_problem('outdated', found.sentence) for found in outdated()]
    except (OSError, subprocess.SubprocessError) as error:
        return [_problem('versions-unknown', f'The versions of programs cannot be seen: {error}')]


def status(_arguments: argparse.Namespace) -> Output:
    """Say whether mail works."""
    data, end = _look_at_services(), Exit.OK
    try:
        found = _look_at_directory()
    except MailError as error:
        found = {'problems': [_problem(error.code, error.sentence)]}
        end = exit_for(error.code)
    problems = data['problems'] + found['problems']
    data = {**found, **data, 'problems': problems}
    return Output(_in_words(data), data, end)


def _in_words(data: dict[str, Any]) -> list[str]:
    """Return the state as lines to read."""
    rows = []
    if 'domains' in data:
        rows = [
            ('domains', ' '.join(data['domains']) or 'none'),
            ('primary domain', data['primary'] or 'none'),
            ('mailboxes', str(data['mailboxes'])),
            ('aliases', str(data['aliases'])),
        ]
    rows += [(unit, 'runs' if runs else 'does not run') for unit, runs in data['units'].items()]
    queue = data['queue']
    more = ' or more' if queue and queue['more'] else ''
    rows.append(('messages waiting', f'{queue["waiting"]}{more}' if queue else 'unknown'))
    problems = [f'- {problem["sentence"]}' for problem in data['problems']]
    return [*table(rows), '', *(problems or ['Nothing needs attention.'])]
