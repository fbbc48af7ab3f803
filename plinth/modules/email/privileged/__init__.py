# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions of the app: few, small verbs, each checking again what it is given."""

from .backup import directory_dump, directory_load
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
from .dns import dns_facts, dns_provider, dns_provider_remove, dns_provider_set, dns_push
from .overview import overview_data, queue_retry
from .setup import setup
from .takeover import built_in_prepare, built_in_remove

__all__ = [
    'alias_add',
    'alias_remove',
    'built_in_prepare',
    'built_in_remove',
    'directory_dump',
    'directory_load',
    'directory_setup',
    'dkim_public',
    'dns_facts',
    'dns_provider',
    'dns_provider_remove',
    'dns_provider_set',
    'dns_push',
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
    'sync_domains',
]
