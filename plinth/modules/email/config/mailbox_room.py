# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Dovecot and Postfix about room: quotas, and mail that was deleted lately.

The quota of a mailbox comes from its entry, else from that of its domain (`users.py`), each time
Dovecot opens it, so none can be out of date. Dovecot notes what each mailbox with a quota holds in
a file for our own policy service (`quota_clone`), which Postfix asks about each recipient; see
`mailstore/quota_service.py`. Where it does not answer, mail is taken, and Dovecot decides at
delivery: mail beyond the quota then waits in Postfix's queue.

Deleted mail moves to a namespace of its own, which no mail app lists and no quota counts.
"""

from .blocks import within
from .state import DovecotSetting, Value

QUOTA = 'Storage'
"""The name IMAP shows for the quota of a mailbox."""
USAGE = '/var/lib/freedombox-email-usage'
"""A folder of Dovecot's user with a file for each mailbox, read by `QUOTA_USER`."""
QUOTA_USER = 'fbx-mail-quota'
DELETED = 'freedombox-deleted'
"""The namespace of deleted mail, and its prefix."""
DELETED_FOLDER = f'{DELETED}/Messages'
_LISTENER = 'freedombox-email-quota'
QUOTA_SOCKET = f'/run/dovecot/{_LISTENER}'
"""Where Dovecot says whether a message still fits (quota-status)."""
FULL = '452 4.2.2 The mailbox is full, try again later'

POLICY = 'freedombox_quota'
"""A parameter of Postfix: the check of a recipient's quota."""
_POLICY_SOCKET = 'unix:freedombox-email-quota/policy'


def quota_values() -> dict[str, Value]:
    """The parameter of main.cf; without an answer in time mail is taken."""
    return {
        POLICY: f'check_policy_service {{ {_POLICY_SOCKET}, timeout=3s, try_limit=1, '
        'default_action=DUNNO }'
    }


def _quota() -> tuple[DovecotSetting, ...]:
    """The quota of a mailbox: exact, and beyond it mail waits rather than being returned."""
    values: dict[str, Value] = {
        'quota_storage_grace': '0',
        'quota_full_tempfail': 'yes',
        'quota_exceeded_message': 'The mailbox is full',
        'quota_status_overquota': FULL,
        'quota_status_toolarge': FULL,
        'quota_status_nouser': 'DUNNO',
        'quota_status_success': 'DUNNO',
    }
    usage = (('quota_clone', ''), ('dict', 'file'))
    return (
        within((), values)
        + within((('quota', QUOTA),), {'driver': 'count'})
        + within(usage, {'path': f'{USAGE}/%{{user}}'})
        + within((('protocol', 'imap'), ('mail_plugins', '')), {'imap_quota': 'yes'})
        + within((('service', 'quota-status'),), {'executable': 'quota-status -p postfix'})
        + within(
            (('service', 'quota-status'), ('unix_listener', _LISTENER)),
            {'mode': '0600', 'user': QUOTA_USER},
        )
    )


def _deleted() -> tuple[DovecotSetting, ...]:
    """Where deleted mail is kept for a while: the last copy of a message alone."""
    inside = ('namespace', DELETED)
    values: dict[str, Value] = {
        'prefix': f'{DELETED}/',
        'separator': '/',
        'hidden': 'yes',
        'list': 'no',
        'subscriptions': 'no',
        'mail_path': '~/deleted',
        'mail_inbox_path': '',
    }
    return (
        within(
            (), {'lazy_expunge_mailbox': DELETED_FOLDER, 'lazy_expunge_only_last_instance': 'yes'}
        )
        + within((inside,), values)
        + within((inside, ('quota', QUOTA)), {'quota_ignore': 'yes'})
    )


def room_settings() -> tuple[DovecotSetting, ...]:
    """Settings of Dovecot about room."""
    plugins: dict[str, Value] = dict.fromkeys(('quota', 'quota_clone', 'lazy_expunge'), 'yes')
    return within((('mail_plugins', ''),), plugins) + _quota() + _deleted()
