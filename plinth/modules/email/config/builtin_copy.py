# SPDX-License-Identifier: AGPL-3.0-or-later
"""Commands of Dovecot's copying program for mail of the built-in app.

That app keeps mail as sdbox in /var/mail/USER/mail, we keep it as Maildir. dsync copies
folders, flags, dates, UIDs and subscriptions, and knows a message again by its GUID, so a
copy can be repeated without doubling anything.
"""

from .dovecot import storage_values

CONFIGURATION = '/usr/share/freedombox-email/dovecot/carry.conf'
CHANGED_MEANWHILE = 2
"""The exit code that says: all is copied, but more has arrived in between."""

_FOLDER_RULES = ('mailbox_list_storage_escape_char',)


def _options(flag: str, values: dict[str, str]) -> tuple[str, ...]:
    return tuple(word for name, value in values.items() for word in (flag, f'{name}={value}'))


def _maildir(home: str) -> dict[str, str]:
    """How our Dovecot stores mail, for a home of this name."""
    ours = storage_values()
    return {'mail_inbox_path': f'{home}/Maildir', **{name: ours[name] for name in _FOLDER_RULES}}


def copy_command(source: str, target: str) -> tuple[str, ...]:
    """The command that makes `target`/Maildir an exact copy of `source`/mail."""
    return (
        'doveadm', '-c', CONFIGURATION,
        *_options('-o', {
            'mail_driver': 'sdbox', 'mail_path': f'{source}/mail', 'mail_home': source,
        }),
        'backup', '--no-userdb-lookup', '-f',
        *_options('-p', _maildir(target)), f'maildir:{target}/Maildir',
    )  # fmt: skip


def merge_command(source: str, target: str) -> tuple[str, ...]:
    """The command that adds mail to `target`/Maildir that only `source`/Maildir has."""
    return (
        'doveadm', '-c', CONFIGURATION,
        *_options('-o', {
            'mail_driver': 'maildir', 'mail_path': f'{source}/Maildir', 'mail_home': source,
            **_maildir(source),
        }),
        'sync', '-1', '--no-userdb-lookup', '-f',
        *_options('-p', _maildir(target)), f'maildir:{target}/Maildir',
    )  # fmt: skip
