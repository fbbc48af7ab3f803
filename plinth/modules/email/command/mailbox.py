# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email mailbox …`."""

import argparse
import getpass
import sys
from typing import Any

from ..directory import apppassword
from ..directory.address import parse_domain
from ..directory.mailbox import Mailbox
from ..directory.person import of_mailbox
from ..directory.store import Store
from ..directory.verbs.mailboxes import RESET_HOURS
from ..errors import MailError
from ..freedombox_seams import plain
from ..mailstore.content import Content
from ..mailstore.kept_mail import KeptMail
from ..maintenance.password_link import ResetLink
from ..privileged import misuse
from ..privileged import people as actions
from ..words import misuse as misuse_words
from . import deleted
from .apppassword import password_row
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add(
        'add', add_mailbox, 'create a mailbox; the password is read from the terminal or input'
    )
    add.add_argument('address', help='the new address, for example shop@example.org')
    add.add_argument(
        '--owner', metavar='USER', help='FreedomBox user who owns it and logs in to it'
    )
    add.add_argument(
        '--take-over-mail', action='store_true', help='reuse the mail stored for this address'
    )
    listing = verbs.add('list', list_mailboxes, 'list mailboxes')
    verbs.add_search(listing)
    listing.add_argument('--domain', help='show only this domain')
    password = verbs.add('passwd', change_password, 'change the password of a mailbox')
    password.add_argument('address', help='address of the mailbox')
    remove = verbs.add('remove', remove_mailbox, 'remove a mailbox and keep its stored mail')
    remove.add_argument('address', help='address of the mailbox')
    remove.add_argument(
        '--delete-mail', action='store_true', help='permanently delete its stored mail too'
    )
    remove.add_argument(
        '--force', action='store_true', help='remove it even if aliases deliver to it'
    )
    _register_more(verbs)


