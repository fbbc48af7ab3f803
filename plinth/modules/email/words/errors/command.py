# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of the command."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'file-invalid': _(
        'Line {line} is not UTF-8 text. In a spreadsheet, save the table as “CSV UTF-8”.'
    ),
    'file-missing.unreadable': _("The file {name} can't be read."),
    'follow': _(
        'The directory was changed, but the mail services still use the old settings. {why}'
    ),
    'no-such-change': _('There is no change number {number}.'),
    'not-root': _('This command needs root. Try again with sudo.'),
    'password-invalid.different': _("The passwords don't match."),
    'provider-missing': _('No server for DNS updates is configured for {domain}.'),
    'usage-invalid': _('{words}'),
    'usage-invalid.outside': _('Give either a host name or --remove.'),
}
