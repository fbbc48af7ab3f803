# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms for mailboxes."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..directory.entry import LONGEST_NOTE
from ..directory.mailbox import LONGEST_CLOSED
from ..directory.old_mail import DAYS_ATTRIBUTES
from ..directory.room import MAILBOX_ROOM
from ..directory.send_limits import LIMIT_ATTRIBUTES
from .address import NewAddressForm
from .base import MailForm
from .fields import AddressesField, QuotaField, days_fields, limit_fields
from .password import NewPasswordField

_CULPRITS = {
    'owner-invalid': 'enabled',
    'text-invalid': 'note',
    'destination-invalid': 'forwards',
    'destination-missing': 'forwards',
    'destination-repeated': 'forwards',
    'alias-loop': 'forwards',
    'forward-denied': 'forwards',
    'user-missing': 'owner',
    'quota-invalid': 'quota',
    'password-invalid': 'password',
}


SHARED = '*'
"""Stands for several people in place of the name of one; no name has this sign."""


class MailboxForm(MailForm):
    """The fields of a mailbox besides its address and owner."""

    rare = (
        'quota',
        'forwards',
        'forwarding',
        'note',
        'closed',
        *DAYS_ATTRIBUTES,
        *LIMIT_ATTRIBUTES,
    )
    usual: ClassVar[dict[str, object]] = {'forwarding': 'default'}
    culprits: ClassVar[dict[str, str]] = _CULPRITS

    enabled = forms.BooleanField(
        label=_('Active'),
        required=False,
        help_text=_('When off, logins and new mail are rejected. Stored mail is kept.'),
    )
    forwards = AddressesField(
        label=_('Forward a copy to'),
        required=False,
        help_text=_('One address per line.'),
    )
    forwarding = forms.ChoiceField(
        label=_('Forwarding to other mail servers'),
        choices=[
            ('default', _('As set for the domain')),
            ('yes', _('Allowed')),
            ('no', _('Not allowed')),
        ],
        help_text=_('If not allowed, existing forwards to other mail servers are turned off.'),
    )
    quota = QuotaField(
        label=_('Storage limit (quota)'),
        help_text=_('For example 500 MB or 2 GiB, or “unlimited”. Empty: as set for the domain.'),
    )
    note = forms.CharField(label=_('Note'), required=False, max_length=LONGEST_NOTE)
    closed = forms.CharField(
        label=_('Reject logins with this sentence'),
        required=False,
        max_length=LONGEST_CLOSED,
        help_text=_('Mail apps show it, for example: Moving house until Monday.'),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        as_domain = _('A number, or “never”. Empty: as set for the domain.')
        self.fields.update(days_fields(dict.fromkeys(DAYS_ATTRIBUTES, as_domain)))
        self.fields.update(limit_fields(_('0: as the domain.')))

    def changes(self) -> dict[str, Any]:
        """The changed fields, as the root action takes them."""
        names = (
            'enabled', 'forwards', 'forwarding', 'note', 'closed', *MAILBOX_ROOM, *LIMIT_ATTRIBUTES
        )  # fmt: skip
        changed = {name: self.cleaned_data[name] for name in names if name in self.changed_data}
        return {name: 0 if value is None else value for name, value in changed.items()}


class NewMailboxForm(NewAddressForm):
    """A new mailbox."""

    field_order = ('local', 'domain', 'owner')
    rare = ('password', 'take_over_mail', 'note')
    culprits: ClassVar[dict[str, str]] = {**NewAddressForm.culprits, **_CULPRITS}

    owner = forms.ChoiceField(
        label=_('User'),
        required=False,
        help_text=_(
            'A person without an account can use mail only. You get a link to send them, where '
            'they choose a password. Several people share a mailbox with their own passwords; you '
            'choose them next.'
        ),
    )
    password = NewPasswordField(
        label=_('Password'),
        required=False,
        help_text=_('Leave empty to create a link instead.'),
    )
    take_over_mail = forms.BooleanField(
        label=_('Reuse the mail stored for this address'), required=False
    )
    note = forms.CharField(label=_('Note'), required=False, max_length=LONGEST_NOTE)

    def __init__(self, *args: Any, users: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['owner'].choices = [
            ('', _('A person without a FreedomBox account')),
            (SHARED, _('Several people (shared mailbox)')),
            *((name, name) for name in users),
        ]
