# SPDX-License-Identifier: AGPL-3.0-or-later
"""Consequences of undoing a change of one setting.

Undoing a change keeps the former value from then on. That is no good for settings that say which
domains, certificates and names there are: mail of a new domain would be refused, a lost
certificate shown. Settings that are not known to be harmless may protect users, so
undoing them has to be asked for.
"""

from .state import MainCf

FOLLOWING = frozenset(
    {
        'default_transport',
        'mydestination',
        'mydomain',
        'myhostname',
        'myorigin',
        'sender_canonical_maps',
        'sender_dependent_default_transport_maps',
        'smtpd_tls_chain_files',
        'tls_server_sni_maps',
        'virtual_alias_maps',
    }
)
"""Parameters of Postfix that say which domains, certificates, names and relays there are."""

HARMLESS = frozenset(
    {
        'lmtp_destination_concurrency_limit',
        'message_size_limit',
        'recipient_delimiter',
        'smtp_tls_loglevel',
        'smtpd_banner',
        'smtpd_peername_lookup',
        'smtpd_tls_loglevel',
    }
)
"""Parameters of Postfix whose value opens nothing and loses nothing."""

COSMETIC = frozenset(
    {'smtp_tls_loglevel', 'smtpd_banner', 'smtpd_peername_lookup', 'smtpd_tls_loglevel'}
)
"""Parameters of Postfix that never decide about a message."""

_MAIN_CF = MainCf({}).path


def follows(path: str, key: str) -> bool:
    """Whether a setting changes with the domains, or its whole file is ours."""
    return not key or (path == _MAIN_CF and key in FOLLOWING)


def is_harmless(path: str, key: str) -> bool:
    """Whether nothing can be opened or lost by another value of a setting."""
    return path == _MAIN_CF and key in HARMLESS


def decides(path: str, key: str) -> bool:
    """Whether a message may be refused or lost by another value of a setting."""
    return not (path == _MAIN_CF and key in COSMETIC)
