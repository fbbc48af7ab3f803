# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings for mail from outside that leaves the box again: forwards of mailboxes and aliases.

Rspamd finds out which message leaves, and gives it a sender of ours (`sending/srs.py`). All of
Postfix's questions about such senders go to a service, and only where an address looks like one.
A copy that stays on the box is handed to Dovecot under its original sender. A bounce is
taken for a valid address only, and passed on to the original sender.

What may be spam does not leave: Rspamd then puts an address at `here.invalid` in the place of one
that is forwarded. It means the mailbox alone, without its forwards.
"""

from .state import MasterService, Value, WholeFile, made

LOOKUP = 'socketmap:unix:freedombox-email-srs/lookup'
HERE = 'here.invalid'
HERE_SERVICE = 'freedombox-here'
BOUNCE_CLASS = 'freedombox_bounces'
"""The restriction that a valid address leads to: it takes bounces alone."""
_REWRITTEN = '/etc/postfix/freedombox-email-srs.regexp'
_HERE = '/etc/postfix/freedombox-email-here.regexp'
_BOUNCES = '/etc/postfix/freedombox-email-bounces.regexp'


def _asked(table: str) -> str:
    """The look-up of a rewritten address in a table of the service."""
    return f'pipemap:{{regexp:{_REWRITTEN}, {LOOKUP}:{table}}}'


def forwarding() -> dict[str, Value]:
    """Where bounces lead, and senders and recipients as Dovecot is told them."""
    return {
        'recipient_canonical_maps': _asked('bounce'),
        'recipient_canonical_classes': 'envelope_recipient',
        'lmtp_generic_maps': _asked('sender'),
        'smtpd_restriction_classes': BOUNCE_CLASS,
        BOUNCE_CLASS: f'check_sender_access regexp:{_BOUNCES}',
    }


def mailbox_alone() -> MasterService:
    """The service that hands mail for a mailbox without its forwards to Dovecot.

    Postfix replaces addresses in headers too. Rspamd refuses a From line with such an address.
    """
    options = (('lmtp_generic_maps', f'regexp:{_HERE}'),)
    return MasterService(HERE_SERVICE, 'unix', 'lmtp', chroot='y', options=options)


def bounces_only() -> str:
    """The check of recipients that refuses forged and expired addresses, and all but bounces."""
    return f'check_recipient_access {_asked("check")}'


def forwarding_tables() -> tuple[WholeFile, ...]:
    """Tables of these settings: addresses that are asked about, mailboxes alone, and bounces."""
    return (
        made(_REWRITTEN, '/^("?srs[01][-+=].+@.+)$/ ${1}\n'),
        made(_HERE, f'/^(.+)=([^=@]+)@{HERE.replace(".", "[.]")}$/ ${{1}}@${{2}}\n'),
        made(_BOUNCES, '/^<>$/ DUNNO\n/./ 550 5.7.1 This address takes bounces only\n'),
    )
