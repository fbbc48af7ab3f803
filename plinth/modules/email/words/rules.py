# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about automatic replies and filters."""

from django.utils.translation import gettext_lazy as _

REPLY_BEGINS = _('They begin on {day}.')
REPLY_ENDED = _('The last day was {day}.')
REPLY_OFF = _('No automatic replies are sent')
REPLY_ON = _('Automatic replies are sent')
REPLY_PLANNED = _('Automatic replies are scheduled')
REPLY_SAVED = _('Saved the automatic reply.')
REPLY_TURNED_OFF = _('No automatic replies are sent.')
REPLY_UNTIL = _('The last day is {day}.')

ALL_MAIL = _('All mail')
AND = _('and')
OR = _('or')
CONTAINS = _('{field} contains “{value}”')
EQUALS = _('{field} is “{value}”')
FIELDS = {
    'from': _('From'),
    'to': _('To or Cc'),
    'subject': _('Subject'),
    'list': _('Mailing list'),
    'label': _('Label after the +'),
    'larger': _('Larger than (kB)'),
    'smaller': _('Smaller than (kB)'),
}
PLACES = {'before': _('Before the filters of users'), 'after': _('After the filters of users')}
PLACES_MEAN = {
    'before': _('Run first on each new message, also on spam.'),
    'after': _('Run last on each new message that is still in the inbox.'),
}
LARGER = _('larger than {size} kB')
SMALLER = _('smaller than {size} kB')
INTO_FOLDER = _('put into {folder}')
MARKED_FLAGGED = _('mark as important')
MARKED_SEEN = _('mark as read')
FORWARDED = _('forward a copy to {address}')
DISCARDED = _('delete')
KEPT = _('no later filter')
FILTER_ADDED = _('Added the filter “{name}”.')
FILTER_MOVED = _('Moved the filter “{name}”.')
FILTER_REMOVED = _('Removed the filter “{name}”.')
FILTER_SAVED = _('Saved the filter “{name}”.')
ROW_COMPARISON = _('Condition %(number)d: comparison')
ROW_FIELD = _('Condition %(number)d: part of the message')
ROW_VALUE = _('Condition %(number)d: text')
LABELS_OFF = _('Mail with a label stays in the inbox.')
LABELS_ON = _('Mail with a label goes to the folder with that name.')
