# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms for aliases."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..directory.entry import LONGEST_NOTE
from .address import NewAddressForm
from .base import MailForm
from .fields import AddressesField, LastDayField, end_of


class AliasForm(MailForm):
    """The fields of an alias besides its address."""

    rare: ClassVar[tuple[str, ...]] = ('enabled', 'expires', 'senders', 'note')
    culprits: ClassVar[dict[str, str]] = {
        'destination-invalid': 'destinations',
        'destination-missing': 'destinations',
        'destination-repeated': 'destinations',
        'alias-loop': 'destinations',
        'sender-missing': 'senders',
        'expiry-invalid': 'expires',
        'text-invalid': 'note',
    }

    destinations = AddressesField(
        label=_('Deliver to'),
        help_text=_('One address per line; local or external.'),
    )
    enabled = forms.BooleanField(
        label=_('Active'),
        required=False,
        initial=True,
        help_text=_('When off, mail to it is rejected.'),
    )
    expires = LastDayField(
        label=_('Expires after'),
        required=False,
        help_text=_('Rejected from the next day on. Leave empty for no end.'),
    )
    senders = AddressesField(
        label=_('Allowed senders'),
        required=False,
        help_text=_('Local mailboxes, one per line. The owner always can.'),
    )
    note = forms.CharField(label=_('Note'), required=False, max_length=LONGEST_NOTE)

    @property
    def is_unfolded(self) -> bool:
        """Whether a rare field says something unusual."""
        unusual = any(self[name].value() for name in ('expires', 'senders', 'note'))
        return unusual or not self['enabled'].value() or any(self[n].errors for n in self.rare)

    def wanted(self) -> dict[str, Any]:
        """The wanted fields of the alias, as the root action takes them."""
        data = self.cleaned_data
        return {
            'destinations': data['destinations'],
            'enabled': data['enabled'],
            'expires': end_of(data['expires']),
            'senders': data['senders'],
            'note': data['note'],
        }

    def changes(self) -> dict[str, Any]:
        """The changed fields alone."""
        return {name: value for name, value in self.wanted().items() if name in self.changed_data}


class NewAliasForm(NewAddressForm, AliasForm):
    """A new alias."""

    field_order = ('local', 'domain', 'destinations')
    rare = ('expires', 'senders', 'note')
    culprits: ClassVar[dict[str, str]] = {**NewAddressForm.culprits, **AliasForm.culprits}

    enabled = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['local'].help_text = _(
            'Use * at the end as a wildcard: shop-* matches shop-books and shop-shoes. * alone is '
            'the catch-all.'
        )

    def wanted(self) -> dict[str, Any]:
        """The alias as the root action takes it."""
        self.cleaned_data['enabled'] = True
        return {'address': self.address, **super().wanted()}

    @property
    def is_unfolded(self) -> bool:
        """Whether a rare field has something to see."""
        return MailForm.is_unfolded.fget(self)  # type: ignore[attr-defined, no-any-return]
