# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms about stored mail."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .base import MailForm


def _numbers(values: Iterable[str] | None) -> set[int]:
    return {int(each) for each in values or () if each.isascii() and each.isdecimal()}


class NumbersField(forms.Field):
    """Any numbers of check boxes that are drawn elsewhere."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[int]:
        """The numbers that were chosen."""
        found = sorted(_numbers(value))
        if not found:
            raise ValidationError(_('Select at least one message.'))
        return found


class RestoreForm(MailForm):
    """The deleted messages to be restored."""

    uids = NumbersField(label=_('Messages'))

    def chosen(self) -> set[int]:
        """The numbers that were chosen, to be shown again with an error."""
        return _numbers(self['uids'].value())
