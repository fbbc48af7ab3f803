# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for mailboxes, with the rules that span several entries.

A mailbox that is switched off cannot be logged into, and mail to it is refused with 550, so
senders are told that it is not read. What is stored in it stays as it is.

DIAGNOSTICS
    address-invalid   the address cannot be one of ours
    domain-missing    it is in a domain this box does not have
    mailbox-exists, alias-exists   the address is taken
    owner-invalid     neither or both of owner and password; or what needs its own password
    user-missing      there is no such FreedomBox user
    mailbox-in-use    it is the mailbox the short name of a user opens
    address-in-use    aliases lead to it
    reset-invalid     a link for a new password is unknown, used or too old
    login-invalid     the address or the password is wrong
    guard-denied      the password is right, but its person may not change it
    mailbox-frozen    the password is right, but logins are refused
    session-invalid   a session of a stand-alone mailbox has ended
    expiry-invalid    its end has come, so it stays off until another one is chosen
    entry-changed     another person changed it since it was looked at
"""

import dataclasses
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...errors import MailError
from ...system.json_value import JsonValue
from .. import apppassword
from ..acts import act
from ..address import parse_own
from ..alias import Alias
from ..entry import now
from ..mailbox import Mailbox
from ..password import check_password, hash_password
from ..person import of_sign_in
from ..room import AS_IT_IS, OwnRoom, given_room
from ..send_limits import UNCHANGED, OwnLimits, given
from ..store import Store, storing
from ..view import StoreView
from . import guards
from .aliases import (
    check_forwards,
    check_free,
    check_unused,
    check_version,
    cut_off,
    disown,
    normal_destinations,
)
from .domains import parse_choice
from .forward_rules import check_may_leave, settled
from .members import forget

RESET_HOURS = 48


@act
def add(
    store: Store, text: str, owner: str = '', password_hash: str = '', note: str = ''
) -> Mailbox:
    """Add a mailbox for a FreedomBox user, or a stand-alone one with a hashed password."""
    if bool(owner) == bool(password_hash):
        raise MailError('owner-invalid.both')
    address = str(parse_own(text.strip()))
    check_free(StoreView(store), address)
    owner_id = store.user(owner).id if owner else ''
    others = store.search(Mailbox, where={'owner_id': owner_id}) if owner_id else ()
    mailbox = dataclasses.replace(
        Mailbox(address, owner=owner, owner_id=owner_id, note=note.strip()),
        **guards.fields_beside(others, owner_id),  # type: ignore[arg-type]
    )
    if store.find(Alias, address):
        store.remove(Alias, address)
    # Left over should the removal of an earlier mailbox have been cut short.
    apppassword.remove_of_mailbox(store, Mailbox(address))
    disown(store, Mailbox(address))
    forget(store, address)
    guards.forget(store, address)
    store.add(mailbox, password_hash)
    return mailbox


def _without_copy(mailbox: Mailbox, keep_copy: bool | None) -> tuple[str, ...]:
    """A mark of a mailbox that keeps no copy; the mailbox makes it the destinations themselves."""
    if keep_copy is None:
        return mailbox.forward_only
    return () if keep_copy else (mailbox.address,)


@storing
def change(
    store: Store,
    text: str,
    *,
    enabled: bool | None = None,
    note: str | None = None,
    forwards: Collection[str] | None = None,
    keep_copy: bool | None = None,
    closed: str | None = None,
    limits: OwnLimits = UNCHANGED,
    forwarding: str | None = None,
    room: OwnRoom = AS_IT_IS,
    version: str = '',
) -> Mailbox:
    """Switch a mailbox on or off, change its note, limits, room, or where its mail also goes.

    With a sentence in `closed` logins are refused with it, with '' not. `forwarding` is a choice of
    `parse_choice`: whether mail may be forwarded to other servers. None leaves a thing as it is.
    """
    present = store.get(Mailbox, text)
    check_version(present, version)
    if enabled and present.gone:
        raise MailError('owner-invalid.deleted', address=present.address, user=present.owner)
    if enabled and present.ended:
        raise MailError('expiry-invalid.ended', address=present.address)
    after = dataclasses.replace(
        present,
        enabled=present.enabled if enabled is None else enabled,
        note=present.note if note is None else note.strip(),
        forwards=present.forwards if forwards is None else normal_destinations(forwards),
        forward_only=_without_copy(present, keep_copy),
        closed=present.closed if closed is None else closed.strip(),
        **given(limits),
        **given_room(room),
        stopped=present.stopped if forwards is None else (),
        forwarding=parse_choice(forwarding, present.forwarding),
    )
    view = StoreView(store)
    if forwards is not None:
        check_forwards(view, after)
        check_may_leave(view, after)
    if forwarding is not None:
        after = settled(view, after)
    store.change(present, after)
    return after


def _with_own_password(store: Store, text: str) -> Mailbox:
    """A mailbox that has a password of its own."""
    mailbox = store.get(Mailbox, text)
    if not mailbox.stands_alone:
        raise MailError('owner-invalid.password', address=mailbox.address, user=mailbox.owner)
    return mailbox


def choose_password(store: Store, text: str, password: str) -> Mailbox:
    """Give a stand-alone mailbox another password; it is hashed outside of the lock."""
    parse_own(text)  # before the work of hashing
    return set_password(store, text, hash_password(password, text))


@act
def set_password(store: Store, text: str, password_hash: str) -> Mailbox:
    """Give a stand-alone mailbox another password."""
    mailbox = _with_own_password(store, text)
    store.set_password_hash(mailbox.address, password_hash)
    return mailbox


def opened_by(store: Store, text: str, password: str) -> Mailbox:
    """The stand-alone mailbox in use with an address and password.

    The answer takes as long and reads the same whether the address or the password is wrong.
    """
    try:
        mailbox = store.find(Mailbox, text)
    except MailError:
        mailbox = None
    known = mailbox if mailbox and mailbox.stands_alone and mailbox.enabled else None
    if not store.password_fits(known.address if known else '', password) or known is None:
        raise MailError('login-invalid')
    if known.closed:
        raise MailError('mailbox-frozen', sentence=known.closed)
    # The login may have been noted in the entry, which gives it another stamp.
    return store.get(Mailbox, known.address)


def session_mark(store: Store, mailbox: Mailbox) -> str:
    """A mark of the present password of a mailbox for its session, no help to guess it.

    The hash has a salt of its own, so the same password chosen again has another mark.
    """
    hashed = store.password_hashes(mailbox.address).get(mailbox.address, '')
    return hashlib.sha256(f'session {mailbox.address} {hashed}'.encode()).hexdigest()


@dataclass(frozen=True)
class SignedIn(JsonValue):
    """The address of a stand-alone mailbox that was signed in, and the mark of its session."""

    address: str
    mark: str


def sign_in(store: Store, text: str, password: str) -> SignedIn:
    """The stand-alone mailbox a password opens, and the mark its session needs."""
    mailbox = opened_by(store, text, password)
    return SignedIn(mailbox.address, session_mark(store, mailbox))


def check_session(store: Store, address: str, mark: str) -> Mailbox:
    """The mailbox of a session, which ends with the password, when off, and with the mailbox."""
    ended = MailError('session-invalid')
    try:
        mailbox = of_sign_in(store, address)
    except MailError as error:
        if error.code not in ('mailbox-missing', 'address-invalid'):
            raise
        raise ended from error
    if not hmac.compare_digest(
        session_mark(store, mailbox).encode(), mark.encode(errors='replace')
    ):
        raise ended
    return mailbox


def change_password(store: Store, text: str, old: str, new: str) -> Mailbox:
    """Change the password of a stand-alone mailbox, given the present one.

    A password that cannot be taken is refused before the old one is tried, and hashed after.
    """
    check_password(new, text.strip())
    known = opened_by(store, text, old)
    guards.check_may(known, 'password')
    store.set_password_hash(known.address, hash_password(new, known.address), known.stamp)
    return known


def _hash_secret(secret: str) -> str:
    """The hash of a random secret, which needs no slow one."""
    return hashlib.sha256(secret.encode(errors='replace')).hexdigest()


@act
def start_reset(store: Store, text: str, hours: int = RESET_HOURS) -> tuple[str, datetime]:
    """The secret for a link by which a new password can be chosen once, and its end.

    An earlier link for the mailbox is void from then on.
    """
    if not 1 <= hours <= 24 * 14:
        raise MailError('hours-invalid')
    mailbox = _with_own_password(store, text)
    secret, expires = secrets.token_urlsafe(32), now() + timedelta(hours=hours)
    store.set_reset_hash(mailbox.address, _hash_secret(secret), expires)
    return secret, expires


def find_reset(store: Store, secret: str) -> Mailbox:
    """The mailbox a link is for, or say that the link is not valid, without why."""
    mailbox = store.find_reset(_hash_secret(secret))
    if mailbox is None or mailbox.reset_expires is None or mailbox.reset_expires <= now():
        raise MailError('reset-invalid')
    return mailbox


def use_reset(store: Store, secret: str, password: str) -> Mailbox:
    """Choose a new password by a link, which uses it up; it is hashed outside of the lock."""
    address = find_reset(store, secret).address  # before the work of hashing
    return finish_reset(store, secret, hash_password(password, address))


@act
def finish_reset(store: Store, secret: str, password_hash: str) -> Mailbox:
    """Give the mailbox a link is for another password, which uses the link up."""
    mailbox = find_reset(store, secret)
    store.set_password_hash(mailbox.address, password_hash, mailbox.stamp)
    return mailbox


@act
def remove(store: Store, text: str, force: bool = False, version: str = '') -> Mailbox:
    """Remove a mailbox; stored mail stays.

    One that aliases lead to is only removed with `force`, and then taken out of them.
    """
    mailbox = store.get(Mailbox, text)
    check_version(mailbox, version)
    if mailbox.login:
        raise MailError('mailbox-in-use', address=mailbox.address, user=mailbox.owner)
    if not force:
        check_unused(store, mailbox.address)
    store.remove(Mailbox, mailbox.address, mailbox.stamp)
    apppassword.remove_of_mailbox(store, mailbox)
    cut_off(store, mailbox.address)
    disown(store, mailbox)
    forget(store, mailbox.address)
    guards.forget(store, mailbox.address)
    return mailbox
