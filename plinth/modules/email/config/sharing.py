# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Dovecot by which members see shared mailboxes, below the folder Shared.

All rights come from the directory. Root writes them to one file (`mailstore.rights`), and no other
source counts (`acl_globals_only`): none of the files that Dovecot could keep beside the mail. The
commands by which users could share mailboxes themselves (RFC 4314, SETACL) are not loaded, so that
rights have one place. A member is in a group that has their identity as its name, so all
mailboxes of a person have the rights, also after a new name.

Each member has subscriptions of their own, in a file beside the shared mail. In the member's own
file (`subscriptions=no`) Dovecot takes the dots of an address for levels of folders. In the file of
the mailbox itself any user could change them: UNSUBSCRIBE checks no rights.

Rights are checked in all protocols: a Sieve script of a user must not file mail into a mailbox of
another.
"""

from .blocks import within
from .state import DovecotSetting

MEMBER = 'acl_groups'
"""The field of a session with the identity of its owner."""
RIGHTS = '/var/lib/freedombox-email/shared/rights'
"""Rights of each member in each shared mailbox; without this file no one can log in."""
LISTED = '/var/lib/freedombox-email/shared/listed'
"""The mailboxes that are shared with each member, by which these are listed."""
FOLDER = 'Shared'


def sharing_settings() -> tuple[DovecotSetting, ...]:
    """The namespace of shared mailboxes, and where rights in them are."""
    checks = {
        'acl_driver': 'vfile',
        'acl_globals_only': 'yes',
        'acl_defaults_from_inbox': 'yes',
        'acl_global_path': RIGHTS,
    }
    namespace = {
        'type': 'shared',
        'separator': '/',
        'prefix': f'{FOLDER}/$user/',
        'mail_path': '%{owner_home}/Maildir',
        'mail_inbox_path': '%{owner_home}/Maildir',
        'subscriptions': 'yes',
        'mailbox_subscriptions_filename': 'subscriptions-%{user}',
        'list': 'children',
    }
    return (
        within((('mail_plugins', ''),), {'acl': 'yes'})
        + within((), {**checks})
        + within((('acl_sharing_map', ''), ('dict', 'file')), {'path': LISTED})
        + within((('namespace', 'shared'),), {**namespace})
    )
