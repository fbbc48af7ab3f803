# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts the command line together; the groups of verbs add themselves through `Verbs`."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from ..errors import MailError
from .output import Output

PROGRAM = 'freedombox-email'

Run = Callable[[argparse.Namespace], Output]


def _as_sentence(words: str) -> str:
    """Words as a sentence; capital letters inside, as in DKIM, stay."""
    return f'{words[:1].upper()}{words[1:].rstrip(".")}.'


class Parser(argparse.ArgumentParser):
    """A parser that raises errors, and takes no abbreviated options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Refuse a command line; the detail is its usage."""
        words = _as_sentence(message)
        raise MailError('usage-invalid', self.format_usage().rstrip(), words=words)


class Verbs:
    """A place in the command line where verbs can be added."""

    def __init__(self, parser: argparse.ArgumentParser, title: str) -> None:
        self._verbs = parser.add_subparsers(
            title=title, metavar='VERB', required=True, parser_class=Parser
        )

    def group(self, name: str, help_: str) -> 'Verbs':
        """Add a verb that has verbs of its own, like `domain`."""
        parser = self._verbs.add_parser(name, help=help_, description=_as_sentence(help_))
        return Verbs(parser, 'verbs')

    def add(self, name: str, run: Run, help_: str) -> argparse.ArgumentParser:
        """Add a verb that `run` carries out."""
        parser = self._verbs.add_parser(name, help=help_, description=_as_sentence(help_))
        parser.add_argument('--json', action='store_true', help='print JSON for scripts')
        parser.set_defaults(run=run)
        return parser

    @staticmethod
    def add_search(parser: argparse.ArgumentParser) -> None:
        """Add the options of all verbs that list entries."""
        parser.add_argument(
            'text', nargs='?', default='', help='show only entries that contain this text'
        )
        parser.add_argument('--names', action='store_true', help='print only names, one per line')


def make_parser() -> tuple[argparse.ArgumentParser, Verbs]:
    """The empty command line."""
    parser = Parser(
        prog=PROGRAM,
        description='Manage the FreedomBox mail server.',
        epilog='The manual page freedombox-email(8) has examples and exit codes.',
    )
    return parser, Verbs(parser, 'verbs')
