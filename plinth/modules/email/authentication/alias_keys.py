# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys by which password managers make aliases for a person, and nothing else.

A key is an app password with a use of its own: it opens no mail and sends none. It is made with
the present password of its owner, and revoked like any other.

DIAGNOSTICS
    alias-key-invalid   the key is none, is for another use, or its owner may not log in
    And the errors of `authentication.device_passwords` and `directory.verbs.own`, unchanged.
"""

from ..directory.alias import Alias
from ..directory.apppassword import ALIAS, AppPassword
from ..directory.mailbox import Mailbox
from ..directory.person import Owner, of_account, of_sign_in
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from . import device_passwords
from .device_passwords import NewAppPassword

LONGEST_KEY = 100


def make_for(store: Store, owner: Owner, label: str, present: str) -> NewAppPassword:
    """Make a key, given the present password of its owner."""
    device_passwords.check(store, owner, present)
    own.main_address(store, owner)
    return device_passwords.make(store, owner, label, ALIAS)


def _entry_of(store: Store, key: str) -> AppPassword | None:
    """The entry of a key, None when there is none that it fits."""
    if len(key) > LONGEST_KEY:
        return None
    try:
        entry = store.find(AppPassword, key)
    except MailError:  # it has not the form of one
        return None
    fits = entry is not None and entry.use == ALIAS and store.app_password_fits(entry, key)
    return entry if fits else None


def _owner(store: Store, entry: AppPassword) -> Owner | None:
    """The owner of a key who may log in, by identity."""
    if not entry.owner_id:
        mailbox = of_sign_in(store, entry.owner)
        return mailbox if mailbox.stands_alone else None
    users = (user for user in store.users() if user.id == entry.owner_id and not user.locked)
    return next((of_account(user) for user in users if user.has_plain_name), None)


def owner_of(store: Store, key: str) -> Owner:
    """The owner of a key. All that is wrong with one is the same error."""
    entry = _entry_of(store, key)
    try:
        owner = _owner(store, entry) if entry else None
    except MailError as error:
        if not error.code.endswith('-missing'):
            raise
        owner = None
    if owner is None:
        raise MailError('alias-key-invalid')
    return owner


def add_alias(store: Store, key: str, domain: str = '', note: str = '') -> Alias:
    """Add a random alias for the owner of a key, within the limits of that person."""
    owner = owner_of(store, key)
    if isinstance(owner, Mailbox) or any(each.enabled and not each.closed
                                         for each in own.mailboxes_of(store, owner)):  # fmt: skip
        return own.add_random_alias(store, owner, domain, note)
    raise MailError('alias-key-invalid')
