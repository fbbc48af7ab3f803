# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about the end of mailboxes and aliases."""

from django.utils.translation import gettext_lazy as _

from .mark import gettext_noop

ENDED = gettext_noop('This mailbox is no longer in use.')
SAVED = _('Saved the end date of {address}.')
SUBJECT = gettext_noop('{address} expires on {day}')
WARNING_MAILBOX = gettext_noop(
    'The mailbox {address} expires after {day}.\n\n'
    'From the next day on new mail to it is rejected, and no one can log in to it. Its mail is '
    'kept. An administrator can choose a later day.'
)
WARNING_ALIAS = gettext_noop(
    'The address {address} expires after {day}.\n\n'
    'From the next day on mail to it is rejected. Who created it can choose a later day.'
)
