# SPDX-License-Identifier: AGPL-3.0-or-later
"""The look-up of where a mailbox is stored (userdb)."""

from ..directory.suffix import BASE_DN
from .blocks import lookup, within
from .state import DovecotSetting

MAIL_USER = 'vmail'
MAIL_HOME = '/var/vmail'


def userdbs() -> tuple[DovecotSetting, ...]:
    """Where a mailbox is stored; an address that is no safe folder name has none."""
    address = '%{ldap:fbxMailAddress | lower}'
    return lookup(
        'userdb',
        'mailbox',
        f'ou=mailboxes,{BASE_DN}',
        '(&(objectClass=fbxMailbox)(fbxMailAddress=%{user})(fbxMailEnabled=TRUE)'
        '(!(fbxMailAddress=*/*))(!(fbxMailAddress=.*)))',
        {
            'user': address,
            'uid': MAIL_USER,
            'gid': MAIL_USER,
            'home': f'{MAIL_HOME}/%{{ldap:fbxMailAddress | lower | domain}}/'
            '%{ldap:fbxMailAddress | lower | username}',
        },
        {'ldap_iterate_filter': '(&(objectClass=fbxMailbox)(fbxMailEnabled=TRUE))'},
    ) + within((('userdb', 'freedombox-mailbox'), ('ldap_iterate_fields', '')), {'user': address})
