# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences of the pages about messages: the answer at the top, steps, and refusals by this box.

The answer of a server stands below a sentence as it is, so no sentence here repeats it.
"""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

ANSWERS: dict[str, str] = {
    'moving': _('On its way to {recipient}'),
    'delivered': _('Delivered to {recipient}'),
    'sent': _('Delivered to the mail server of {recipient}'),
    'forwarded': _('Forwarded by a rule of {recipient}'),
    'copied': _('Filed as a copy of sent mail'),
    'discarded': _('Discarded by a rule of {recipient}'),
    'removed': _('Removed before it reached {recipient}'),
    'held': _('Held, not delivered to {recipient}'),
    'waiting': _('Waiting for delivery to {recipient}'),
    'put-off': _('Not accepted yet for {recipient}, the sender was asked to retry'),
    'refused': _('Refused for {recipient}'),
    'rejected': _('Rejected by a rule of {recipient}'),
    'returned': _('Not delivered to {recipient}, returned to the sender'),
    'canceled': _('Canceled by the sender before it reached {recipient}'),
}
"""By the result, for one recipient."""
MANY: dict[str, tuple[str, str]] = {
    'moving': ngettext('On its way to {count} recipient', 'On its way to {count} recipients'),
    'delivered': ngettext('Delivered to {count} recipient', 'Delivered to {count} recipients'),
    'sent': ngettext(
        'Delivered to the mail server of {count} recipient',
        'Delivered to the mail servers of {count} recipients',
    ),
    'forwarded': ngettext(
        'Forwarded by a rule of {count} recipient', 'Forwarded by rules of {count} recipients'
    ),
    'copied': ngettext(
        'Filed as {count} copy of sent mail', 'Filed as {count} copies of sent mail'
    ),
    'discarded': ngettext(
        'Discarded by a rule of {count} recipient', 'Discarded by rules of {count} recipients'
    ),
    'removed': ngettext(
        'Removed before it reached {count} recipient',
        'Removed before it reached {count} recipients',
    ),
    'held': ngettext(
        'Held, not delivered to {count} recipient', 'Held, not delivered to {count} recipients'
    ),
    'waiting': ngettext(
        'Waiting for delivery to {count} recipient', 'Waiting for delivery to {count} recipients'
    ),
    'put-off': ngettext(
        'Not accepted yet for {count} recipient, the sender was asked to retry',
        'Not accepted yet for {count} recipients, the sender was asked to retry',
    ),
    'refused': ngettext('Refused for {count} recipient', 'Refused for {count} recipients'),
    'rejected': ngettext(
        'Rejected by a rule of {count} recipient', 'Rejected by rules of {count} recipients'
    ),
    'returned': ngettext(
        'Not delivered to {count} recipient, returned to the sender',
        'Not delivered to {count} recipients, returned to the sender',
    ),
    'canceled': ngettext(
        'Canceled by the sender before it reached {count} recipient',
        'Canceled by the sender before it reached {count} recipients',
    ),
}
"""By the result, where several recipients have the same."""
MIXED = ngettext(
    '{result}: {count} of {total} recipients', '{result}: {count} of {total} recipients'
)
"""For results that differ: the one that most needs to be known."""

UNKNOWN_ANSWER = _('The mail server gave this reason, whose meaning is not known here.')
ASK_ADMINISTRATOR = _('Ask your administrator: only they can change this.')

REFUSALS: dict[str, tuple[str, str]] = {
    'no-such-address': (
        _("The address doesn't exist on this server."),
        _('Check its spelling. If it should exist, create it.'),
    ),
    'address-off': (
        _('The address is turned off.'),
        _('Turn it on again, or give the sender another address.'),
    ),
    'not-responsible': (
        _("This server isn't responsible for the domain of the address."),
        _('If the domain is yours, add it. If not, someone tried to misuse this server, and there '
          'is nothing to do.'),
    ),
    'not-logged-in': (
        _('The sender address is one of this server, but the sending program did not log in.'),
        _('If it is a program or device of yours, give it an app password. If not, the address was '
          'forged.'),
    ),
    'not-allowed-sender': (
        _("The login isn't allowed to use this sender address."),
        _('Choose another sender address in the mail app, or add the login to the allowed senders '
          'of the address.'),
    ),
    'invalid-sender': (
        _('The sender address is invalid, or its domain does not exist.'),
        _('Only the sender can correct this.'),
    ),
    'no-such-domain': (
        _('The domain of the recipient does not exist.'),
        _('Check the part of the address after the @.'),
    ),
    'invalid-recipient': (
        _('The recipient address is invalid.'),
        _('Check the address for typing errors.'),
    ),
    'mailbox-full': (
        _('The mailbox is full.'),
        _('Delete messages or increase its storage. The sending server retries for some days.'),
    ),
    'denied-sender': (
        _('The sender is on a list of senders whose mail is rejected.'),
        _('To get mail from them, take them off the list, under Spam.'),
    ),
    'try-again': (
        _("The sending server isn't known yet, so it was asked to try again (greylisting)."),
        _('Wait. Most mail servers retry within half an hour.'),
    ),
    'spam': (
        _('The spam filter is sure that the message is spam.'),
        _('If it is not, ask the sender to write without links and attachments, and to check the '
          'DNS records of their domain.'),
    ),
    'virus': (
        _('The message contains a virus.'),
        _('Warn the sender by another way, as their device may be infected.'),
    ),
    'not-verified': (
        _('The message fails the DMARC policy of the sender domain, which asks for such mail to be '
          'refused.'),
        _("Only the administrator of the sender's domain can correct this."),
    ),
    'more-than-one-line': (
        _('A line of the message header, such as From, is there more than once.'),
        _('Send the message with another mail app.'),
    ),
    'header-too-long': (
        _('A line of the message header, such as To, is longer than 57,000 bytes.'),
        _('Send the message to fewer recipients at a time, or with another mail app.'),
    ),
    'filter-down': (
        _('The spam filter or the user directory of this server did not answer.'),
        _('Check the services on the overview. The message comes again automatically.'),
    ),
    'too-large': (
        _('The message is larger than this server accepts.'),
        _('Send smaller attachments, or share a link to the files.'),
    ),
    'too-much-held': (
        _('Too many messages of this mailbox are held already.'),
        _('Decide on the held messages first.'),
    ),
    'out-of-hours': (
        _('The mailbox is frozen, or closed at this time of day.'),
        _('Send again when it is open.'),
    ),
    'known-only': (
        _('The mailbox is guarded and may only write to known correspondents.'),
        _('Ask a guardian to allow the address.'),
    ),
    'return-address': (
        _('The address is a return address for forwarded mail, and has expired or is invalid.'),
        _('Write to the original sender address instead.'),
    ),
    'too-many': (
        _('The sending server sent too much in a short time.'),
        _('Wait. It may send again in a minute.'),
    ),
    'bad-server-name': (
        _('The sending server introduced itself with an invalid name.'),
        _('Only the administrator of the sending server can correct this.'),
    ),
}  # fmt: skip
"""Refusals by this box: what they mean, and what to do."""

LABELS: dict[str, str] = {
    'dns': _('Check DNS records of {about}'),
    'domains': _('Show domains'),
    'delivery': _('Show delivery settings'),
    'activity': _('Show held and waiting messages'),
    'index': _('Show overview'),
    'resolve': _('Trace {about}'),
    'addresses': _('Show {about}'),
}
"""Links to the page that mends something."""

SAVED = _('Saved what is kept about messages.')
