# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms of the page every user has."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..directory.apppassword import LONGEST_LABEL
from ..directory.entry import LONGEST_NOTE
from .address import NewAddressForm
from .base import MailForm
from .fields import AddressesField, LastDayField, end_of
from .password import PasswordField


class OwnAliasForm(MailForm):
    """What a user says of an address of his own."""

    culprits: ClassVar[dict[str, str]] = {'expiry-invalid': 'expires', 'text-invalid': 'note'}

    note = forms.CharField(
        label=_('What it is for'),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=_('Only you and the administrators see this.'),
    )
    expires = LastDayField(
        label=_('Last day'),
        required=False,
        help_text=_('From the day after, mail to it is refused. Empty: it stays.'),
    )
    enabled = forms.BooleanField(
        label=_('In use'),
        required=False,
        initial=True,
        help_text=_('While it is not in use, mail to it is refused.'),
    )

    def changes(self) -> dict[str, Any]:
        """Return what was changed, as the root action takes it."""
        wanted = {**self.cleaned_data, 'expires': end_of(self.cleaned_data['expires'])}
        names = ('note', 'expires', 'enabled')
        return {name: wanted[name] for name in names if name in self.changed_data}


class NewOwnAliasForm(NewAddressForm):
    """A new address of a user."""

    field_order = ('local', 'domain', 'note', 'expires')
    rare = ('expires',)
    culprits: ClassVar[dict[str, str]] = {**NewAddressForm.culprits, **OwnAliasForm.culprits}

    note = OwnAliasForm.base_fields['note']
    expires = OwnAliasForm.base_fields['expires']

    def wanted(self) -> dict[str, Any]:
        """Return the address as the root action takes it."""
        data = self.cleaned_data
        return {
            'address': self.address,
            'expires': end_of(data['expires']),
            'note': data['note'],
        }


class ForwardForm(MailForm):
    """Where a copy of somebody's mail goes."""

    culprits: ClassVar[dict[str, str]] = dict.fromkeys(
        ('destination-invalid', 'destination-missing', 'destination-repeated', 'alias-loop'),
        'forwards',
    )

    forwards = AddressesField(
        label=_('A copy of all mail also goes to'),
        required=False,
        help_text=_('One address on each line. Empty: nowhere else.'),
    )


class DeviceForm(MailForm):
    """The name of a device that gets a password of its own."""

    culprits: ClassVar[dict[str, str]] = {
        'label-invalid': 'label',
        'text-invalid': 'label',
        'limit-reached': 'label',
        'login-invalid': 'password',
    }

    label = forms.CharField(
        label=_('Name of the device'),
        max_length=LONGEST_LABEL,
        widget=forms.TextInput(attrs={'placeholder': _('Phone'), 'autocomplete': 'off'}),
    )
    password = PasswordField(
        autocomplete='current-password',
        label=_('Password of your account'),
        help_text=_('Asked once more, so that nobody else makes a password at your screen.'),
    )

    def __init__(self, *args: Any, alone: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if alone:
            self.fields['password'].label = _('Password of your mailbox')
