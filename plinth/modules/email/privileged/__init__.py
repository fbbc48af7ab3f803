# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions of the app: few, small verbs, each checking again what it is given."""

from .backup import directory_dump, directory_forget_dump, directory_load
from .carry import (
    carry_addresses,
    carry_copy,
    carry_finish,
    carry_place,
    carry_requeue,
    carry_survey,
)
from .directory import (
    alias_add,
    alias_remove,
    directory_setup,
    domain_add,
    domain_remove,
    domain_set_primary,
    mailbox_add,
    mailbox_remove,
    mailbox_set_password,
    operator_set,
    reconcile,
    sync_domains,
)
from .dkim import dkim_public
from .overview import overview_data, queue_retry
from .setup import setup, setup_rehearse
from .takeover import built_in_prepare, built_in_remove

__all__ = [
    'alias_add',
    'alias_remove',
    'built_in_prepare',
    'built_in_remove',
    'carry_addresses',
    'carry_copy',
    'carry_finish',
    'carry_place',
    'carry_requeue',
    'carry_survey',
    'directory_dump',
    'directory_forget_dump',
    'directory_load',
    'directory_setup',
    'dkim_public',
    'domain_add',
    'domain_remove',
    'domain_set_primary',
    'mailbox_add',
    'mailbox_remove',
    'mailbox_set_password',
    'operator_set',
    'overview_data',
    'queue_retry',
    'reconcile',
    'setup',
    'setup_rehearse',
    'sync_domains',
]
