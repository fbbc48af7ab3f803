# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms of the page every user has."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..clients.device_kinds import DeviceKind
from ..directory.apppassword import LONGEST_LABEL
from ..directory.entry import LONGEST_NOTE
from .address import NewAddressForm
from .base import MailForm
from .fields import AddressesField, LastDayField, end_of
from .password import PasswordField


class OwnAliasForm(MailForm):
    """The fields of a user's own address."""

    culprits: ClassVar[dict[str, str]] = {'expiry-invalid': 'expires', 'text-invalid': 'note'}

    note = forms.CharField(
        label=_('Note'),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=_('Only you and administrators can see this.'),
    )
    expires = LastDayField(
        label=_('Expires after'),
        required=False,
        help_text=_('Rejected from the next day on. Leave empty for no end.'),
    )
    enabled = forms.BooleanField(
        label=_('Active'),
        required=False,
        initial=True,
        help_text=_('When off, mail to it is rejected.'),
    )

    def changes(self) -> dict[str, Any]:
        """The changed fields, as the root action takes them."""
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
        """The address as the root action takes it."""
        data = self.cleaned_data
        return {
            'address': self.address,
            'expires': end_of(data['expires']),
            'note': data['note'],
        }


class ForwardForm(MailForm):
    """The addresses to which a user's mail is forwarded."""

    culprits: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            'destination-invalid',
            'destination-missing',
            'destination-repeated',
            'alias-loop',
            'forward-denied',
        ),
        'forwards',
    )

    forwards = AddressesField(
        label=_('Forward all mail to'),
        required=False,
        help_text=_('One address per line. Leave empty to stop forwarding.'),
    )
    keep_copy = forms.BooleanField(
        label=_('Keep a copy in this mailbox'),
        required=False,
        initial=True,
        help_text=_('Without a copy, automatic replies and filters see no mail. Spam stays here.'),
    )


class AliasKeyForm(MailForm):
    """The name of a password manager that gets a key."""

    culprits: ClassVar[dict[str, str]] = {
        'label-invalid': 'label',
        'text-invalid': 'label',
        'limit-reached': 'label',
        'login-invalid': 'password',
    }

    label = forms.CharField(
        label=_('Name'),
        max_length=LONGEST_LABEL,
        widget=forms.TextInput(attrs={'placeholder': 'Bitwarden', 'autocomplete': 'off'}),
    )
    password = PasswordField(
        autocomplete='current-password',
        label=_('Password of your account'),
        help_text=_('Asked again to protect your account on an unattended screen.'),
    )

    def __init__(self, *args: Any, alone: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if alone:
            self.fields['password'].label = _('Password of your mailbox')


class DeviceForm(AliasKeyForm):
    """The kind and the name of a device that gets a password of its own."""

    field_order = ('kind', 'label', 'password')

    kind = forms.ChoiceField(
        label=_('What do you want to connect?'),
        choices=(
            (DeviceKind.ANDROID.value, _('Android phone or tablet (Thunderbird, K-9 Mail)')),
            (DeviceKind.APPLE.value, _('iPhone, iPad or Mac')),
            (DeviceKind.COMPUTER.value, _('Computer (Thunderbird, Evolution, KMail)')),
            (DeviceKind.OTHER.value, _('Something else')),
        ),
        widget=forms.RadioSelect,
        initial=DeviceKind.ANDROID.value,
    )
    label = forms.CharField(
        label=_('Device name'),
        max_length=LONGEST_LABEL,
        widget=forms.TextInput(attrs={'placeholder': _('Phone'), 'autocomplete': 'off'}),
    )