def _register_more(verbs: Verbs) -> None:
    """Add the verbs for one mailbox that is there, and for mail that is left."""
    for name, run, help_ in (
        ('enable', enable, 'enable a mailbox'),
        ('disable', disable, 'disable a mailbox: reject logins and new mail, keep stored mail'),
        ('show', show, 'show size, message count and last login'),
        ('reset-link', make_link, 'create a one-time password link'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument('address', help='address of the mailbox')
        if run is make_link:
            verb.add_argument(
                '--hours', type=int, default=RESET_HOURS, help='hours the link is valid'
            )
    forward = verbs.add('forward', set_forwards, 'forward a copy of all mail')
    forward.add_argument('address', help='address of the mailbox')
    forward.add_argument(
        '--no-copy', action='store_true', help='keep no copy in the mailbox, except of spam'
    )
    forward.add_argument(
        'to', nargs='*', metavar='DESTINATION', help='address to forward to (none: turn it off)'
    )
    allow = verbs.add(
        'forwarding', set_forwarding, 'allow forwarding to other mail servers, or turn it off'
    )
    allow.add_argument('address', help='address of the mailbox')
    allow.add_argument(
        'choice', choices=('yes', 'no', 'default'), help='default: as its domain says'
    )
    _register_freezing(verbs)
    note = verbs.add('note', set_note, 'set the note of a mailbox')
    note.add_argument('address', help='address of the mailbox')
    note.add_argument('note', nargs='?', default='', help='one line (none: delete the note)')
    deleted.register(verbs)
    _register_kept(verbs)


def _register_freezing(verbs: Verbs) -> None:
    """Add the verbs that refuse logins with a sentence, and allow them again."""
    frozen = verbs.add('freeze', freeze, 'reject logins and end sessions, but accept mail')
    frozen.add_argument('address', help='address of the mailbox')
    frozen.add_argument(
        'sentence', nargs='?', default='', help='sentence that mail apps show at login'
    )
    thaw = verbs.add('unfreeze', unfreeze, 'allow logins again')
    thaw.add_argument('address', help='address of the mailbox')
    reason = verbs.add(
        'login-message', set_closed, 'set the sentence that logins are rejected with'
    )
    reason.add_argument('address', help='address of the mailbox')
    reason.add_argument('sentence', nargs='?', default='', help='one line (none: allow logins)')


def _register_kept(verbs: Verbs) -> None:
    """Add the verbs for mail of earlier owners."""
    verbs.add('kept', list_kept, 'list kept mail of removed mailboxes and previous owners')
    for name, run, help_ in (
        ('give-mail', give_mail, 'give kept mail to the current mailbox of the address'),
        ('delete-mail', delete_mail, 'permanently delete kept mail'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument(
            'which', metavar='ADDRESS|ID', help='address, or ID as printed by “mailbox kept”'
        )


def read_password() -> str:
    """A password asked for twice, or one line of input that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip('\n')
    first = getpass.getpass('Password: ')
    if getpass.getpass('Repeat password: ') != first:
        raise MailError('password-invalid.different')
    return first


def add_mailbox(arguments: argparse.Namespace) -> Output:
    """Add a mailbox."""
    password = None if arguments.owner else read_password()
    answer = plain(actions.mailbox_add)(
        arguments.address, arguments.owner, password, arguments.take_over_mail
    )
    added = Mailbox.from_json(answer)
    return _output(added, f'Created the mailbox {added.address}.')


def _output(mailbox: Mailbox, line: str) -> Output:
    """A mailbox, and the change that was made in words."""
    return Output([line], {'mailbox': mailbox.to_json()})


def _change(arguments: argparse.Namespace, **fields: Any) -> Mailbox:
    """Change fields of a mailbox."""
    return Mailbox.from_json(plain(actions.mailbox_change)(arguments.address, **fields))


def change_password(arguments: argparse.Namespace) -> Output:
    """Change a password."""
    answer = plain(actions.mailbox_set_password)(arguments.address, read_password())
    changed = Mailbox.from_json(answer)
    return _output(changed, f'Changed the password of {changed.address}.')


def remove_mailbox(arguments: argparse.Namespace) -> Output:
    """Remove a mailbox."""
    answer = plain(actions.mailbox_remove)(
        arguments.address, arguments.delete_mail, arguments.force
    )
    removed = Mailbox.from_json(answer)
    line = (
        f'Removed the mailbox {removed.address} and deleted its stored mail.'
        if arguments.delete_mail
        else f'Removed the mailbox {removed.address}. Its stored mail is kept.'
    )
    return _output(removed, line)


def enable(arguments: argparse.Namespace) -> Output:
    """Switch a mailbox on."""
    changed = _change(arguments, enabled=True)
    return _output(changed, f'Enabled the mailbox {changed.address}.')


def disable(arguments: argparse.Namespace) -> Output:
    """Switch a mailbox off."""
    changed = _change(arguments, enabled=False)
    return _output(
        changed,
        f'Disabled the mailbox {changed.address}. New mail is rejected, stored mail is kept.',
    )


def freeze(arguments: argparse.Namespace) -> Output:
    """Refuse logins to a mailbox."""
    sentence = arguments.sentence or misuse_words.FROZEN
    changed = Mailbox.from_json(plain(misuse.mailbox_freeze)(arguments.address, sentence))
    with Store() as store:
        owner = of_mailbox(store, changed)
        passwords = apppassword.of_owner(store, owner)
    rows = [password_row(each) for each in passwords]
    lines = [f'Froze the mailbox {changed.address}. Mail arrives, but no one can log in.']
    lines += ['App passwords:', *table(rows)] if rows else []
    data = {'mailbox': changed.to_json(), 'passwords': [each.to_json() for each in passwords]}
    return Output(lines, data)


def unfreeze(arguments: argparse.Namespace) -> Output:
    """Let logins to a mailbox happen again."""
    changed = Mailbox.from_json(plain(misuse.mailbox_unfreeze)(arguments.address))
    return _output(changed, f'Unfroze the mailbox {changed.address}.')


def set_closed(arguments: argparse.Namespace) -> Output:
    """Set the sentence at login, of a mailbox that is on or off."""
    changed = _change(arguments, closed=arguments.sentence)
    line = (
        f'Logins to {changed.address} are rejected with “{changed.closed}”.'
        if changed.closed
        else f'Logins to {changed.address} are not rejected with a sentence.'
    )
    return _output(changed, line)


def set_forwards(arguments: argparse.Namespace) -> Output:
    """Choose where a copy of all mail goes."""
    changed = _change(arguments, forwards=arguments.to, keep_copy=not arguments.no_copy)
    where = ', '.join(changed.forwards)
    line = (
        f'Mail to {changed.address} is forwarded to {where}.'
        if where
        else f'Mail to {changed.address} is not forwarded.'
    )
    return _output(changed, line)


def set_forwarding(arguments: argparse.Namespace) -> Output:
    """Choose whether mail may be forwarded to other servers."""
    changed = _change(arguments, forwarding=arguments.choice)
    line = {
        'yes': f'Mail of {changed.address} can be forwarded to other mail servers.',
        'no': f"Mail of {changed.address} can't be forwarded to other mail servers.",
        'default': f'Forwarding mail of {changed.address} follows the setting of its domain.',
    }[changed.forwarding_choice]
    return _output(changed, line)


def set_note(arguments: argparse.Namespace) -> Output:
    """Set the note on a mailbox."""
    changed = _change(arguments, note=arguments.note)
    line = (
        f'Set the note of {changed.address} to “{changed.note}”.'
        if changed.note
        else f'Deleted the note of {changed.address}.'
    )
    return _output(changed, line)


def _amount(found: Content | KeptMail) -> str:
    """An amount of mail in words."""
    amount = f'{found.messages} messages, {found.bytes / 2**20:.1f} MiB'
    return amount if found.complete else f'at least {amount}'


def show(arguments: argparse.Namespace) -> Output:
    """Show size, message count and last login of a mailbox."""
    found = Content.from_json(plain(actions.mailbox_content)(arguments.address))
    rows = [
        ('address', found.address),
        ('mail', _amount(found)),
        ('last login', found.last_login.isoformat() if found.last_login else 'unknown'),
    ]
    return Output(table(rows), {'content': found.to_json()})


def make_link(arguments: argparse.Namespace) -> Output:
    """Create a link by which a new password can be chosen once."""
    answer = plain(actions.mailbox_reset_start)(arguments.address, arguments.hours)
    made = ResetLink.from_json(answer)
    lines = [made.link, f'Valid once, until {made.expires.isoformat()}.']
    return Output(lines, {'reset': made.to_json()})


def list_kept(_arguments: argparse.Namespace) -> Output:
    """List stored mail that belongs to no mailbox."""
    found = [KeptMail.from_json(each) for each in plain(actions.mail_kept)()]
    rows = [
        (each.address, f'since {each.since:%Y-%m-%d}', _amount(each), each.id) for each in found
    ]
    data = {'kept': [each.to_json() for each in found]}
    return Output(table(rows) or ['There is no kept mail.'], data)


def give_mail(arguments: argparse.Namespace) -> Output:
    """Give kept mail to the mailbox of today."""
    address = plain(actions.mail_give)(arguments.which)
    return Output([f'Gave the kept mail to {address}.'], {'address': address})


def delete_mail(arguments: argparse.Namespace) -> Output:
    """Delete stored mail that belongs to no mailbox."""
    address = plain(actions.mail_delete)(arguments.which)
    return Output([f'Deleted the kept mail of {address}.'], {'address': address})


def _owner(mailbox: Mailbox) -> str:
    """The owner of a mailbox in words."""
    return 'own password' if mailbox.stands_alone else f'user {mailbox.owner}'


def _state(mailbox: Mailbox) -> str:
    """The state of a mailbox in words."""
    if mailbox.gone:
        return f'off, user deleted on {mailbox.gone:%Y-%m-%d}'
    if mailbox.is_frozen:
        return 'frozen'
    return 'on' if mailbox.enabled else 'off'


def list_mailboxes(arguments: argparse.Namespace) -> Output:
    """List mailboxes."""
    domain = parse_domain(arguments.domain) if arguments.domain else ''
    with Store() as store:
        found = store.search(Mailbox, arguments.text, domain=domain)
    data: dict[str, Any] = {'mailboxes': [mailbox.to_json() for mailbox in found]}
    if arguments.names:
        return Output([mailbox.address for mailbox in found], data)
    rows = [(mailbox.address, _state(mailbox), _owner(mailbox)) for mailbox in found]
    return Output(table(rows) or ['No mailboxes found.'], data)
