# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form of the guide's test message."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from .base import MailForm
from .fields import AddressField, plain_input


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
