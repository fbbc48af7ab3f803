# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms for mailboxes."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..directory.entry import LONGEST_NOTE
from .address import NewAddressForm
from .base import MailForm
from .fields import AddressesField
from .password import NewPasswordField

_CULPRITS = {
    'owner-invalid': 'enabled',
    'text-invalid': 'note',
    'destination-invalid': 'forwards',
    'destination-missing': 'forwards',
    'destination-repeated': 'forwards',
    'alias-loop': 'forwards',
    'user-missing': 'owner',
    'password-invalid': 'password',
}


class MailboxForm(MailForm):
    """What a mailbox says besides its address and owner."""

    rare = ('forwards', 'note')
    culprits: ClassVar[dict[str, str]] = _CULPRITS

    enabled = forms.BooleanField(
        label=_('In use'),
        required=False,
        help_text=_(
            'While it is not in use, nobody can log in and mail to it is refused. What is in it '
            'stays.'
        ),
    )
    forwards = AddressesField(
        label=_('A copy also goes to'),
        required=False,
        help_text=_('One address on each line.'),
    )
    note = forms.CharField(label=_('Note'), required=False, max_length=LONGEST_NOTE)

    def changes(self) -> dict[str, Any]:
        """Return what was changed, as the root action takes it."""
        names = ('enabled', 'forwards', 'note')
        return {name: self.cleaned_data[name] for name in names if name in self.changed_data}


class NewMailboxForm(NewAddressForm):
    """A new mailbox."""

    field_order = ('local', 'domain', 'owner')
    rare = ('password', 'take_over_mail', 'note')
    culprits: ClassVar[dict[str, str]] = {**NewAddressForm.culprits, **_CULPRITS}

    owner = forms.ChoiceField(
        label=_('For'),
        required=False,
        help_text=_(
            'Somebody without an account logs in to mail only, with a password of their own. '
            'You get a link for them by which they choose it.'
        ),
    )
    password = NewPasswordField(
        label=_('Password'),
        required=False,
        help_text=_('Only if you want to choose it yourself instead of giving them a link.'),
    )
    take_over_mail = forms.BooleanField(
        label=_('Take over mail of an earlier mailbox with this address'), required=False
    )
    note = forms.CharField(label=_('Note'), required=False, max_length=LONGEST_NOTE)

    def __init__(self, *args: Any, users: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['owner'].choices = [
            ('', _('somebody without an account on this box')),
            *((name, name) for name in users),
        ]
