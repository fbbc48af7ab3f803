# SPDX-License-Identifier: AGPL-3.0-or-later
"""Limits of Postfix for strangers: clients of port 25.

Rates are for a minute and for one household: an IPv4 address or an IPv6 /64. They are far above
all a home ever gets, and what exceeds them is told to come again (4xx), so a large provider loses
nothing. Clients with a private address are devices of the household itself, or, behind a router
that puts its own address in place of the sender's, everyone: they have no rates.

A login has none of this: what a user may send is counted by mailbox, guesses in
`authentication`, and mail apps greet and write lines in all manners.
"""

from .facts import Facts
from .state import MasterService, Value

HOUSEHOLD = 64
"""Bits of an IPv6 address that are the same in one household."""
_AT_HOME = ('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '[fc00::]/7', '[fe80::]/10')
CONNECTIONS = 300
MESSAGES = 600
RECIPIENTS = 1200
_RATES = {
    'smtpd_client_connection_rate_limit': CONNECTIONS,
    'smtpd_client_new_tls_session_rate_limit': CONNECTIONS,
    'smtpd_client_message_rate_limit': MESSAGES,
    'smtpd_client_recipient_rate_limit': RECIPIENTS,
}
MOST_AT_ONCE = 20
"""Connections a household may have open at a time."""
MOST_RECIPIENTS = 100
"""Of one message; as many must be taken (RFC 5321, 4.5.3.1.8), the others come in a next one."""

MOST_ERRORS = 10
"""On a connection of a port where users log in, such as wrong passwords, before it ends."""

LIFTED: tuple[tuple[str, Value], ...] = (
    ('smtpd_hard_error_limit', str(MOST_ERRORS)),
    *((name, '0') for name in _RATES),
    ('smtpd_client_connection_count_limit', '50'),
    ('smtpd_recipient_limit', '1000'),
    ('smtpd_helo_restrictions', ''),
    ('smtpd_discard_ehlo_keywords', ''),
    ('smtpd_forbid_bare_newline', 'normalize'),
)
"""Options of a port where users log in, in place of the limits for strangers."""


def limits() -> dict[str, Value]:
    """Settings about the behaviour of strangers.

    A line that ends without a carriage return is refused, as a second message can be hidden behind
    it (SMTP smuggling). The greeting comes a second late, once a day for each client, and who has
    talked by then is sent away. Notices of success (DSN) are not sent, since a
    stranger could have them sent to any address.
    """
    return {
        'smtpd_client_event_limit_exceptions': ', '.join(('$mynetworks', *_AT_HOME)),
        'smtpd_client_ipv6_prefix_length': str(HOUSEHOLD),
        'smtpd_client_connection_count_limit': str(MOST_AT_ONCE),
        **{name: str(most) for name, most in _RATES.items()},
        'smtpd_recipient_limit': str(MOST_RECIPIENTS),
        'smtpd_recipient_overshoot_limit': str(MOST_RECIPIENTS),
        'smtpd_helo_restrictions': 'permit_mynetworks, reject_invalid_helo_hostname',
        'smtpd_discard_ehlo_keywords': 'dsn, silent-discard',
        'smtpd_forbid_bare_newline': 'reject',
        'smtpd_forbid_unauth_pipelining': 'yes',
        'postscreen_greet_action': 'drop',
        'postscreen_greet_wait': '1s',
        'postscreen_greet_banner': '$smtpd_banner',
    }


def services(facts: Facts) -> tuple[MasterService, ...]:
    """Services of port 25: one that waits for clients who talk too soon, and the one behind it.

    smtpd itself looks for such clients only as it takes a connection, and misses most. An
    administrator's own options are for smtpd, so where there are some it keeps the port.
    """
    if facts.own_port_25:
        return ()
    return (
        MasterService('smtp', 'inet', 'postscreen', private='n', chroot='y', limit='1'),
        MasterService('smtpd', 'pass', 'smtpd', chroot='y'),
    )
