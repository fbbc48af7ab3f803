# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms about the spam filter."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ..system.uploads import LARGEST
from .base import MailForm


class MemoryForm(MailForm):
    """A file with what a spam filter learned."""

    file = forms.FileField(
        label=_('File'),
        help_text=_('A file downloaded from this page, here or on another FreedomBox.'),
        error_messages={
            'required': _('Choose a file first.'),
            'empty': _('The file is empty.'),
        },
        widget=forms.FileInput(attrs={'accept': '.txt,text/plain'}),
    )
    culprits = {'memory-file-invalid': 'file'}  # noqa: RUF012 (read only)

    def clean_file(self) -> str:
        """The text of the file; its form is root's to check."""
        upload: UploadedFile = self.cleaned_data['file']
        if upload.size > LARGEST:
            raise ValidationError(_('The file is too large (at most 5 MB).'))
        try:
            return str(upload.read(), 'ascii')
        except UnicodeDecodeError as error:
            raise ValidationError(_('This file was not downloaded from this page.')) from error
