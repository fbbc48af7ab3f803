# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sieve: scripts of ours and of the users, and what they may do."""

from .blocks import Block, within
from .folders import QUARANTINE
from .guarded import MOST_REDIRECTS
from .sieve_order import SIEVE, SIEVE_BINARIES, order_settings
from .state import DovecotSetting, Value

JUDGES = '../freedombox-email-judge'
"""The folder, from Dovecot's own below /run, of the socket of filtering/judge.py."""
SIEVE_SEND = '/usr/lib/freedombox-email/sieve-send'


def _learning(outer: Block, name: str) -> tuple[DovecotSetting, ...]:
    """A script that runs when mail is moved; it is compiled when the app is set up."""
    values: dict[str, Value] = {
        'type': 'before',
        'driver': 'file',
        'path': f'{SIEVE}/{name}.sieve',
        'bin_path': SIEVE_BINARIES,
        'cause': 'copy',
    }
    return within((outer, ('sieve_script', f'freedombox-{name}')), values)


def _second_look(program: str) -> tuple[DovecotSetting, ...]:
    """The service our script for junk asks at delivery, behind a socket; it starts no program."""
    protocol = ('protocol', program)
    return (
        within((protocol, ('sieve_plugins', '')), {'sieve_extprograms': 'yes'})
        + within(
            (protocol, ('sieve_global_extensions', '')),
            {'vnd.dovecot.execute': 'yes', 'vnd.dovecot.environment': 'yes'},
        )
        + within((protocol,), {'sieve_execute_socket_dir': JUDGES})
    )


def sieve_settings() -> tuple[DovecotSetting, ...]:
    """Sorting at delivery, the users' own scripts, and learning from moved mail.

    Only scripts of ours that run when mail is moved may start a program, at delivery none does.
    What a script sends is its owner's, see sieve-send; one message makes a few others at most.
    Regular expressions are off: Dovecot's limit of processor time does not interrupt the C
    library, which can search for hours, and ten such messages would keep all others from being
    delivered.
    """
    imap = ('protocol', 'imap')
    return (
        within(
            (),
            {
                'sendmail_path': f'{SIEVE_SEND} %{{user}} %{{home}}',
                'postmaster_address': '%{user}',
                'sieve_max_actions': '10',
                'sieve_max_redirects': str(MOST_REDIRECTS),
            },
        )
        + within((('sieve_extensions', ''),), {'enotify': 'no', 'regex': 'no'})
        # Our scripts log which filter acts; the users' own can't.
        + within((('sieve_global_extensions', ''),), {'vnd.dovecot.debug': 'yes'})
        + order_settings()
        + _second_look('lmtp')
        + _second_look('lda')  # which delivers approved mail
        + within((imap, ('mail_plugins', '')), {'imap_sieve': 'yes'})
        + within(
            (imap, ('sieve_plugins', '')), {'sieve_imapsieve': 'yes', 'sieve_extprograms': 'yes'}
        )
        + within((imap, ('sieve_global_extensions', '')), {'vnd.dovecot.pipe': 'yes'})
        + within((imap,), {'sieve_pipe_bin_dir': '/usr/lib/freedombox-email/sieve'})
        + _learning(('mailbox', 'Junk'), 'learn-spam')
        + _learning(('imapsieve_from', 'Junk'), 'learn-ham')
        + _learning(('imapsieve_from', QUARANTINE), 'learn-ham')
    )
