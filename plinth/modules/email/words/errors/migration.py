# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of migration."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'address-invalid.alias-name': _('Enter an alias name like info.'),
    'alias-exists.other-destinations': _('The alias {address} now has other destinations.'),
    'copy-failed.filters': _('The Sieve filters could not be copied.'),
    'copy-failed.not-run': _('{program} could not be run.'),
    'copy-failed.program': _('{program} failed.'),
    'builtin-missing.mail': _('The previous email app has no mail of {user}.'),
    'builtin-missing.mailbox': _('{user} has no mailbox.'),
    'copy-no-room': _(
        'There is not enough disk space to copy the mail of the previous email app. Nothing was '
        'changed, and mail keeps working. Free up {megabytes} MB, then try again.'
    ),
    'builtin-not-due': _('There is no previous email app to take over from.'),
    'builtin-not-due.in-use': _('The previous email app is still in use.'),
    'destination-invalid.program': _(
        'The destination is a program or a file, which is not supported.'
    ),
    'destination-invalid.unknown': _('There is no user or alias {name}.'),
    'domain-keeps': _('{domain} has addresses of its own, so it keeps them.'),
    'former-unreadable': _(
        'The aliases of the previous email app could not be read. Nothing was changed.'
    ),
    'mailbox-exists.now': _('{address} is now the address of a mailbox.'),
    'user-missing.builtin': _(
        'There is no FreedomBox user {name}, so their mail stays in /var/mail/{name}.'
    ),
    'not-moved': _('{name}: {why}'),
}
