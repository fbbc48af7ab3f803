# SPDX-License-Identifier: AGPL-3.0-or-later
"""The questions about email at the first start."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from plinth.modules.email.directory.address import parse_domain
from plinth.modules.email.directory.box_names import is_public
from plinth.modules.email.errors import MailError

from .plan import SetupTime


def read_domain(text: str) -> str:
    """The domain in typed text, without a scheme, a path or blanks around it."""
    domain = text.strip().lower()
    for start in ('https://', 'http://', '@'):
        domain = domain.removeprefix(start)
    domain = domain.rstrip('/.')
    if '@' in domain:
        raise ValidationError(_('Enter only the part after the @, for example example.org.'))
    try:
        domain = parse_domain(domain)
    except MailError as error:
        raise ValidationError(
            _('This is not a valid domain. Enter a domain like example.org.')
        ) from error
    if not is_public(domain):
        raise ValidationError(
            _('This name only works in your own network. Enter a public domain like example.org.')
        )
    return domain


class FirstBootForm(forms.Form):
    """The domain, and when to set email up."""

    primary_domain = forms.CharField(
        label=_('Your domain'),
        required=False,
        help_text=_(
            'The part of your addresses after the @. Example: example.org for alice@example.org.'
        ),
        widget=forms.TextInput(
            attrs={
                'autocapitalize': 'none',
                'autocomplete': 'off',
                'inputmode': 'url',
                'placeholder': 'example.org',
                'spellcheck': 'false',
            }
        ),
    )
    choice = forms.ChoiceField(
        label=_('Set up email'),
        widget=forms.RadioSelect,
        initial=SetupTime.LATER.value,
        choices=[
            (SetupTime.NOW.value, _('Now. Email is installed in the background.')),
            (SetupTime.LATER.value, _('Later. A notification will remind you.')),
            (SetupTime.NEVER.value, _('Never.')),
        ],
    )

    def clean(self) -> dict[str, Any]:
        """Check the domain if it is needed now; else a wrong one is simply not kept."""
        cleaned: dict[str, Any] = super().clean()
        try:
            cleaned['primary_domain'] = self._domain(cleaned)
        except ValidationError as error:
            if cleaned.get('choice') == SetupTime.NOW.value:
                self.add_error('primary_domain', error)
            cleaned['primary_domain'] = ''
        return cleaned

    @staticmethod
    def _domain(cleaned: dict[str, Any]) -> str:
        """The domain; ValidationError for any other text."""
        text = cleaned.get('primary_domain', '')
        if not text.strip():
            raise ValidationError(_('To set up email now, enter your domain.'))
        return read_domain(text)
