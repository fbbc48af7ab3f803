# SPDX-License-Identifier: AGPL-3.0-or-later
"""The look-ups of where a mailbox is stored, and how much it may hold (userdb)."""

from ..directory.quota import QUOTA_BYTES, TOTAL_QUOTA, UNLIMITED
from ..directory.suffix import BASE_DN
from .blocks import lookup, within
from .guarded import redirects
from .sharing import MEMBER
from .state import DovecotSetting

MAIL_USER = 'vmail'
MAIL_HOME = '/var/vmail'
_NOTES = 'mail_plugins/quota_clone'
"""Whether Dovecot notes what a mailbox holds after each change; without a quota root does so."""


def _usual_quota() -> tuple[DovecotSetting, ...]:
    """The quota a domain gives its mailboxes; it finds no one, so the next look-up follows."""
    inside = ('userdb', 'freedombox-domain')
    return lookup(
        'userdb',
        'domain',
        f'ou=domains,{BASE_DN}',
        '(&(objectClass=fbxMailDomain)(fbxMailDomainName=%{user | domain}))',
        {
            'quota_storage_size': f"%{{ldap:{QUOTA_BYTES} | default('0')}}",
            _NOTES: f"%{{ldap:{TOTAL_QUOTA} | default('{UNLIMITED}') "
            f"| if('eq', '{UNLIMITED}', 'no', 'yes')}}",
        },
        {
            'result_success': 'continue',
            'result_failure': 'continue',
            'ldap_iterate_filter': '(&(objectClass=fbxMailDomain)(!(objectClass=*)))',
        },
    ) + within((inside, ('ldap_iterate_fields', '')), {'user': '%{ldap:fbxMailDomainName}'})


def _mailbox() -> tuple[DovecotSetting, ...]:
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
            'quota_storage_size': f'%{{ldap:{QUOTA_BYTES} | default(userdb:quota_storage_size)}}B',
            _NOTES: f'%{{ldap:{QUOTA_BYTES} | default(userdb:quota_storage_size) '
            f"| if('eq', '0', userdb:{_NOTES}, 'yes')}}",
            MEMBER: '%{ldap:fbxMailOwnerId | default(ldap:fbxMailAddress) | lower}',
            'sieve_max_redirects': redirects(),
        },
        {'ldap_iterate_filter': '(&(objectClass=fbxMailbox)(fbxMailEnabled=TRUE))'},
    ) + within((('userdb', 'freedombox-mailbox'), ('ldap_iterate_fields', '')), {'user': address})


def userdbs() -> tuple[DovecotSetting, ...]:
    """The look-ups in their order: a mailbox's own quota takes the place of its domain's."""
    return _usual_quota() + _mailbox()
