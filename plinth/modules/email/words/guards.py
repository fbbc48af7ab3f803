# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about guarded mailboxes and the mail that waits beside them."""

from django.utils.translation import gettext_lazy as _

from .mark import ngettext_noop as ngettext

GUARDED = _('{address} is guarded.')
GUARDED_WITH = _('{address} is guarded, and so are {others}, because the same person opens them.')
NOT_GUARDED = _('{address} is no longer guarded.')
STOP = _('Stop guarding {key}?')

APPROVED = _('Delivered the message to {address}.')
KNOWN = _('Delivered the message to {address}. {author} is a known correspondent from now on.')
DELETED = _('Deleted the message.')
WAITING = ngettext('{count} message is waiting', '{count} messages are waiting')
OPEN_ON = (
    _('Open on Monday'),
    _('Open on Tuesday'),
    _('Open on Wednesday'),
    _('Open on Thursday'),
    _('Open on Friday'),
    _('Open on Saturday'),
    _('Open on Sunday'),
)
