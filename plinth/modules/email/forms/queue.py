# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form by which a person confirms how many messages are lost."""

from django import forms

from .base import MailForm


class LosingForm(MailForm):
    """The number of messages that was shown, and the second it was counted in."""

    count = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    until = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
