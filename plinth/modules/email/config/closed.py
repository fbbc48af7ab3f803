# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mailboxes whose logins are refused with a sentence: frozen, or off with a reason.

The sentence is for those who know the password, so it is looked up after one was found right. By
`deny` a mailbox that is found ends the login, and its `reason` goes to the mail app: over IMAP
as an alert, over SMTP in the answer of Postfix. (`nologin` would do for IMAP alone: Postfix takes
such an answer for a login.)
"""

from ..directory.suffix import BASE_DN
from .state import DovecotSetting, Value

OPENS = '(|(fbxMailEnabled=TRUE)(fbxMailClosed=*))'
"""The part of a filter for mailboxes whose password is looked at."""
FIRST: dict[str, Value] = {'result_success': 'continue-ok'}
"""Settings of each look-up that tries a password: what comes after it decides."""
LATER: dict[str, Value] = {**FIRST, 'skip': 'authenticated'}
"""The same where a password was tried before."""
DEVICE = 'user_device'
"""The field of a session with the key of its app password, by which `doveadm kick -f` finds it."""
DEVICE_FIELDS: dict[str, Value] = dict.fromkeys(
    (DEVICE, f'userdb_{DEVICE}'), '%{ldap:fbxMailKeyId}'
)
"""The same while the login lasts, and for the session behind it."""

POLICY_ATTRIBUTES: dict[str, Value] = {
    'port': '%{remote_port}',
    'user': '%{user}',
    'device': f'%{{passdb:{DEVICE} | default}}',
    'owner': '%{passdb:fbx_owner_id | default}',
}
"""Attributes of a login that the service which counts guesses and watches logins gets too."""


def closed_passdb() -> tuple[DovecotSetting, ...]:
    """The look-up behind all others, which is made after a right password alone."""
    block = (('passdb', 'freedombox-closed'),)
    values = {
        'driver': 'ldap',
        'deny': 'yes',
        'skip': 'unauthenticated',
        'ldap_base': f'ou=mailboxes,{BASE_DN}',
        'ldap_scope': 'onelevel',
        'ldap_filter': '(&(objectClass=fbxMailbox)(fbxMailAddress=%{user})(fbxMailClosed=*))',
        'result_internalfail': 'return-fail',
    }
    fields = {'reason': '%{ldap:fbxMailClosed}', 'noauthenticate': 'yes'}
    return (
        *(DovecotSetting(key, value, block) for key, value in values.items()),
        *(DovecotSetting(key, value, (*block, ('fields', ''))) for key, value in fields.items()),
    )
