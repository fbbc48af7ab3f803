# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of held mail, frozen mailboxes and disowned logins."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'closed-invalid': _('Enter the sentence that mail apps show, for example: Back on Monday.'),
    'disown-invalid': _('This link is invalid, was used already, or has expired.'),
    'held-missing': _('There are no held messages of {name}. They were released or deleted.'),
    'held-missing.by-hand': _('There are no messages held by an administrator.'),
    'mailbox-frozen': _('This mailbox is frozen: {sentence}'),
    'usage-invalid.no-limit': _('Give at least one of --per-hour, --per-day and --first-time.'),
}
