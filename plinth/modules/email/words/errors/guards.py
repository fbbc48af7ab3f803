# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of guarded mailboxes and the mail that waits beside them."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'approval-invalid': _('This link is invalid, was used already, or has expired.'),
    'guard-denied.filters': _("Filters of {address} can't be changed here. Ask your guardian."),
    'guard-denied.forwards': _("{address} can't be forwarded. Ask your guardian."),
    'guard-denied.password': _(
        "The password of {address} can't be changed here. Ask your administrator."
    ),
    'guard-denied.release': _('Only a guardian can approve mail for {address}.'),
    'guard-invalid': _('This is not a valid rule for a guarded mailbox.'),
    'guard-invalid.admin': _("{user} is an administrator, who can't be guarded."),
    'guard-invalid.forward': _(
        'Mail is forwarded before its sender is checked. Turn forwarding off, or accept mail from '
        'everyone.'
    ),
    'guard-invalid.own': _("The user of {address} can't be their own guardian."),
    'guard-missing': _('{address} is not guarded.'),
    'open-hours-invalid': _(
        'Enter times in steps of five minutes, for example 15:00-19:00, 20:00-21:30.'
    ),
    'open-hours-invalid.overlap': _('Two of these times overlap.'),
    'waiting-failed': _('The message could not be delivered. It is still waiting.'),
    'waiting-missing': _('This message was already approved or deleted.'),
    'waiting-unproven': _("The sender of this message isn't verified, so it can't be remembered."),
}
