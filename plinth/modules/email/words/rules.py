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
