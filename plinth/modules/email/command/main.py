# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs the command: parse, have the verb do its work, print."""

import os
import sys
from collections.abc import Sequence

from ..errors import MailError
from . import (
    alias,
    apppassword,
    carry,
    dkim,
    dns,
    domain,
    history,
    mailbox,
    reports,
    resolve,
    site,
    status,
)
from .output import Exit, Output, error_data, exit_for, to_json
from .parser import PROGRAM, make_parser

_INTERRUPTED = 130


def _print(output: Output, as_json: bool) -> None:
    """Print what a verb gave back."""
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


def _run(arguments: Sequence[str]) -> int:
    """Do what the arguments ask for."""
    parser, verbs = make_parser()
    domain.register(verbs.group('domain', 'mail domains'))
    mailbox.register(verbs.group('mailbox', 'addresses with storage'))
    alias.register(verbs.group('alias', 'addresses that deliver to others'))
    dns.register(verbs.group('dns', 'what others see of a domain'))
    dkim.register(verbs.group('dkim', 'keys mail is signed with'))
    reports.register(verbs)
    apppassword.register(verbs.group('app-password', 'passwords for devices'))
    resolve.register(verbs)
    site.register(verbs)
    status.register(verbs)
    history.register(verbs)
    carry.register(verbs)
    parsed = parser.parse_args(arguments)
    try:
        if os.geteuid() != 0:
            raise MailError('not-root', 'Only root may do this. Try again with sudo.')
        output: Output = parsed.run(parsed)
    except MailError as error:
        _print_error(error, parsed.json)
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
        # Whoever read our output has seen enough; keep Python from complaining at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
