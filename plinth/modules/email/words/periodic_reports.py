# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words of the monthly report to administrators, and of the reports on a mailbox."""

from .mark import gettext_noop as _

MONTHLY_SUBJECT = _('[FreedomBox] Mail report for {period}')
MONTHLY = _('Mail on {domain} from {first} to {last}')
WEEKLY_SUBJECT = _('[FreedomBox] Your mail from {first} to {last}')
WEEKLY = _('Mail of {address} from {first} to {last}')
USAGE_SUBJECT = _('[FreedomBox] Use of {address} from {first} to {last}')
USAGE = _('Use of the mailbox {address} from {first} to {last}')

MESSAGES = _('Messages')
RECEIVED = _('Received: {count}')
SENT = _('Sent: {count}')
SPAM = _('Spam: {count}')
REJECTED = _('Rejected: {count}')
DELAYED = _('Delayed: {count}')
QUEUE = _('Longest queue: {count}')
UNKNOWN = _('Not counted')

JUNK = _('Junk')
CAUGHT = _('Marked as junk: {count}')
REFUSED = _('Rejected as spam: {count}')
DEVICES = _('New devices')
DEVICE = _('{label}, created {day}')
NO_DEVICES = _('No app passwords were created.')
DEVICES_COUNT = _('App passwords created: {count}')

STORAGE = _('Storage')
USED = _('Storage used: {size}')
USED_OF = _('Storage used: {size} of {quota}')
GROWN = _('Change since {day}: {size}')
FREE = _('Disk space left: {size}')
LARGEST = _('{address}: {size}')

PROBLEMS = _('Problems')
NO_PROBLEMS = _('No problems were found.')
OPEN = _('{title}: {sentence} (since {day})')
SOLVED = _('Solved: {title} ({day})')
CHECKS = _('Checks passed at the last look: {passed} of {count}')
UPDATES = _('Updates')
UPDATE = _('{package}: {before} to {after}')
NO_UPDATES = _('No packages of the mail server were updated.')

DAYS = _('Messages per day')
DAY = _('{day}: {received} received, {sent} sent')
DAY_HOURS = _('{day}: {received} received, {sent} sent (at {hours})')
HOURS_NOTE = _('Hours are those in which messages were sent.')

MONTHLY_END = _(
    'Charts are in the web interface under Apps > Email > Activity > Traffic.\n'
    'To turn this report off: freedombox-email report off'
)
WEEKLY_END = _('To turn this report off: My email > Reports.')
USAGE_END = _(
    'The report has counts and hours, no content and no correspondents. The user of the mailbox\n'
    'is told that it is sent, and sees the same on their page My email > Reports.'
)
