# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions of the app: each checks its arguments again and calls one verb.

FreedomBox finds them here by name. Modules are loaded when one of their actions is asked
for: the command runs one, and all of them take a quarter of a second to load.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ..mailstore import kept_mail, rights
from ..rules import guard_scripts, placement

if TYPE_CHECKING:
    from .aliases import *
    from .approval import *
    from .backup import *
    from .bans import *
    from .builtin import *
    from .certificates import *
    from .components import *
    from .delivery_path import *
    from .directory import *
    from .dns import *
    from .endings import *
    from .guards import *
    from .keys import *
    from .members import *
    from .messages import *
    from .misuse import *
    from .overview import *
    from .passwords import *
    from .people import *
    from .periodic import *
    from .quarantine import *
    from .queue import *
    from .reach import *
    from .relays import *
    from .round_trip import *
    from .rules import *
    from .site import *
    from .spam_filter import *
    from .spam_lists import *
    from .storage import *
    from .system import *
    from .telling import *
    from .traffic import *
    from .webmail import *

# No writer that comes by this door lets an address change hands with its mail.
kept_mail.stand_guard()
# The Sieve scripts of mailboxes follow what this process changes.
placement.stand_by()
# Those of guarded mailboxes too.
guard_scripts.stand_by()
# So do the rights of members in shared mailboxes.
rights.stand_by()

_ACTIONS = {
    'aliases': (
        'alias_add',
        'alias_change',
        'alias_remove',
        'catch_all_set',
        'own_alias_add',
        'own_alias_add_random',
        'own_alias_change',
        'own_alias_remove',
    ),
    'approval': (
        'waiting_decide_by_link',
        'waiting_of_link',
    ),
    'backup': (
        'backup_noted',
        'directory_dump',
        'directory_forget_dump',
        'directory_load',
    ),
    'bans': (
        'ban_add',
        'ban_remove',
        'bans_look',
    ),
    'builtin': (
        'builtin_addresses',
        'builtin_copy',
        'builtin_finish',
        'builtin_place',
        'builtin_prepare',
        'builtin_remove',
        'builtin_requeue',
        'builtin_survey',
    ),
    'certificates': ('certificate_make',),
    'components': (
        'component_install',
        'component_progress',
        'component_remove',
        'components_look',
        'components_remove_all',
    ),
    'delivery_path': ('resolve',),
    'directory': (
        'directory_setup',
        'domain_add',
        'domain_change',
        'domain_loss',
        'domain_remove',
        'domain_set_primary',
        'operator_set',
        'reconcile',
        'sync_domains',
        'users_are_gone',
    ),
    'dns': (
        'dns_facts',
        'dns_provider',
        'dns_provider_remove',
        'dns_provider_set',
        'dns_push',
    ),
    'guards': (
        'guard_know',
        'guard_remove',
        'guard_set',
        'own_waiting',
        'own_waiting_decide',
    ),
    'endings': ('end_set',),
    'keys': (
        'dkim_next',
        'dkim_rotate',
        'dkim_state',
    ),
    'members': (
        'handover_set',
        'members_set',
        'own_membership_end',
    ),
    'messages': (
        'message_lines',
        'message_story',
        'messages_find',
        'messages_keep',
        'messages_keeping',
        'own_message_story',
        'own_messages_find',
    ),
    'misuse': (
        'app_password_revoke',
        'login_disown',
        'login_of_link',
        'mailbox_freeze',
        'mailbox_unfreeze',
    ),
    'overview': (
        'overview_data',
        'overview_times',
    ),
    'passwords': (
        'alias_by_key',
        'own_alias_key_add',
        'own_app_password_add',
        'own_app_password_remove',
        'own_profile_link',
        'profile_fetch',
        'profile_of_link',
    ),
    'people': (
        'mail_delete',
        'mail_give',
        'mail_kept',
        'mailbox_add',
        'mailbox_change',
        'mailbox_change_password',
        'mailbox_content',
        'mailbox_remove',
        'mailbox_reset_address',
        'mailbox_reset_finish',
        'mailbox_reset_start',
        'mailbox_set_password',
        'mailbox_sign_in',
        'mailbox_signed_in',
        'own_mailbox_forward',
    ),
    'periodic': (
        'monthly_report_set',
        'own_usage_look',
        'own_weekly_report',
        'usage_report_set',
    ),
    'quarantine': (
        'own_quarantine_decide',
        'own_quarantine_look',
        'own_quarantine_set',
        'quarantine_of_link',
        'quarantine_use_link',
        'quarantine_usual_set',
    ),
    'queue': (
        'held_drop',
        'held_release',
        'queue_bounce',
        'queue_delete',
        'queue_headers',
        'queue_hold',
        'queue_list',
        'queue_release',
        'queue_retry',
        'queue_show',
    ),
    'reach': ('reach_set',),
    'relays': (
        'relay_add',
        'relay_change',
        'relay_remove',
        'relay_state',
        'route_set',
        'route_test',
    ),
    'round_trip': (
        'round_trip_look',
        'round_trip_send',
    ),
    'rules': (
        'common_filters_set',
        'own_filter_try',
        'own_filters',
        'own_label_folders',
        'own_scripts_look',
        'own_vacation',
    ),
    'storage': (
        'content_of_domain',
        'deleted_look',
        'deleted_restore',
        'own_content',
        'own_deleted_look',
        'own_deleted_restore',
    ),
    'system': (
        'settings_release',
        'setup',
        'setup_rehearse',
    ),
    'site': (
        'site_apply',
        'site_preview',
        'site_progress',
    ),
    'spam_filter': (
        'learned_leave',
        'own_spam_export',
        'own_spam_forget',
        'own_spam_import',
        'own_spam_learn',
        'own_spam_look',
        'spam_forget',
        'spam_learn',
        'spam_look',
    ),
    'spam_lists': (
        'common_lists_change',
        'greylisting_set',
        'held_off_look',
        'own_held_off',
        'own_lists_change',
        'own_sender_let_in',
        'sender_let_in',
        'sender_lists_change',
    ),
    'traffic': (
        'metrics_set',
        'traffic_look',
    ),
    'telling': (
        'telling_confirm',
        'telling_set',
    ),
    'webmail': ('webmail_complete',),
}
_MODULES = {action: module for module, actions in _ACTIONS.items() for action in actions}


def __getattr__(name: str) -> Any:
    """A root action, from its module, which must have another name (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f'.{_MODULES[name]}', __name__), name)


def __dir__() -> list[str]:
    """The names of all root actions."""
    return sorted(_MODULES)
