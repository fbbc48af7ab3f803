# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about messages in the queue: why they wait, and what was done with them."""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

WORDS: dict[str, str] = {
    'maildrop': _('New'),
    'incoming': _('New'),
    'active': _('Being sent'),
    'deferred': _('Waiting'),
    'hold': _('Held'),
}
"""The state of a message, by the queue of Postfix it is in."""
RETURNING = _('Being returned')
HELD_BY_HAND = _('Held by an administrator')
HELD_FOR: dict[str, str] = {
    'hour': _('Held: {login} reached its limit for an hour'),
    'day': _('Held: {login} reached its limit for a day'),
    'first-time': _('Held: {login} reached its limit for recipients it has never written to'),
}
"""Why a message is held, by the limit that was reached."""

DONE: dict[str, tuple[str, str]] = {
    'retry': ngettext('Retrying {count} message.', 'Retrying {count} messages.'),
    'hold': ngettext(
        'Held {count} message. It is not delivered until you release it.',
        'Held {count} messages. They are not delivered until you release them.',
    ),
    'release': ngettext('Released {count} message.', 'Released {count} messages.'),
    'bounce': ngettext(
        'Returned {count} message to its sender.', 'Returned {count} messages to their senders.'
    ),
    'delete': ngettext('Deleted {count} message.', 'Deleted {count} messages.'),
}
"""The result, by the act."""
ASK: dict[str, tuple[str, str]] = {
    'bounce': ngettext(
        'Return {count} message to its sender?', 'Return {count} messages to their senders?'
    ),
    'delete': ngettext(
        'Permanently delete {count} message?', 'Permanently delete {count} messages?'
    ),
}
"""The question before mail is lost, by the act."""
SUBMIT: dict[str, tuple[str, str]] = {
    'bounce': ngettext('Return {count} message', 'Return {count} messages'),
    'delete': ngettext('Delete {count} message', 'Delete {count} messages'),
}
"""The button that loses mail, by the act."""
