# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email members …`."""

import argparse
from datetime import datetime

from ..directory.mailbox import Mailbox
from ..directory.member import Member
from ..directory.person import named
from ..directory.store import Store
from ..directory.verbs.members import id_of
from ..errors import MailError
from ..freedombox_seams import plain
from ..privileged import members as actions
from .output import Output, table
from .parser import Verbs

ALL = 'read,write,send'


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    listing = verbs.add('list', list_members, 'list the members of a mailbox, or all members')
    listing.add_argument('address', nargs='?', help='address of the shared mailbox')
    setting = verbs.add('set', set_member, 'add a member, or change the rights of one')
    removing = verbs.add('remove', remove_member, 'remove a member')
    for verb in (setting, removing):
        verb.add_argument('address', help='address of the shared mailbox')
        verb.add_argument(
            'member', metavar='USER|MAILBOX', help='user name, or address of a mailbox'
        )
    setting.add_argument(
        'rights', nargs='?', default=ALL, help='read, read,write, read,send or '
        'read,write,send (the default)',
    )  # fmt: skip
    _register_handover(verbs)


def _register_handover(verbs: Verbs) -> None:
    """Add the verbs that change members on a day."""
    plan = verbs.add('hand-over', hand_over, 'change members on a day, all at once')
    plan.add_argument('address', help='address of the shared mailbox')
    plan.add_argument('--on', metavar='DATE', default='', help='day it happens (default: now)')
    plan.add_argument(
        '--out', nargs='*', metavar='MEMBER', default=[], help='users or mailboxes that leave'
    )
    plan.add_argument(
        '--in', nargs='*', metavar='MEMBER', default=[], dest='joining',
        help='users or mailboxes that join, with all rights or those in MEMBER=read,write',
    )  # fmt: skip
    cancel = verbs.add('cancel-hand-over', cancel_handover, 'give up a planned hand-over')
    cancel.add_argument('address', help='address of the shared mailbox')


def hand_over(arguments: argparse.Namespace) -> Output:
    """Change members on a day, or now."""
    with Store() as store:
        leaving = [_id(store, text) for text in arguments.out]
        pairs = [text.partition('=') for text in arguments.joining]
        joining = [f'{_id(store, name)} {rights or ALL}' for name, _, rights in pairs]
    day = arguments.on or datetime.now().astimezone().isoformat()
    answer = plain(actions.handover_set)(arguments.address, day, leaving, joining)
    after = Mailbox.from_json(answer)
    when = after.handover.astimezone() if after.handover else None
    line = (
        f'{after.address} is handed over on {when:%Y-%m-%d %H:%M}.'
        if when
        else f'Handed over {after.address}.'
    )
    return Output([line], {'mailbox': answer})


def cancel_handover(arguments: argparse.Namespace) -> Output:
    """Give up a planned hand-over."""
    answer = plain(actions.handover_set)(arguments.address, '', [], [])
    return Output([f'Canceled the hand-over of {arguments.address}.'], {'mailbox': answer})


def _rows(store: Store, mailbox: Mailbox) -> list[tuple[str, str, str]]:
    """Mailbox, name and rights of each member."""
    names = {user.id: user.name for user in store.users()}
    return [
        (mailbox.address, names.get(member.id, member.id), member.rights)
        for member in mailbox.member_rights
    ]


def list_members(arguments: argparse.Namespace) -> Output:
    """List members."""
    with Store() as store:
        one = (
            [store.get(Mailbox, arguments.address)]
            if arguments.address
            else store.having(Mailbox, 'members')
        )
        rows = [row for mailbox in one for row in _rows(store, mailbox)]
    keys = ('mailbox', 'member', 'rights')
    data = {'members': [dict(zip(keys, row, strict=True)) for row in rows]}
    return Output(table(rows) or ['No shared mailboxes found.'], data)


def _change(arguments: argparse.Namespace, rights: str) -> Mailbox:
    """Give one member these rights; '' takes the member out."""
    with Store() as store:
        mailbox, id_ = store.get(Mailbox, arguments.address), _id(store, arguments.member)
    if not rights and id_ not in mailbox.members:
        raise MailError('member-missing.here', member=arguments.member, address=mailbox.address)
    wanted = [str(member) for member in mailbox.member_rights if member.id != id_]
    wanted += [str(Member.parse(f'{id_} {rights}'))] if rights else []
    answer = plain(actions.members_set)(mailbox.address, wanted, mailbox.version)
    return Mailbox.from_json(answer)


def _id(store: Store, text: str) -> str:
    """The identity of a member named by user name or address; an identity is itself."""
    try:
        return id_of(named(store, text))
    except MailError:
        if any(text in mailbox.members for mailbox in store.having(Mailbox, 'members')):
            return text
        raise


def set_member(arguments: argparse.Namespace) -> Output:
    """Add a member, or change the rights of one."""
    after = _change(arguments, arguments.rights)
    line = f'{arguments.member} can use {after.address} ({arguments.rights}).'
    return Output([line], {'mailbox': after.to_json()})


def remove_member(arguments: argparse.Namespace) -> Output:
    """Take a member out."""
    after = _change(arguments, '')
    line = f'{arguments.member} is no longer a member of {after.address}.'
    return Output([line], {'mailbox': after.to_json()})
