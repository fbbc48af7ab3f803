# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of the stories of messages."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'keeping-invalid': _('Enter a size from {least} to {most} MB.'),
    'keeping-invalid.days': _('Enter a number of days from 1 to {most}.'),
    'message-id-invalid': _('Enter a Message-ID like 1234.abcd@example.org.'),
    'message-missing': _('There is no record of this message.'),
    'result-invalid': _('Messages have no such result.'),
    'trace-down': _("The service that follows the mail log isn't answering."),
}
