# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sieve: scripts of ours and of the users, and what they may do."""

from .blocks import Block, within
from .state import DovecotSetting, Value

SIEVE = '/usr/share/freedombox-email/sieve'
SIEVE_SEND = '/usr/lib/freedombox-email/sieve-send'
SIEVE_BINARIES = '/var/lib/dovecot/freedombox-email-sieve'


def _script(
    outer: tuple[Block, ...], name: str, kind: str, cause: str | None = None
) -> tuple[DovecotSetting, ...]:
    """A script of ours; it is compiled when the app is set up."""
    values: dict[str, Value] = {
        'type': kind,
        'driver': 'file',
        'path': f'{SIEVE}/{name}.sieve',
        'bin_path': SIEVE_BINARIES,
    }
    if cause:
        values['cause'] = cause
    return within((*outer, ('sieve_script', f'freedombox-{name}')), values)


def sieve_settings() -> tuple[DovecotSetting, ...]:
    """Sorting at delivery, the users' own scripts, and learning from moved mail.

    Only scripts of ours that run when mail is moved may start a program. What a script sends is
    its owner's, see sieve-send; one message makes a few others at most.
    """
    imap = ('protocol', 'imap')
    return (
        within(
            (),
            {
                'sendmail_path': f'{SIEVE_SEND} %{{user}} %{{home}}',
                'postmaster_address': '%{user}',
                'sieve_max_actions': '10',
                'sieve_max_redirects': '4',
            },
        )
        + within((('sieve_extensions', ''),), {'enotify': 'no'})
        + _script((), 'junk', 'before')
        + within(
            (('sieve_script', 'personal'),),
            {
                'type': 'personal',
                'driver': 'file',
                'path': '~/sieve',
                'active_path': '~/.dovecot.sieve',
            },
        )
        + within((imap, ('mail_plugins', '')), {'imap_sieve': 'yes'})
        + within(
            (imap, ('sieve_plugins', '')), {'sieve_imapsieve': 'yes', 'sieve_extprograms': 'yes'}
        )
        + within((imap, ('sieve_global_extensions', '')), {'vnd.dovecot.pipe': 'yes'})
        + within((imap,), {'sieve_pipe_bin_dir': '/usr/lib/freedombox-email/sieve'})
        + _script((('mailbox', 'Junk'),), 'learn-spam', 'before', 'copy')
        + _script((('imapsieve_from', 'Junk'),), 'learn-ham', 'before', 'copy')
    )
