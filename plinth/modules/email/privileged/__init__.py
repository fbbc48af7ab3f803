# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions of the app: each checks its arguments again and calls one verb."""

from ..mailstore import kept_mail
from .aliases import (
    alias_add,
    alias_change,
    alias_remove,
    catch_all_set,
    own_alias_add,
    own_alias_add_random,
    own_alias_change,
    own_alias_remove,
)
from .backup import (
    directory_dump,
    directory_forget_dump,
    directory_load,
)
from .builtin import (
    builtin_addresses,
    builtin_copy,
    builtin_finish,
    builtin_place,
    builtin_prepare,
    builtin_remove,
    builtin_requeue,
    builtin_survey,
)
from .delivery_path import (
    resolve,
)
from .directory import (
    directory_setup,
    domain_add,
    domain_change,
    domain_loss,
    domain_remove,
    domain_set_primary,
    operator_set,
    reconcile,
    sync_domains,
    users_are_gone,
)
from .dns import (
    dns_facts,
    dns_provider,
    dns_provider_remove,
    dns_provider_set,
    dns_push,
)
from .keys import (
    dkim_next,
    dkim_rotate,
    dkim_state,
)
from .overview import (
    overview_data,
    overview_times,
    queue_retry,
)
from .passwords import (
    own_app_password_add,
    own_app_password_remove,
)
from .people import (
    mail_delete,
    mail_give,
    mail_kept,
    mailbox_add,
    mailbox_change,
    mailbox_change_password,
    mailbox_content,
    mailbox_remove,
    mailbox_reset_address,
    mailbox_reset_finish,
    mailbox_reset_start,
    mailbox_set_password,
    mailbox_sign_in,
    mailbox_signed_in,
    own_mailbox_forward,
)
from .reach import (
    reach_set,
)
from .setup import (
    settings_release,
    setup,
    setup_rehearse,
)
from .site import (
    site_apply,
    site_preview,
    site_progress,
)
from .spam_filter import (
    learned_leave,
)
from .webmail import (
    webmail_complete,
)

# No writer that comes by this door lets an address change hands with its mail.
kept_mail.stand_guard()

__all__ = [
    'alias_add',
    'alias_change',
    'alias_remove',
    'builtin_addresses',
    'builtin_copy',
    'builtin_finish',
    'builtin_place',
    'builtin_prepare',
    'builtin_remove',
    'builtin_requeue',
    'builtin_survey',
    'catch_all_set',
    'directory_dump',
    'directory_forget_dump',
    'directory_load',
    'directory_setup',
    'dkim_next',
    'dkim_rotate',
    'dkim_state',
    'dns_facts',
    'dns_provider',
    'dns_provider_remove',
    'dns_provider_set',
    'dns_push',
    'domain_add',
    'domain_change',
    'domain_loss',
    'domain_remove',
    'domain_set_primary',
    'learned_leave',
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
    'operator_set',
    'overview_data',
    'overview_times',
    'own_alias_add',
    'own_alias_add_random',
    'own_alias_change',
    'own_alias_remove',
    'own_app_password_add',
    'own_app_password_remove',
    'own_mailbox_forward',
    'queue_retry',
    'reach_set',
    'reconcile',
    'resolve',
    'settings_release',
    'setup',
    'setup_rehearse',
    'site_apply',
    'site_preview',
    'site_progress',
    'sync_domains',
    'users_are_gone',
    'webmail_complete',
]
