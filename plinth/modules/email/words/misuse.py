# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about sending limits, mail on hold, frozen mailboxes and logins from new networks.

Messages are sent by root's programs, which know no reader's language: they are in English.
"""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

FROZEN = _('This mailbox is frozen. Ask your administrator.')
"""The sentence at login where no other was chosen."""
FROZEN_BY_LINK = _('This mailbox is frozen because of an unknown login. Ask your administrator.')

LIMITS = {
    'hour': ngettext('{count} recipient in an hour', '{count} recipients in an hour'),
    'day': ngettext('{count} recipient in a day', '{count} recipients in a day'),
    'first-time': ngettext(
        '{count} recipient in a day whom it has never written to',
        '{count} recipients in a day whom it has never written to',
    ),
}

HELD_SUBJECT = _('Your messages are held: sending limit reached')
HELD = _(
    'Messages from {address} are held, because it has reached a sending limit:\n'
    '{limit}.\n'
    '\n'
    'They are not lost. Your administrator was told and can release them.\n'
    'Other messages still go out as long as they are within the limit.\n'
    '\n'
    'If you did not send these messages, someone else may know your password. Revoke\n'
    'app passwords you do not use in the web interface under My email > Devices, change your\n'
    'password, and tell your administrator.'
)
HELD_ADMIN_SUBJECT = _('[FreedomBox] Messages of {address} are held')
HELD_ADMIN = _(
    'Messages of {address} are held, because it has reached a sending limit:\n'
    '{limit}.\n'
    '\n'
    'If the user sent them, release them. If not, someone else may know a password: freeze\n'
    'the mailbox, then delete the messages.\n'
    '\n'
    'In the web interface: Apps > Email > Activity\n'
    'In a shell:\n'
    '    freedombox-email queue list\n'
    '    freedombox-email queue release {address}\n'
    '    freedombox-email queue delete {address}\n'
    '    freedombox-email mailbox freeze {address}'
)

LOGIN_SUBJECT = _('New login to {address} from {remote}')
LOGIN = _(
    'Someone logged in to {address} from a network that was not used before.\n'
    '\n'
    'Time:      {time}\n'
    'Address:   {remote}\n'
    '{country}'
    'Service:   {service}\n'
    'Password:  {password}\n'
    '\n'
    'If this was you, for example on the road or with a new connection, you can ignore this\n'
    'message.\n'
    '\n'
    'If this was not you, open this link within {days} days:\n'
    '\n'
    '{link}\n'
    '\n'
    '{effect}'
)
LOGIN_COUNTRY = _('Country:   {country}')
LOGIN_DEVICE = _('app password “{label}” (starts with {key})')
LOGIN_ACCOUNT = _('the password of the account or mailbox')
REVOKES = _('It revokes this app password and ends its sessions. Other devices are not affected.')
FREEZES = _(
    'It freezes the mailbox and ends its sessions. Mail still arrives. Then change your password,\n'
    'and ask your administrator to unfreeze the mailbox.'
)
DISOWNED_SUBJECT = _('[FreedomBox] {address} is frozen after an unknown login')
DISOWNED = _(
    'The user of {address} said that a login from {remote} was not theirs. It used the password\n'
    'of the account or mailbox, so the mailbox is frozen: mail arrives, and no one can log in.\n'
    '\n'
    'When the password is changed, run: freedombox-email mailbox unfreeze {address}'
)
SERVICES = {
    'imap': _('reading mail (IMAP)'),
    'pop3': _('reading mail (POP3)'),
    'smtp': _('sending mail (SMTP)'),
    'sieve': _('filters (ManageSieve)'),
}

RELEASED = ngettext('Released {count} message.', 'Released {count} messages.')
DELETED = ngettext('Deleted {count} held message.', 'Deleted {count} held messages.')
MAILBOX_FROZEN = _('Froze {address}. Mail arrives, but no one can log in.')
MAILBOX_UNFROZEN = _('Unfroze {address}.')
ASK_DELETE = ngettext(
    'Delete {count} held message of {key}?', 'Delete {count} held messages of {key}?'
)
BY_HAND = _('Held by an administrator')
DEVICE_REVOKED = _('Revoked the app password “{label}” of {address}.')
CLOSED = _('Logins are rejected with “{sentence}”. Mail arrives.')
OVER_LIMIT = _('Over the limit: {limits}')
