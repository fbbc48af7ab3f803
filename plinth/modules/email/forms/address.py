# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form for a new address: a name and a domain to choose."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from .base import MailForm
from .fields import NameField, plain_input


class NewAddressForm(MailForm):
    """The two parts of a new address."""

    culprits: ClassVar[dict[str, str]] = {
        'address-invalid': 'local',
        'pattern-invalid': 'local',
        'alias-exists': 'local',
        'mailbox-exists': 'local',
        'address-reserved': 'local',
        'address-taken': 'local',
        'domain-missing': 'domain',
        'limit-reached': 'domain',
    }

    local = NameField(label=_('Address'), widget=plain_input(autofocus='autofocus'))
    domain = forms.ChoiceField(label=_('Domain'))

    def __init__(self, *args: Any, domains: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['domain'].choices = list(domains)

    @property
    def address(self) -> str:
        """The whole address, which may have been typed in the first field already."""
        local = str(self.cleaned_data['local'])
        return local if '@' in local else f'{local}@{self.cleaned_data["domain"]}'
