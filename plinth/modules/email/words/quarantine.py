# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about possible spam in quarantine."""

from django.utils.translation import gettext_lazy as _

from .mark import ngettext_noop as ngettext

RELEASED = _('Moved the message to the inbox of {address}.')
DELETED = _('Deleted the message.')
RELEASED_ALL = ngettext(
    'Moved {count} message to the inbox.', 'Moved {count} messages to the inbox.'
)
DELETED_ALL = ngettext('Deleted {count} message.', 'Deleted {count} messages.')
ON = _('Possible spam for {address} goes to quarantine.')
OFF = _('Possible spam for {address} goes to Junk.')
TITLES = {
    'release': _('Move message to inbox'),
    'delete': _('Delete message'),
}
"""The titles of the pages behind the links, which are on their buttons, too."""
