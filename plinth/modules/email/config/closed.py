# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mailboxes whose logins are refused with a sentence: frozen, off with a reason, or guarded.

A guarded one may be opened at some hours only, or have filters that its user may not change.

The sentence is for those who know the password, so it is looked up after one was found right. By
`deny` a mailbox that is found ends the login, and its `reason` goes to the mail app: over IMAP
as an alert, over SMTP in the answer of Postfix. (`nologin` would do for IMAP alone: Postfix takes
such an answer for a login.)
"""

from ..directory.suffix import BASE_DN
from ..words.guard_refusals import NO_FILTERS
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

_NEEDED = "%{protocol | if('eq', 'sieve', 'filters', 'guarded')}"
"""The word a guarded mailbox needs among its rules (`directory/guard.py`); all have the latter."""
_GUARDED = (
    f'(|(fbxMailOutOfHours=*)(&(fbxMailGuardRules=guarded*)(!(fbxMailGuardRules=*{_NEEDED}*))))'
)


def _denying(name: str, condition: str, reason: str) -> tuple[DovecotSetting, ...]:
    """A look-up that ends a login with a reason where a mailbox meets a condition."""
    block = (('passdb', f'freedombox-{name}'),)
    values = {
        'driver': 'ldap',
        'deny': 'yes',
        'skip': 'unauthenticated',
        'ldap_base': f'ou=mailboxes,{BASE_DN}',
        'ldap_scope': 'onelevel',
        'ldap_filter': f'(&(objectClass=fbxMailbox)(fbxMailAddress=%{{user}}){condition})',
        'result_internalfail': 'return-fail',
    }
    fields = {'reason': reason, 'noauthenticate': 'yes'}
    return (
        *(DovecotSetting(key, value, block) for key, value in values.items()),
        *(DovecotSetting(key, value, (*block, ('fields', ''))) for key, value in fields.items()),
    )


def closed_passdb() -> tuple[DovecotSetting, ...]:
    """The look-ups behind all others, which are made after a right password alone."""
    return _denying('closed', '(fbxMailClosed=*)', '%{ldap:fbxMailClosed}') + _denying(
        'guarded', _GUARDED, f"%{{ldap:fbxMailOutOfHours | default('{NO_FILTERS}')}}"
    )
