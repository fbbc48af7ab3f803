# SPDX-License-Identifier: AGPL-3.0-or-later
"""Guarded mailboxes in Dovecot: their scripts, and the folder in which mail waits.

The folder is in a namespace that only delivery has. No IMAP or POP session has it, so no mail app
can open it by its name, copy from it, or change who may see it. `dovecot-lda` delivers what was
approved: it runs all other scripts, and not the guard's.
"""

from pathlib import Path

from .blocks import Block, within
from .mailbox_room import QUOTA
from .state import DovecotSetting

GUARDS = '/var/lib/freedombox-email-guards'
"""The scripts of guarded mailboxes, compiled; Dovecot passes over one that is not there."""
IN_USE = 'in-use'
"""The file there while any mailbox is guarded, for systemd."""
NAMESPACE = 'freedombox-waiting'
FOLDER = 'Waiting'
MOST_REDIRECTS = 4
"""Messages that a script makes of one; where a mailbox may not be forwarded it makes none."""
DELIVER = (
    '/usr/lib/dovecot/dovecot-lda',
    '-o',
    f'sieve_script/freedombox-guard/path={GUARDS}/approved/%{{user}}.sieve',
    '-e',
)
"""The program that delivers what was approved: the guard's script is looked for where none is."""


def redirects() -> str:
    """How many messages the scripts of a mailbox may pass one on as."""
    rules = "%{ldap:fbxMailGuardRules | default('forwards')"
    return f"{rules} | if('*', '*forwards*', '{MOST_REDIRECTS}', '0')}}"


def scripts_of(address: str, folder: Path = Path(GUARDS)) -> tuple[Path, Path]:
    """The script of a mailbox, and its compiled form."""
    return folder / f'{address}.sieve', folder / f'{address}.svbin'


def waiting_namespace() -> tuple[DovecotSetting, ...]:
    """The folder of mail that waits, beside the mailbox; and scripts for mail that was approved."""
    block: tuple[Block, ...] = (('protocol', 'lmtp'), ('namespace', NAMESPACE))
    namespace = within(
        block,
        {
            'separator': '/',
            'prefix': f'{NAMESPACE}/',
            'hidden': 'yes',
            'list': 'no',
            'subscriptions': 'no',
            'mail_path': f'~/{NAMESPACE}',
        },
    )
    return (
        namespace
        + within((*block, ('quota', QUOTA)), {'quota_ignore': 'yes'})
        + within((('protocol', 'lda'), ('mail_plugins', '')), {'sieve': 'yes'})
    )
