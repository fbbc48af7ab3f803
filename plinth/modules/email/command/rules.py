# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email rules …`."""

import argparse
import sys
from datetime import date

from ..directory.common_filters import PLACES, CommonFilters
from ..directory.house_rules import all_rules
from ..directory.mail_filter import Field, FilterCondition, Filters, MailFilter
from ..directory.mailbox import Mailbox
from ..directory.store import PageStore, Store
from ..directory.vacation import USUAL_DAYS, Vacation, plain_text
from ..directory.verbs import mail_rules
from ..errors import MailError
from ..rules import placement
from ..words.house_rules import english
from .output import Output, table
from .parser import Verbs

# The command comes here without root's door.
placement.stand_by()

_CONDITIONS: dict[str, Field] = {
    '--from': 'from', '--to': 'to', '--subject': 'subject', '--list': 'list', '--label': 'label',
    '--larger': 'larger', '--smaller': 'smaller',
}  # fmt: skip


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('table', show_table, 'show the rules of all mailboxes')
    _address(verbs.add('show', show, 'show the rules of a mailbox'))
    vacation = _address(verbs.add('vacation', set_vacation, 'set the automatic reply'))
    vacation.add_argument('--text', help='text of the reply (default: read from standard input)')
    vacation.add_argument('--subject', default='', help='subject (default: that of the message)')
    vacation.add_argument('--from', dest='first', metavar='DAY', help='first day, as 2026-12-24')
    vacation.add_argument('--until', dest='last', metavar='DAY', help='last day')
    vacation.add_argument(
        '--days', type=int, default=USUAL_DAYS, help='days between two replies to one sender'
    )
    vacation.add_argument('--off', action='store_true', help='remove the automatic reply')
    _register_filters(verbs)
    labels = _address(
        verbs.add(
            'labels', set_labels, 'file mail to NAME+TOPIC in the folder TOPIC if there is one'
        )
    )
    labels.add_argument('choice', choices=('on', 'off'), help='on or off')


def show_table(_arguments: argparse.Namespace) -> Output:
    """Show the rules of all mailboxes."""
    with Store() as store:
        found, _more = all_rules(store)
    said = {
        each.address: [english(rule.kind, dict(rule.params)) for rule in each.rules]
        for each in found
    }
    rows = [('mailbox', 'rule'), *((each, rule) for each, rules in said.items() for rule in rules)]
    return Output(table(rows) if found else [], {'rules': said})


