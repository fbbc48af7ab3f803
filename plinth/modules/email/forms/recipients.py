# SPDX-License-Identifier: AGPL-3.0-or-later
"""The question who receives mail in a domain."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..words.text import Text
from .base import MailForm

SAME, OWN, NONE = 'same', 'own', 'none'

_OPTIONS: tuple[tuple[str, Text, Text], ...] = (
    (
        SAME,
        _('The same people as {primary}'),
        _('Mail to alice@{domain} is delivered to alice@{primary} (domain alias).'),
    ),
    (
        OWN,
        _('Mailboxes of its own'),
        _('Every user gets a second, separate mailbox at {domain}. You can add more.'),
    ),
    (
        NONE,
        _('No one yet'),
        _("Mail stays rejected, and you won't be asked again. You can change this at any time."),
    ),
)


class RecipientsForm(MailForm):
    """The recipients of a domain."""

    culprits: ClassVar[dict[str, str]] = dict.fromkeys(
        ('domain-in-use', 'domain-invalid'), 'recipients'
    )

    recipients = forms.ChoiceField(choices=[(value, label) for value, label, _hint in _OPTIONS])

    def __init__(self, *args: Any, primary: str, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = {'primary': primary, 'domain': domain}

    def options(self) -> Iterator[dict[str, Any]]:
        """The possible answers, and their consequences."""
        chosen = self['recipients'].value()
        for value, label, hint in _OPTIONS:
            yield {
                'value': value,
                'label': str(label).format(**self._names),
                'hint': str(hint).format(**self._names),
                'chosen': value == chosen,
            }
