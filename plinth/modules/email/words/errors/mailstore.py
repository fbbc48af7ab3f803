# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of stored mail."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'copy-failed.mail': _('Some mail of {name} could not be copied.'),
    'copy-slow': _(
        'Copying the mail of {name} took too long. Copied mail is kept. Try again later.'
    ),
    'content-failed': _("Dovecot can't read the contents of the mailbox."),
    'content-failed.dovecot-stopped': _("Dovecot isn't running."),
    'content-slow': _("The mailbox isn't answering. Try again later."),
    'deleted-failed': _("Dovecot can't read the deleted messages."),
    'deleted-missing': _('These messages are no longer there.'),
    'deleted-slow': _("The mailbox isn't answering. Try again later."),
    'mail-in-use': _('{address} is a mailbox. Remove the mailbox first.'),
    'mail-kept': _(
        '{address} has a new owner. Mail of the previous owner is kept since {day} (messages: '
        '{messages}). To give it to the new owner, run: freedombox-email mailbox give-mail {id}. '
        'To delete it, run: freedombox-email mailbox delete-mail {id}'
    ),
    'mail-missing': _('There is no kept mail of {name}.'),
    'mailbox-full': _("These messages don't fit into {address}. Delete others first."),
    'mailbox-silent': _("The mailbox isn't answering. Try again later."),
    'mailbox-off': _('{address} is turned off. Turn it on first.'),
    'mail-stuck': _(
        'The mail of the previous mailbox {address} could not be moved. Nothing was changed.'
    ),
    'quarantine-failed': _("Dovecot can't change the quarantine."),
    'quarantine-invalid': _('This is not a valid choice for the quarantine.'),
    'quarantine-link-invalid': _('This link is invalid or has expired.'),
    'quarantine-missing': _('This message was already released or deleted.'),
    'quarantine-unproven': _(
        "It isn't verified who wrote this message, so its sender can't be allowed. Move it to the "
        'inbox only.'
    ),
    'link-other': _('You opened another link since. This page shows what that one is for.'),
    'quarantine-slow': _("The mailbox isn't answering. Try again later."),
    'rights-failed': _(
        'Dovecot still has the previous rights in shared mailboxes. Run Repair on the overview.'
    ),
    'path-not-plain.owner': _('{path} is not owned by root alone.'),
}
