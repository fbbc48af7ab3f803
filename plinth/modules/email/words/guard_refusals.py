# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences of mail services about guarded mailboxes, and the notices to guardians.

Services and root's programs know no reader's language: all of it is in English.
"""

from .mark import gettext_noop as _

NO_FILTERS = _('Only an administrator can change the filters of this mailbox.')
OUT_OF_HOURS = _('This mailbox is closed now. It opens on {day} at {time}.')
CLOSED_NOW = _('This mailbox is outside of its hours')
WRITES_KNOWN = _('{address} may only write to known correspondents. Ask your guardian.')
DAYS = ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')

WAITING_SUBJECT = _('Mail for {address} is waiting for your approval')
WAITING = _(
    'New messages for {address} are from unknown senders. They wait until a guardian approves\n'
    'or deletes them.\n'
    '\n'
    '{messages}\n'
    '\n'
    'Each link works for {days} days, for its message only, and without a password. To see all\n'
    'waiting messages, open My email > Waiting in the web interface.'
)
WAITING_ONE = _('From:     {sender}\n          {proof}\nSubject:  {subject}\n{link}')
VERIFIED = _('(verified: {author})')
NOT_VERIFIED = _('(not verified, may be forged)')
NO_SUBJECT = _('(no subject)')
