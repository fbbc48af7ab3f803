# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about possible spam in quarantine."""

from django.utils.translation import gettext_lazy as _

from .mark import ngettext_noop as ngettext

RELEASED_AND_ALLOWED = _(
    'Moved the message to the inbox of {address}. Mail from {author} is accepted from now on.'
)
RELEASED = _('Moved the message to the inbox of {address}.')
DELETED = _('Deleted the message.')
RELEASED_ALL = ngettext(
    'Moved {count} message to the inbox.', 'Moved {count} messages to the inbox.'
)
ALLOWED_ALL = ngettext(
    'Moved {count} message to the inbox, and allowed its sender.',
    'Moved {count} messages to the inbox, and allowed their senders.',
)
DELETED_ALL = ngettext('Deleted {count} message.', 'Deleted {count} messages.')
ON = _('Possible spam for {address} goes to quarantine.')
OFF = _('Possible spam for {address} goes to Junk.')
DONE = {'release': RELEASED_ALL, 'allow': ALLOWED_ALL, 'delete': DELETED_ALL}
"""The outcome of each decision on several messages."""
TITLES = {
    'release': _('Move message to inbox'),
    'allow': _('Move message to inbox and allow sender'),
    'delete': _('Delete message'),
}
"""The titles of the pages behind the links, which are on their buttons, too."""
