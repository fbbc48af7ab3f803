# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about the steps of a message, and the words for its result."""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

Phrase = str | tuple[str, str]

RESULTS: dict[str, str] = {
    'moving': _('In progress'),
    'delivered': _('Delivered'),
    'sent': _('Sent'),
    'forwarded': _('Forwarded'),
    'copied': _('Filed as a copy'),
    'discarded': _('Discarded by a rule'),
    'removed': _('Removed by an administrator'),
    'held': _('Held'),
    'waiting': _('Waiting'),
    'put-off': _('Put off'),
    'refused': _('Refused'),
    'rejected': _('Rejected by a rule'),
    'returned': _('Returned to the sender'),
    'canceled': _('Canceled by the sender'),
}

ARRIVALS: dict[str, str] = {
    'server': _('Arrived from {host} ({client}).'),
    'login': _('Sent by {login} from {client}.'),
    'rule': _('Sent by a rule of {login}.'),
    'program': _('Sent by a program of this server.'),
    'notice': _('Written by this server about another message.'),
    '': _('Its arrival is not in the log.'),
}
"""By the way a message came in."""
ARRIVED_FROM_RULE = _('Sent by a rule of a mailbox.')
ARRIVED_FROM_USER = _('Sent by {login}.')

CHECKS: dict[str, str] = {
    'no-action': _('Checked: no spam ({score} points, limit {required}).'),
    'greylist': _('Checked: the sending server was asked to try again later.'),
    'soft-reject': _('Checked: the sending server was asked to try again later.'),
    'add-header': _('Checked: likely spam ({score} points, limit {required}).'),
    'rewrite-subject': _('Checked: likely spam ({score} points, limit {required}).'),
    'reject': _('Checked: refused ({score} points, limit {required}).'),
    'discard': _('Checked: discarded ({score} points, limit {required}).'),
    'quarantine': _('Checked: held ({score} points, limit {required}).'),
}
"""By the decision of the spam filter, in its own words, joined by hyphens."""
CHECKED = _('Checked: {text} ({score} points, limit {required}).')
REASON = _('{sentence} ({points})')

STEPS: dict[str, Phrase] = {
    'accepted': _('Accepted for delivery.'),
    'refused': ngettext('Refused: {text}', 'Refused {count} times: {text}'),
    'held': _('Held: {text}'),
    'released': _('Released by an administrator.'),
    'delayed': ngettext(
        'Delivery to {recipient} failed once and is tried again: {text}',
        'Delivery to {recipient} failed {count} times and is tried again: {text}',
    ),
    'sent': _('Delivered for {recipient} to the mail server {target}.'),
    'delivered': _('Delivered to the mailbox {recipient}.'),
    'copied': _('A copy was put into the Sent folder of {recipient}.'),
    'stored': _('Put into the folder {target} of {recipient}.'),
    'forwarded': _('Forwarded to {target} by a rule of {recipient}.'),
    'discarded': _('Discarded by a rule of {recipient}.'),
    'ruled': _('The filter “{target}” of {recipient} applied.'),
    'rejected': _('Rejected by a rule of {recipient}.'),
    'replied': _('An automatic reply of {recipient} was sent to {target}.'),
    'looped': _('Not forwarded to {target}: the message had been there before.'),
    'failed': _('It could not be stored for {recipient}: {text}'),
    'returned': _('Returned to the sender, because {recipient} could not be reached: {text}'),
    'expired': _('Given up, because it could not be delivered for too long.'),
    'canceled': _('The sender ended the connection before the message was complete.'),
    'removed': _('Removed from the queue by an administrator.'),
    'requeued': _('Put back into the queue by an administrator.'),
    'notice': _('This server wrote to the sender about it.'),
}
"""By the kind of step; arrivals and checks have their own tables."""

INBOX = _('Inbox')

WITHOUT_TEXT: dict[str, Phrase] = {
    'held': _('Held by an administrator.'),
}
"""Steps that have other words when no reason was given."""

BY_RULE: dict[str, Phrase] = {
    'stored': _('Put into the folder {target} of {recipient} by a rule.'),
}
"""Steps that have other words when a rule asked for them."""
COMMON_FILTER = _('The filter “{target}” for all mailboxes applied for {recipient}.')

FOR_ALL: dict[str, Phrase] = {
    'discarded': _('Discarded by the spam filter.'),
}
"""Steps that have other words when they are about all recipients."""

ENDS: dict[str, str] = {
    'delivered': _('{result}: {target}'),
    'sent': _('{result}: {target}'),
    'forwarded': _('{result}: {target}'),
    'waiting': _('{result}: {text}'),
    'returned': _('{result}: {text}'),
    'refused': _('{result}: {text}'),
    'put-off': _('{result}: {text}'),
}
"""The end of a copy, where more than the result is known."""
