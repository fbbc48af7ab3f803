# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences of notifications, operations and diagnostics, which FreedomBox translates."""

from .mark import gettext_noop as _

ALL_MOVED = _(
    'All mail, folders and addresses of the previous email app were moved. Its own copy stays '
    'in /var/mail, in case you go back.'
)
NEW_OWNER = _(
    'An email address has a new owner. Decide whether to give them the messages of the '
    'previous owner.'
)
SOME_MOVED = _(
    'Some data of the previous email app could not be moved. Nothing was deleted, and all mail is '
    'still in /var/mail too.'
)
SOLVED = _('{title}: solved.')
OFF = _('Email is off.')
ON = _('Email is on.')
NEW_KEYS = _(
    'New signing keys (DKIM) are ready. Create the records {records} at your DNS provider. The '
    'DNS page of {domain} shows their values.'
)
USERS_MISSING = _(
    'These users are missing: {names}. Confirm on the overview that they were deleted, or '
    'restore the user directory. Until then their mailboxes and app passwords are kept.'
)
DNS_PROBLEMS = _('The daily check found problems with: {names}.')
OUT_OF_MEMORY = _(
    'The installation ran out of memory. Email needs 1 GB of memory, {box_name} has {there} '
    'MB. Add memory or uninstall other apps, then try again.'
)
CUT_SHORT = _('The installation was cut short by a restart of {box_name}. Try again.')
