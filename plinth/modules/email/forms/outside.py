# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form for tests from outside."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..words.text import with_box_name
from .base import MailForm
from .fields import DomainField, plain_input


class OutsideForm(MailForm):
    """Another box that tests ours, and whether ours tests others."""

    culprits: ClassVar[dict[str, str]] = {'domain-invalid': 'host'}

    host = DomainField(
        label=_('Name of another FreedomBox'),
        required=False,
        widget=plain_input(placeholder='box.example.org'),
        help_text=_('It needs this app and a valid certificate, and must allow tests. It learns '
                    'your public address and your domains. Leave this empty to turn the test off.'),
    )  # fmt: skip
    answers = forms.BooleanField(
        label=_('Let other FreedomBoxes be tested from here'),
        required=False,
        help_text=with_box_name(_('Anyone can then have {box_name} connect to the mail and web '
                                  'ports of their own address, and to nothing else.')),
    )  # fmt: skip
