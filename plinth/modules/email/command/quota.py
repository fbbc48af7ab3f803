# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email quota …`."""

import argparse

from ..directory.address import parse_domain
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..freedombox_seams import plain
from ..mailstore import fullness, usage_refresh
from ..mailstore.usage import Usages
from ..privileged import directory, people
from .output import Output, table
from .parser import Verbs

DEFAULT = 'default'
"""The word for a value that is left to the domain, or to none."""


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('show', show, 'show the storage used and the quota of all mailboxes and domains')
    mailbox = verbs.add('mailbox', set_mailbox, 'set the quota of a mailbox')
    mailbox.add_argument('address', help='address of the mailbox')
    mailbox.add_argument('size', help='for example “500 MB”, “2 GiB”, unlimited or default')
    domain = verbs.add('domain', set_domain, 'set the quotas of a domain')
    domain.add_argument('domain', help='mail domain')
    domain.add_argument('--each', metavar='SIZE', help='of each mailbox without its own')
    domain.add_argument('--total', metavar='SIZE', help='of all mailboxes together')
    days = verbs.add('old-mail', set_days, 'delete mail in Trash and Junk after some days')
    days.add_argument('which', metavar='ADDRESS|DOMAIN', help='mailbox, or domain for all of its')
    for name in ('trash', 'junk'):
        days.add_argument(f'--{name}', metavar='DAYS', help='number of days, never or default')


def _text(value: str | None) -> str | None:
    """An option as the verbs take it."""
    return '' if value == DEFAULT else value


def _given(**values: str | None) -> dict[str, str]:
    """The options that were given; none at all is a mistake."""
    given = {name: text for name, value in values.items() if (text := _text(value)) is not None}
    if not given:
        raise MailError('usage-invalid.no-limit')
    return given


def set_mailbox(arguments: argparse.Namespace) -> Output:
    """Set the quota of a mailbox."""
    answer = plain(people.mailbox_change)(arguments.address, quota=_text(arguments.size))
    changed = Mailbox.from_json(answer)
    line = f'The quota of {changed.address} is {changed.quota or "that of its domain"}.'
    return Output([line], {'mailbox': changed.to_json()})


def set_domain(arguments: argparse.Namespace) -> Output:
    """Set the quotas of a domain."""
    given = _given(quota=arguments.each, total_quota=arguments.total)
    answer = plain(directory.domain_change)(parse_domain(arguments.domain), **given)
    return _changed(Domain.from_json(answer))


def set_days(arguments: argparse.Namespace) -> Output:
    """Set the days after which old mail is deleted, of a mailbox or a domain."""
    given = _given(trash_days=arguments.trash, junk_days=arguments.junk)
    if '@' in arguments.which:
        return _changed(Mailbox.from_json(plain(people.mailbox_change)(arguments.which, **given)))
    domain = parse_domain(arguments.which)
    return _changed(Domain.from_json(plain(directory.domain_change)(domain, **given)))


def _changed(entry: Domain | Mailbox) -> Output:
    return Output([f'Changed {entry.key}.'], {entry.NOUN: entry.to_json()})


def _row(name: str, used: int | None, quota: str) -> tuple[str, ...]:
    return name, '?' if used is None else f'{used / 10**6:.1f} MB', quota


def show(_arguments: argparse.Namespace) -> Output:
    """Show what is used and the quotas."""
    with Store() as store:
        quotas = fullness.quotas(store)
        addresses = [each.address for each in store.search(Mailbox)]
    usage_refresh.refresh_if_possible()
    usages = Usages().look()
    totals = fullness.totals({each: usages.get(each, 0) for each in addresses})
    rows: list[tuple[str, ...]] = [('', 'used', 'quota')]
    rows += [_row(f'{name} (all)', totals.get(name, 0), str(quotas.total_of(name)))
             for name in sorted(quotas.domains)]  # fmt: skip
    rows += [_row(each, usages.get(each), str(quotas.of(each))) for each in addresses]
    data = {
        'domains': {name: {'bytes': totals.get(name, 0), 'quota': str(quotas.total_of(name))}
                    for name in quotas.domains},
        'mailboxes': {each: {'bytes': usages.get(each), 'quota': str(quotas.of(each))}
                      for each in addresses},
    }  # fmt: skip
    return Output(table(rows), data)
