# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on mailboxes, their passwords and the mail in them.

DIAGNOSTICS
    The errors of `directory.verbs.mailboxes`, `directory.password` and `mailstore`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..authentication import closing
from ..directory.person import owner_of
from ..directory.send_limits import own_limits
from ..directory.store import PageStore
from ..directory.verbs import mailboxes, own
from ..mailstore import content, handover, kept_mail
from ..maintenance import password_link


@privileged
def mailbox_add(
    address: str,
    owner: str | None = None,
    password: secret_str | None = None,
    take_over_mail: bool = False,
    note: str = '',
) -> dict[str, Any]:
    """Add a mailbox of a FreedomBox user, or one with a password of its own.

    Mail of an earlier mailbox with this address is kept from it unless `take_over_mail` is set.
    """
    with PageStore() as store:
        return handover.add_mailbox(
            store, address, owner=owner or '', password=password,
            take_over_mail=take_over_mail, note=note,
        ).to_json()  # fmt: skip


@privileged
def mailbox_change(
    address: str,
    enabled: bool | None = None,
    note: str | None = None,
    forwards: list[str] | None = None,
    keep_copy: bool | None = None,
    version: str = '',
    closed: str | None = None,
    recipients_hour: int | None = None,
    recipients_day: int | None = None,
    first_time_day: int | None = None,
    forwarding: str | None = None,
    quota: str | None = None,
    trash_days: str | None = None,
    junk_days: str | None = None,
) -> dict[str, Any]:
    """Switch a mailbox on or off, change its note, its limits, or where its mail also goes.

    With a sentence in `closed` logins are refused with it. Limits of 0 are none. Sessions
    end when no one may log in. `forwarding` is `yes`, `no` or `default`: whether mail may be
    forwarded to other servers. A quota or days of '' are those of
    the domain.
    """
    limits = own_limits(recipients_hour, recipients_day, first_time_day)
    with PageStore() as store:
        return closing.change(
            store, address, enabled=enabled, note=note, forwards=forwards, closed=closed,
            keep_copy=keep_copy,
            forwarding=forwarding, limits=limits, version=version,
            room={'quota': quota, 'trash_days': trash_days, 'junk_days': junk_days},
        ).to_json()  # fmt: skip


@privileged
def own_mailbox_forward(
    user: str,
    address: str,
    destinations: list[str],
    version: str = '',
    alone: bool = False,
    keep_copy: bool = True,
) -> dict[str, Any]:
    """Choose where the mail of a user's mailbox goes, and whether a copy stays."""
    with PageStore() as store, store.exclusive():
        owner = owner_of(store, user, alone)
        return own.set_forwards(store, owner, address, destinations, version, keep_copy).to_json()


@privileged
def mailbox_set_password(address: str, password: secret_str) -> dict[str, Any]:
    """Give a stand-alone mailbox another password."""
    with PageStore() as store:
        return mailboxes.choose_password(store, address, password).to_json()


@privileged
def mailbox_change_password(
    address: str, old_password: secret_str, new_password: secret_str
) -> dict[str, Any]:
    """Change the password of a stand-alone mailbox, given the present one."""
    with PageStore() as store:
        return mailboxes.change_password(store, address, old_password, new_password).to_json()


@privileged
def mailbox_sign_in(address: str, password: secret_str) -> dict[str, Any]:
    """The stand-alone mailbox a password opens, and the mark its session needs."""
    with PageStore() as store:
        return mailboxes.sign_in(store, address, password).to_json()


@privileged
def mailbox_signed_in(address: str, mark: str) -> str:
    """The address of a session that has not ended."""
    with PageStore() as store:
        return mailboxes.check_session(store, address, mark).address


@privileged
def mailbox_reset_start(address: str, hours: int = mailboxes.RESET_HOURS) -> dict[str, Any]:
    """The link by which a new password can be chosen once, and the secret in it."""
    with PageStore() as store:
        return password_link.make(store, address, hours).to_json()


@privileged
def mailbox_reset_address(secret: secret_str) -> str:
    """The address a link is for."""
    with PageStore() as store:
        return mailboxes.find_reset(store, secret).address


@privileged
def mailbox_reset_finish(secret: secret_str, password: secret_str) -> dict[str, Any]:
    """Choose a new password by a link, which uses it up."""
    with PageStore() as store:
        return mailboxes.use_reset(store, secret, password).to_json()


@privileged
def mailbox_remove(
    address: str, delete_mail: bool = False, force: bool = False, version: str = ''
) -> dict[str, Any]:
    """Remove a mailbox; its stored mail stays unless `delete_mail` is set."""
    with PageStore() as store:
        return handover.remove_mailbox(store, address, delete_mail, force, version).to_json()


@privileged
def mailbox_content(address: str) -> dict[str, Any]:
    """The content of a mailbox, and its last login."""
    with PageStore() as store:
        return content.of_address(store, address).to_json()


@privileged
def mail_kept() -> list[dict[str, Any]]:
    """The stored mail that belongs to no mailbox, and since when."""
    with PageStore() as store:
        return [each.to_json() for each in kept_mail.kept(store)]


@privileged
def mail_give(which: str) -> str:
    """Give kept mail, by its identifier or address, to the mailbox with that address today."""
    with PageStore() as store:
        return kept_mail.give(store, which)


@privileged
def mail_delete(which: str) -> str:
    """Delete mail that belongs to no mailbox, by its identifier or address."""
    with PageStore() as store:
        return kept_mail.delete_kept(store, which)
