# SPDX-License-Identifier: AGPL-3.0-or-later
"""The forms of the guide: the first domain, and the test message."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..directory.box_names import is_public
from .base import MailForm
from .fields import AddressField, DomainField, plain_input


class FirstDomainForm(MailForm):
    """The first domain, added to FreedomBox's names."""

    culprits: ClassVar[dict[str, str]] = {'domain-invalid': 'name'}

    name = DomainField(
        label=_('Your domain'),
        widget=plain_input(inputmode='url', placeholder='example.org'),
        help_text=_('The part of your addresses after the @.'),
    )

    def clean_name(self) -> str:
        """The domain; ValidationError for one the internet can't know."""
        name: str = self.cleaned_data['name']
        if not is_public(name):
            raise ValidationError(
                _('This name only works in your own network. Enter a domain like example.org.')
            )
        return name


class RoundTripForm(MailForm):
    """The address of a mailbox elsewhere that the administrator can read."""

    culprits: ClassVar[dict[str, str]] = dict.fromkeys(
        ('address-invalid', 'domain-invalid', 'round-trip-here'), 'to'
    )

    to = AddressField(
        label=_('Your email address at another provider'),
        widget=plain_input(inputmode='email', placeholder='anna@example.com'),
        help_text=_('You reply to the message there. The address is used for this test only.'),
    )
