# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verb `freedombox-email import-builtin`."""

import argparse

from ..migration.builtin import copy as actions
from .output import Output
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verb to the parser."""
    verb = verbs.add('import-builtin', fetch, "fetch mail from FreedomBox's built-in email app")
    verb.add_argument('user', help='FreedomBox user whose mail to fetch')


def fetch(arguments: argparse.Namespace) -> Output:
    """Add the mail to a user's mailbox that only the built-in app has."""
    try:
        actions.place(arguments.user)  # root asks, so no take-over need be due
    finally:
        actions.clear()
    lines = [f'Fetched all mail of {arguments.user} from the built-in email app.']
    return Output(lines, {'user': arguments.user})
