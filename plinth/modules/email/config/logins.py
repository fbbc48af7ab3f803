# SPDX-License-Identifier: AGPL-3.0-or-later
"""Look-ups of a login: the mailbox it means, its lock, and its password (passdb)."""

from ..directory.suffix import BASE_DN, SUFFIX
from .blocks import lookup
from .closed import DEVICE_FIELDS, FIRST, LATER, OPENS, closed_passdb
from .state import DovecotSetting, Value


def passdbs() -> tuple[DovecotSetting, ...]:
    """All look-ups of a login, in the order in which they are made."""
    return _find_mailbox() + _find_lock() + _check_password() + closed_passdb()


def _find_mailbox() -> tuple[DovecotSetting, ...]:
    """The look-ups that find the mailbox a login means; they check no password.

    A user with a new name may log in with the address that came with it, too.
    """
    return (
        lookup(
            'passdb',
            'domain',
            f'ou=domains,{BASE_DN}',
            '(&(objectClass=fbxMailDomain)(|(fbxMailDomainName=%{user | domain})'
            '(fbxMailDomainUnicode=%{user | domain}))(fbxMailEnabled=TRUE))',
            {
                'user': '%{user | username}@'
                '%{ldap:fbxMailAliasOf | default(ldap:fbxMailDomainName) | lower}',
                'noauthenticate': 'yes',
            },
            {'username_filter': '*@*'},
        )
        + lookup(
            'passdb',
            'renamed',
            f'ou=aliases,{BASE_DN}',
            '(&(objectClass=fbxMailAlias)(fbxMailOrigin=freedombox)(fbxMailAddress=%{user})'
            '(fbxMailEnabled=TRUE))',
            {'user': '%{ldap:fbxMailDestination | lower}', 'noauthenticate': 'yes'},
            {'username_filter': '*@*'},
        )
        + _mailbox('mailbox', '*@*', 'fbxMailAddress')
        + _mailbox('login', '!*@*', 'fbxMailLogin')
    )


def _mailbox(name: str, logins: str, attribute: str) -> tuple[DovecotSetting, ...]:
    """The look-up of a mailbox by one attribute.

    An address is looked up as an address and nothing else, so whatever short name a user
    has, it cannot stand in the way of the one whose address that is.
    """
    return lookup(
        'passdb',
        name,
        f'ou=mailboxes,{BASE_DN}',
        f'(&(objectClass=fbxMailbox)({attribute}=%{{user}}){OPENS})',
        {
            'user': '%{ldap:fbxMailAddress | lower}',
            'fbx_owner_id': "%{ldap:fbxMailOwnerId | default('none')}",
            'noauthenticate': 'yes',
        },
        {'username_filter': logins, 'result_failure': 'return-fail'},
    )


def _find_lock() -> tuple[DovecotSetting, ...]:
    """The look-up that ends a login of a FreedomBox user who is locked or gone.

    The user is known by the identity the mailbox notes: another user with the same name opens
    nothing, not even before `reconcile` has seen that it is another one. slapd sees to
    locks itself where a user gives their own password; a password for a device is tried as another
    entry. A mailbox without an owner stands for itself.
    """
    user = '(objectClass=posixAccount)(entryUUID=%{passdb:fbx_owner_id})'
    return lookup(
        'passdb',
        'lock',
        SUFFIX,
        f'(|(&{user}(!(pwdAccountLockedTime=000001010000Z)))'
        '(&(objectClass=fbxMailbox)(fbxMailAddress=%{user})(!(fbxMailOwner=*))))',
        {'noauthenticate': 'yes'},
        {'ldap_scope': 'subtree', 'result_failure': 'return-fail'},
    )


def _check_password() -> tuple[DovecotSetting, ...]:
    """The ways to try a password: as one for a device, the owner, the mailbox itself.

    A short password is made longer before its beginning is taken: Dovecot fails for the time
    being when `substr` finds too little, which told who has a mailbox, and crashes (2.4.1) when
    `truncate` does.
    """
    bind: dict[str, Value] = {'ldap_bind': 'yes', 'ldap_connection_group': 'bind'}
    whose = (
        '(|(fbxMailOwnerId=%{passdb:fbx_owner_id})(&(fbxMailOwner=%{user})(!(fbxMailOwnerId=*))))'
    )
    what_for = "(fbxMailUse=%{protocol | if('eq', 'smtp', 'send', 'read')})"
    return (
        lookup(
            'passdb',
            'device',
            f'ou=passwords,{BASE_DN}',
            f'(&(objectClass=fbxMailAppPassword){whose}{what_for}'
            "(fbxMailKeyId=%{password | concat('____') | substr(0, 4)}))",
            DEVICE_FIELDS,
            {**bind, 'ldap_scope': 'subtree', **FIRST},
        )
        + lookup(
            'passdb',
            'owner',
            f'ou=users,{SUFFIX}',
            '(&(objectClass=posixAccount)(entryUUID=%{passdb:fbx_owner_id}))',
            {},
            {**bind, **LATER},
        )
        + lookup(
            'passdb',
            'own-password',
            f'ou=mailboxes,{BASE_DN}',
            f'(&(objectClass=fbxMailbox)(fbxMailAddress=%{{user}})(!(fbxMailOwner=*)){OPENS})',
            {},
            {**bind, **LATER},
        )
    )
