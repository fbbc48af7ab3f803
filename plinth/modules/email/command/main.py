# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs the command: parse, have the verb do its work, print."""

import importlib
import itertools
import os
import sys
from collections.abc import Sequence

from ..errors import MailError
from .output import Exit, Output, error_data, exit_for, to_json
from .parser import PROGRAM, Verbs, make_parser

_INTERRUPTED = 130
_JSON = '--json'
_GROUPS = {
    'domain': 'manage mail domains',
    'mailbox': 'manage mailboxes',
    'members': 'manage members of shared mailboxes',
    'end-date': 'set the last day of mailboxes and aliases',
    'alias': 'manage aliases',
    'dns': 'show, check and publish DNS records',
    'dkim': 'show and replace signing keys (DKIM)',
    'app-password': 'manage app passwords',
    'rules': 'manage automatic replies and filters of mailboxes',
    'relay': 'manage relays (smarthosts) for outgoing mail',
    'route': 'show, choose and test how outgoing mail is sent',
    'rehearsal': 'send a test message, and show how another server judged it',
    'guard': 'manage guarded mailboxes and the mail that waits for approval',
    'queue': 'show the mail queue, retry, hold, return and delete messages',
    'limits': 'show and set sending limits',
    'quota': 'show storage used, set quotas and the days old mail is kept',
    'bans': 'list, block and unblock addresses',
    'spam': 'manage what the spam filter learned, lists of senders, and greylisting',
    'quarantine': 'show, release and delete possible spam, and choose where it goes',
    'report': 'print monthly and weekly reports, and choose which are sent',
    'metrics': 'publish metrics for Prometheus',
    'component': 'list, install and remove optional components',
}
"""Verbs that have verbs of their own."""
_MODULES = {
    **{group: group.replace('-', '') for group in _GROUPS},
    'reports': 'reports',
    'forwards': 'forwards',
    'resolve': 'resolve',
    'trace': 'trace',
    'export': 'site',
    'import': 'site',
    'apply': 'site',
    'status': 'status',
    'reconcile': 'status',
    'history': 'history',
    'undo': 'history',
    'release': 'history',
    'drift': 'history',
    'check': 'health',
    'import-builtin': 'builtin',
}
"""Where each verb is. Only the one that is asked for is loaded: some take long."""


def _print(output: Output, as_json: bool) -> None:
    """Print the output of a verb."""
    text = to_json(output.data) if as_json else '\n'.join(output.lines)
    if text:
        print(text, flush=True)


def _print_error(error: MailError, as_json: bool) -> None:
    """Print why a verb failed: a sentence for people, and data for programs."""
    print(f'{PROGRAM}: {error.sentence}', file=sys.stderr)
    if error.detail and not as_json:
        print(error.detail, file=sys.stderr)
    if as_json:
        print(to_json(error_data(error)), flush=True)


def _register(verbs: Verbs, asked: str) -> None:
    """Add the verb that is asked for, or all of them to tell of."""
    names = [asked] if asked in _MODULES else list(_MODULES)
    added = set()
    for name in names:
        module = _MODULES[name]
        if module not in added:
            place = verbs.group(name, _GROUPS[name]) if name in _GROUPS else verbs
            importlib.import_module(f'.{module}', __package__).register(place)
            added.add(module)


def _wait_as_a_shell_does() -> None:
    """Have the verbs pages call wait for other writers longer than a page may."""
    from ..directory.store import PageStore  # slow to import

    PageStore.patience = None


def _run(arguments: Sequence[str]) -> int:
    """Run the verb that the arguments name."""
    as_json = _JSON in itertools.takewhile(lambda each: each != '--', arguments)
    try:
        parser, verbs = make_parser()
        _register(verbs, arguments[0] if arguments else '')
        parsed = parser.parse_args(arguments)
        if os.geteuid() != 0:
            raise MailError('not-root')
        _wait_as_a_shell_does()
        output: Output = parsed.run(parsed)
    except MailError as error:
        _print_error(error, as_json)
        return exit_for(error.code)
    _print(output, parsed.json)
    return output.exit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return how it ended."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has seen enough; keep Python from complaining at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
