# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words of warnings about full mailboxes."""

from .mark import gettext_noop as _

NEARLY_FULL_SUBJECT = _('[FreedomBox] Your mailbox is {percent} % full')
NEARLY_FULL = _(
    'The mailbox {address} holds {used} of {quota}.\n'
    '\n'
    'When it is full, new mail is rejected for the time being: other mail servers try again for\n'
    'some days, then they tell the senders.\n'
    '\n'
    'Delete messages that you no longer need, the largest first, and empty Trash; or ask your\n'
    'administrator for more storage. My email > Messages shows the storage used by each folder.'
)
