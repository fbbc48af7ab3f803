# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of stored mail."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'copy-failed.mail': _('Some mail of {name} could not be copied.'),
    'copy-slow': _(
        'Copying the mail of {name} took too long. What was copied stays. Try again later.'
    ),
    'content-failed': _("Dovecot can't read the contents of the mailbox."),
    'content-failed.dovecot-stopped': _("Dovecot isn't running."),
    'content-slow': _("The mailbox isn't answering. Try again later."),
    'mail-in-use': _('{address} is a mailbox. Remove the mailbox first.'),
    'mail-kept': _(
        '{address} has a new owner. {messages} earlier messages are kept since {day}. Run: '
        'freedombox-email mailbox give-mail {id}, or delete-mail {id}'
    ),
    'mail-missing': _('There is no kept mail of {name}.'),
    'mail-stuck': _(
        'The mail of the previous mailbox {address} could not be moved. Nothing was changed.'
    ),
    'path-not-plain.owner': _('{path} is not owned by root alone.'),
}
