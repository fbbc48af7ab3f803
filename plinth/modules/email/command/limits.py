# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email limits …`."""

import argparse
from typing import Any

from ..directory.address import parse_domain
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.send_limits import SendLimits, usual
from ..directory.store import Store
from ..errors import MailError
from ..freedombox_seams import plain
from ..privileged import directory, people
from .output import Output, table
from .parser import Verbs

_OPTIONS = (
    ('--per-hour', 'recipients_hour', 'recipients in an hour'),
    ('--per-day', 'recipients_day', 'recipients in a day'),
    ('--first-time', 'first_time_day', 'first-time recipients in a day'),
)


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('show', show, 'show sending limits: the defaults and all own values')
    for name, run, help_, of in (
        ('mailbox', limit_mailbox, 'set the sending limits of a mailbox', 'the domain'),
        ('domain', limit_domain, 'set the sending limits of the mailboxes in a domain', 'default'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument('which', metavar='ADDRESS' if name == 'mailbox' else 'DOMAIN',
                          help='mailbox' if name == 'mailbox' else 'mail domain')  # fmt: skip
        for option, field, text in _OPTIONS:
            verb.add_argument(
                option, dest=field, type=int, metavar='NUMBER', help=f'{text} (0: as {of})'
            )


def _row(name: str, limits: SendLimits) -> tuple[str, ...]:
    """A row with own values; what is not set is a dash."""
    return (name, *(str(most or '-') for most in limits.to_json().values()))


def show(_arguments: argparse.Namespace) -> Output:
    """Show the defaults, and each domain and mailbox with values of its own."""
    with Store() as store:
        entries: list[Domain | Mailbox] = [*store.search(Domain), *store.search(Mailbox)]
    values = ((each.key, SendLimits.of(each)) for each in entries)
    own = {key: found for key, found in values if any(found.to_json().values())}
    head = ('', 'per hour', 'per day', 'first-time per day')
    rows = [head, _row('default', usual()), *(_row(name, found) for name, found in own.items())]
    data = {'default': usual().to_json(), 'own': {key: each.to_json() for key, each in own.items()}}
    return Output(table(rows), data)


def _given(arguments: argparse.Namespace) -> dict[str, int]:
    """The options that were given; none at all is a mistake."""
    fields = [field for _option, field, _text in _OPTIONS]
    found = {name: getattr(arguments, name) for name in fields}
    given = {name: most for name, most in found.items() if most is not None}
    if not given:
        raise MailError('usage-invalid.no-limit')
    return given


def _output(entry: Mailbox | Domain) -> Output:
    own = SendLimits.of(entry)
    data: dict[str, Any] = {'key': entry.key, 'limits': own.to_json()}
    return Output(table([_row(entry.key, own)]), data)


def limit_mailbox(arguments: argparse.Namespace) -> Output:
    """Set the limits of a mailbox."""
    answer = plain(people.mailbox_change)(arguments.which, **_given(arguments))
    return _output(Mailbox.from_json(answer))


def limit_domain(arguments: argparse.Namespace) -> Output:
    """Set the limits of the mailboxes in a domain."""
    domain = parse_domain(arguments.which)
    return _output(Domain.from_json(plain(directory.domain_change)(domain, **_given(arguments))))
