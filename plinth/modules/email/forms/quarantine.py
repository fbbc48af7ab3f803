# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms about possible spam in quarantine."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..filtering.quarantine_acts import DECISIONS
from ..mailstore.quarantine import MOST
from .base import MailForm

_ID = re.compile('[0-9a-f]{32}')


class MessagesField(forms.Field):
    """Any messages of check boxes that are drawn elsewhere."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[str]:
        """The messages that were chosen."""
        found = sorted({each for each in value or () if _ID.fullmatch(each)})[:MOST]
        if not found:
            raise ValidationError(_('Select at least one message.'))
        return found


class QuarantineForm(MailForm):
    """Messages in quarantine, and the button that was pressed."""

    messages = MessagesField(label=_('Messages'))
    decision = forms.ChoiceField(choices=[(each, each) for each in DECISIONS])

    def chosen(self) -> set[str]:
        """The messages that were chosen, to be shown again with an error."""
        return set(self['messages'].value() or ())
