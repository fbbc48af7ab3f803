# SPDX-License-Identifier: AGPL-3.0-or-later
"""App passwords made for their owners, who are told of each by mail.

Everything the web process says could be forged, also whose page it is serving. So it gets an
app password only with the person's own present password, which is tried here. Without one
only root itself makes any, by the command.

DIAGNOSTICS
    login-invalid    the present password is wrong, or the account is locked
    And the errors of `directory.apppassword` and `directory.person`, unchanged.
"""

from dataclasses import dataclass

from ..directory import apppassword
from ..directory.apppassword import READ, AppPassword, Use
from ..directory.person import Owner, Person
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from ..sending import password_notice
from ..system.json_value import JsonValue


@dataclass(frozen=True)
class NewAppPassword(JsonValue):
    """An app password, which is shown this once only, and whether its owner was told by mail."""

    entry: AppPassword
    password: str
    told: bool


def make(store: Store, owner: Owner, label: str, use: Use = READ) -> NewAppPassword:
    """Make an app password, and tell its owner if that can be."""
    entry, password = apppassword.add(store, owner, label, use)
    return NewAppPassword(entry, password, password_notice.tell(store, owner, entry))


def make_for(store: Store, owner: Owner, label: str, present: str) -> NewAppPassword:
    """Make an app password, given the present password of its owner."""
    check(store, owner, present)
    own.main_address(store, owner)
    return make(store, owner, label)


def check(store: Store, owner: Owner, present: str) -> None:
    """Refuse a password that is not the present one of an owner."""
    if not _fits(store, owner, present):
        whose = 'account' if isinstance(owner, Person) else 'mailbox'
        raise MailError(f'login-invalid.{whose}')


def _fits(store: Store, owner: Owner, password: str) -> bool:
    """Whether a password is the present one of an owner."""
    if isinstance(owner, Person):
        return store.account_password_fits(store.user(owner.name), password)
    return store.password_fits(owner.address, password)
