# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form that takes a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from ..directory.table import line_of
from ..system.uploads import LARGEST
from .base import MailForm


class ImportForm(MailForm):
    """A file of entries, as text."""

    file = forms.FileField(
        label=_('File'),
        help_text=_(
            'Aliases as CSV, or domains, mailboxes and aliases as YAML. At most 5 MB (about 10,000 '
            'aliases).'
        ),
        error_messages={
            'required': _('Choose a file first.'),
            'empty': _('The file is empty.'),
        },
        widget=forms.FileInput(attrs={'accept': '.csv,.yaml,.yml,.txt,text/csv'}),
    )

    def clean_file(self) -> dict[str, Any]:
        """Name and text of the file."""
        upload: UploadedFile = self.cleaned_data['file']
        if upload.size > LARGEST:
            size = filesizeformat(upload.size)
            raise ValidationError(
                _('The file is too large (%(size)s, at most 5 MB). Split it, or use the command '
                  '“freedombox-email import”.'), params={'size': size},
            )  # fmt: skip
        try:
            return {'title': upload.name, 'text': upload.read().decode()}
        except UnicodeDecodeError as error:
            raise ValidationError(
                _('Line %(line)s is not UTF-8 text. In a spreadsheet, save the table as '
                  '“CSV UTF-8”.'),
                params={'line': line_of(error)},
            ) from error  # fmt: skip
