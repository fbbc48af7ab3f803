# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form for how strict a domain is about encrypted delivery."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from .base import MailForm


class PolicyForm(MailForm):
    """The policy for other mail servers that cannot deliver encrypted."""

    culprits: ClassVar[dict[str, str]] = {'policy-invalid': 'mta_sts'}

    mta_sts = forms.ChoiceField(
        label=_('If encrypted delivery fails, other servers should'),
        choices=[
            ('testing', _('deliver anyway and report it (testing)')),
            ('enforce', _('not deliver, and retry for several days (enforce)')),
            ('none', _('deliver anyway: no policy (none)')),
        ],
    )
