# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of automatic replies, filters and Sieve scripts."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'choice-invalid.place': _('Choose before or after.'),
    'entry-changed.house': _(
        'Someone else changed the filters for all mailboxes. Look at them again first.'
    ),
    'filter-invalid': _('This filter has a part that is not supported.'),
    'filter-invalid.discard': _(
        "A message that is deleted can't be put into a folder or marked too."
    ),
    'filter-invalid.folder': _('“{folder}” is not a valid folder name.'),
    'filter-invalid.house': _("Filters for all mailboxes can't forward mail."),
    'filter-invalid.name': _('Enter a name without square brackets.'),
    'filter-invalid.name-used': _('There is already a filter with this name.'),
    'filter-invalid.nothing': _('Choose at least one action.'),
    'filter-invalid.size': _('Enter a size from 1 to {most} kB.'),
    'filter-invalid.value': _('Enter a text to look for.'),
    'filter-missing': _('There is no filter “{name}”.'),
    'filter-missing.number': _('This filter no longer exists.'),
    'sieve-failed.rules': _('Dovecot rejected the rules of this mailbox. Nothing was changed.'),
    'trial-failed': _("The messages in the inbox can't be read now. Try again later."),
    'vacation-invalid.days': _('Enter a number of days from 1 to {most}.'),
    'vacation-invalid.empty': _('Enter the text of the reply.'),
    'vacation-invalid.last-day': _('The last day is before the first day.'),
}
