# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email status` and `freedombox-email reconcile`."""

import argparse
from datetime import UTC, datetime
from typing import Any

from ..directory.alias import Alias
from ..directory.departures import Missing
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs.reconcile import look, plan_for
from ..directory.verbs.snapshot import Reconciled
from ..errors import MailError, Reason, Value
from ..freedombox_seams import plain
from ..health import observe_as_root
from ..health.condition import Condition, judge
from ..mailstore import kept_mail
from ..privileged import directory as actions
from ..status import State
from .output import Exit, Output, exit_for, table
from .parser import Verbs

_OF_THE_DIRECTORY = ('mail-kept-', 'users-missing')
"""Findings that are told here with the command that solves them."""


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('status', status, 'show whether mail is working, and problems')
    following = verbs.add(
        'reconcile', reconcile, 'create and disable mailboxes to match the FreedomBox users'
    )
    following.add_argument(
        '--users-are-gone',
        action='store_true',
        help='confirm that all missing users were deleted',
    )


def reconcile(arguments: argparse.Namespace) -> Output:
    """Bring mailboxes and role addresses in line with FreedomBox's users."""
    done = Reconciled.from_json(plain(actions.reconcile)())
    mark = done.waiting.mark
    if arguments.users_are_gone and mark:
        done = Reconciled.from_json(plain(actions.users_are_gone)(mark))
    changes = (('added', done.added), ('changed', done.changed), ('removed', done.removed))
    rows = [(what, key) for what, keys in changes for key in keys]
    lines = table(rows) if rows else ['Nothing to change.']
    problems = list(map(_problem, done.problems))
    lines += [problem['sentence'] for problem in problems]
    return Output(lines, {**done.to_json(), 'problems': problems})


def _problem(reason: Reason) -> dict[str, str]:
    return {'code': reason.code, 'sentence': reason.sentence}


def _kept(mail: kept_mail.KeptMail) -> Reason:
    """Mail of an earlier owner of an address."""
    day = f'{mail.since:%Y-%m-%d}'
    params: dict[str, Value] = {'messages': mail.messages, 'day': day, 'id': mail.id}
    return Reason('mail-kept', {'address': mail.address, **params})


def _look_at_directory() -> tuple[dict[str, Any], Missing]:
    """Contents of the directory, its problems, and missing users."""
    with Store() as store:
        domains, plan = store.search(Domain), plan_for(look(store))
        reasons = list(plan.problems)
        reasons += [
            Reason('domain-off', {'domain': domain.name}) for domain in domains if domain.gone
        ]
        reasons += map(_kept, kept_mail.waiting(store))
        if plan.steps():
            reasons.append(Reason('reconcile-due'))
        return {
            'primary': plan.seen.primary,
            'domains': [domain.name for domain in domains if domain.enabled],
            'mailboxes': store.count(Mailbox),
            'aliases': store.count(Alias),
            'problems': list(map(_problem, reasons)),
        }, plan.waiting.missing


def _found(condition: Condition) -> list[dict[str, str]]:
    """The findings of the overview page."""
    return [
        {
            'code': each.code,
            'sentence': f'{each.title} {each.advice}',
            'state': each.state.value,
        }
        for each in condition.findings
        if not each.code.startswith(_OF_THE_DIRECTORY)
    ]


_EXITS = {State.BROKEN: Exit.FAILED, State.UNKNOWN: Exit.UNKNOWN}


def status(_arguments: argparse.Namespace) -> Output:
    """The condition of mail, as on the overview page."""
    try:
        found, missing = _look_at_directory()
        end = None
    except MailError as error:
        found, missing = {'problems': [_problem(error.reason)]}, Missing()
        end = exit_for(error.code)
    seen = observe_as_root.look(missing)
    condition = judge(seen, datetime.now(UTC))
    data = {
        **found,
        'state': condition.state.value,
        'answer': str(condition.headline),
        'units': dict(seen.units or {}),
        'queue': seen.queue.to_json() if seen.queue else None,
        'problems': _found(condition) + found['problems'],
    }
    return Output(_in_words(data), data, end or _EXITS.get(condition.state, Exit.OK))


def _in_words(data: dict[str, Any]) -> list[str]:
    """The state as lines to read."""
    rows = []
    if 'domains' in data:
        rows = [
            ('domains', ' '.join(data['domains']) or 'none'),
            ('primary domain', data['primary'] or 'none'),
            ('mailboxes', str(data['mailboxes'])),
            ('aliases', str(data['aliases'])),
        ]
    rows += [(unit, 'running' if runs else 'stopped') for unit, runs in data['units'].items()]
    queue = data['queue']
    more = ' or more' if queue and queue['more'] else ''
    rows.append(('queued messages', f'{queue["waiting"]}{more}' if queue else 'unknown'))
    problems = [f'- {problem["sentence"]}' for problem in data['problems']]
    return [data['answer'], '', *table(rows), *([''] if problems else []), *problems]
