# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postfix's questions about mail of users: see `sending/limits.py`.

It asks about each recipient after a login, and at the end of each message. While the service
does not answer, recipients in own domains are taken and all others told to come later; at the
end there is nothing left to decide.
"""

from .mailbox_room import POLICY
from .state import Value

SOCKET = 'unix:freedombox-email-limits/policy'
"""Where `limits_service` answers; systemd starts it."""
RECIPIENTS, MESSAGES = 'freedombox_recipient_limits', 'freedombox_message_limits'
"""Parameters of ours, for a value in master.cf can have no spaces."""
INTERNAL = 'freedombox_internal_names'
"""The check that refuses recipients at names Postfix gives services of ours (RFC 6761, 6.4)."""
_SECONDS = 'timeout=10s'
_NO_SUCH_HOST = '550 5.1.2 No mail server has this name'


def limits_values() -> dict[str, Value]:
    """The parameters of main.cf."""
    down = '{ default_action = permit_auth_destination, defer }'
    return {
        INTERNAL: f'check_recipient_access inline:{{{{invalid = {_NO_SUCH_HOST}}}}}',
        RECIPIENTS: f'check_policy_service {{ {SOCKET}, {_SECONDS}, {down} }}',
        MESSAGES: f'check_policy_service {{ {SOCKET}, {_SECONDS}, default_action=DUNNO }}',
    }


def recipient_restrictions(*before: str) -> tuple[str, str]:
    """The option of a port for users with its restrictions, ours last: quota, then limits."""
    return 'smtpd_recipient_restrictions', ','.join(
        [*before, f'${INTERNAL}', f'${POLICY}', f'${RECIPIENTS}']
    )


def message_restrictions() -> tuple[str, str]:
    """The option of a port for users about whole messages."""
    return 'smtpd_end_of_data_restrictions', f'${MESSAGES}'