def _address(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    verb.add_argument('address', help='address of the mailbox; of filters also: before, after')
    return verb


def _register_filters(verbs: Verbs) -> None:
    """Add the verbs for filters."""
    add = _address(verbs.add('add-filter', add_filter, 'add a filter after all others'))
    add.add_argument('name', help='name of the filter')
    for option, field in _CONDITIONS.items():
        add.add_argument(
            option, dest=f'if_{field}', action='append', default=[], metavar='VALUE',
            help=f'condition: {field} {"in kB" if "er" in field else "contains this text"}',
        )  # fmt: skip
    add.add_argument('--any', action='store_true', help='one condition is enough')
    add.add_argument('--folder', default='', help='put the message into this folder')
    add.add_argument('--flag', default='', choices=('flagged', 'seen'), help='mark the message')
    add.add_argument('--forward', default='', metavar='ADDRESS', help='forward a copy')
    add.add_argument('--discard', action='store_true', help='delete the message')
    add.add_argument('--go-on', action='store_true', help='let later filters see the message')
    remove = _address(verbs.add('remove-filter', remove_filter, 'remove a filter'))
    remove.add_argument('name', help='name of the filter')
    move = _address(verbs.add('move-filter', move_filter, 'move a filter to another place'))
    move.add_argument('name', help='name of the filter')
    move.add_argument('place', type=int, help='its new place; the first one is 1')


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise MailError('time-invalid') from error


def _output(mailbox: Mailbox) -> Output:
    """The rules of a mailbox."""
    reply, filters = mailbox.vacation, mailbox.filters
    state = 'off' if reply is None or not reply.enabled else f'every {reply.days} days'
    days = (
        ' - '.join(str(each or '') for each in (reply.first_day, reply.last_day)) if reply else ''
    )
    rows = [
        ('automatic reply', state, days.strip(' -')),
        ('folders for labels', 'on' if mailbox.label_folders else 'off', ''),
    ]
    numbered = (
        (f'filter {number}', each.name, '' if each.enabled else 'off')
        for number, each in enumerate(filters, 1)
    )
    data = {
        'address': mailbox.address,
        'vacation': reply and reply.to_json(),
        'filters': [each.to_json() for each in filters],
        'labels': bool(mailbox.label_folders),
    }
    return Output(table([*rows, *numbered]), {'rules': data})


def _house_output(rules: CommonFilters) -> Output:
    """The filters for all mailboxes."""
    rows = [
        (f'{place} {number}', each.name, '' if each.enabled else 'off')
        for place in PLACES
        for number, each in enumerate(rules.at(place), 1)
    ]
    return Output(table(rows) or ['No filters found.'], {'rules': rules.to_json()})


def show(arguments: argparse.Namespace) -> Output:
    """Show the rules of a mailbox, or the filters for all."""
    with Store() as store:
        if arguments.address in PLACES:
            return _house_output(store.settings().common_filters)
        return _output(store.get(Mailbox, arguments.address))


def _reply(arguments: argparse.Namespace) -> Vacation | None:
    if arguments.off:
        return None
    text = sys.stdin.read() if arguments.text is None else arguments.text
    return Vacation(
        plain_text(text), arguments.subject, _day(arguments.first), _day(arguments.last),
        arguments.days,
    )  # fmt: skip


def set_vacation(arguments: argparse.Namespace) -> Output:
    """Set the automatic reply of a mailbox, or remove it."""
    reply = _reply(arguments)
    with PageStore() as store:
        return _output(mail_rules.choose_vacation(store, arguments.address, reply))


def _present(store: Store, which: str) -> tuple[Filters, str]:
    """The filters of a mailbox or for all, and their version."""
    for place in PLACES:
        if which == place:
            rules = store.settings().common_filters
            return rules.at(place), rules.version
    mailbox = store.get(Mailbox, which)
    return mailbox.filters, mailbox.version


def _choose(store: Store, which: str, filters: Filters, version: str) -> Output:
    if which in PLACES:
        return _house_output(mail_rules.choose_common_filters(store, which, filters, version))
    return _output(mail_rules.choose_filters(store, which, filters, version))


def add_filter(arguments: argparse.Namespace) -> Output:
    """Add a filter after all others."""
    conditions = tuple(
        FilterCondition(field, value)
        for field in _CONDITIONS.values()
        for value in getattr(arguments, f'if_{field}')
    )
    made = MailFilter(
        arguments.name, conditions, 'any' if arguments.any else 'all', arguments.folder,
        arguments.flag, arguments.forward, arguments.discard, not arguments.go_on,
    )  # fmt: skip
    with PageStore() as store:
        filters, version = _present(store, arguments.address)
        return _choose(store, arguments.address, (*filters, made), version)


def _taken_out(filters: Filters, name: str) -> tuple[MailFilter, Filters]:
    """A filter by its name, and the others."""
    found = [each for each in filters if each.name.casefold() == name.casefold()]
    if not found:
        raise MailError('filter-missing', name=name)
    return found[0], tuple(each for each in filters if each is not found[0])


def remove_filter(arguments: argparse.Namespace) -> Output:
    """Remove a filter."""
    with PageStore() as store:
        filters, version = _present(store, arguments.address)
        _removed, others = _taken_out(filters, arguments.name)
        return _choose(store, arguments.address, others, version)


def move_filter(arguments: argparse.Namespace) -> Output:
    """Move a filter to another place."""
    with PageStore() as store:
        filters, version = _present(store, arguments.address)
        moved, others = _taken_out(filters, arguments.name)
        place = max(arguments.place - 1, 0)
        return _choose(store, arguments.address, (*others[:place], moved, *others[place:]), version)


def set_labels(arguments: argparse.Namespace) -> Output:
    """Choose whether mail with a label goes to the folder of that name."""
    with PageStore() as store:
        return _output(
            mail_rules.choose_label_folders(store, arguments.address, arguments.choice == 'on')
        )
