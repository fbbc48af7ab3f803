# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms to choose and to test the ways mail leaves by."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..directory.address import parse_domain
from ..errors import MailError
from ..words.text import Text
from .base import MailForm
from .fields import MOST_CHARACTERS, AddressField, plain_input

MOST_PLACES = 100
_BETWEEN = re.compile(r'[\s,;]+')


class WayField(forms.ChoiceField):
    """One of the ways there are."""

    def __init__(self, **options: Any) -> None:
        options.setdefault('label', _('Way of sending'))
        options.setdefault('required', False)
        super().__init__(**options)


class RouteForm(MailForm):
    """A way for something."""

    culprits: ClassVar[dict[str, str]] = dict.fromkeys(
        ('route-invalid', 'relay-missing', 'relay-invalid', 'route-missing'), 'way'
    )

    way = WayField()

    def __init__(self, *args: Any, ways: Iterable[tuple[str, Text]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['way'].choices = list(ways)


class DestinationForm(RouteForm):
    """A way for domains elsewhere."""

    culprits: ClassVar[dict[str, str]] = {**RouteForm.culprits, 'domain-invalid': 'places'}

    places = forms.CharField(
        label=_('Recipient domains'),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={'rows': 3, 'spellcheck': 'false', 'autocapitalize': 'none',
                                     'placeholder': 'outlook.com', 'dir': 'ltr'}),
        help_text=_('One domain per line, for example outlook.com and hotmail.com.'),
    )  # fmt: skip
    way = WayField(required=True)
    field_order = ('places', 'way')

    def clean_places(self) -> list[str]:
        """The domains in their normal form."""
        words = list(filter(None, _BETWEEN.split(self.cleaned_data['places'])))
        if len(words) > MOST_PLACES:
            raise ValidationError(_('Enter at most 100 domains at a time.'))
        try:
            return list(dict.fromkeys(map(parse_domain, words)))
        except MailError as error:
            raise ValidationError(error.sentence, code=error.code) from error


class TrialForm(MailForm):
    """The sender and the recipient of a test."""

    culprits: ClassVar[dict[str, str]] = {'address-invalid': 'recipient'}

    sender = AddressField(
        label=_('From'), required=False, widget=plain_input(inputmode='email'),
        help_text=_('Leave empty for the postmaster of the primary domain.'),
    )  # fmt: skip
    recipient = AddressField(
        label=_('To'), required=False, widget=plain_input(inputmode='email'),
        help_text=_('Any address. No message is sent to it.'),
    )  # fmt: skip
