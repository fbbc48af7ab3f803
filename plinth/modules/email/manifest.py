# SPDX-License-Identifier: AGPL-3.0-or-later
"""The app's clients, backup and tags, as plain data."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from freedombox.clients import store_url

from .clients.webmail import WEBMAIL
from .config.paths import DIRECTORY_DUMP, EARLIER_DUMP, FORMER_ALIASES, FORMER_MAIL, LEARNED

CLIENTS: list[dict[str, Any]] = [
    WEBMAIL,
    {
        'name': _('Thunderbird'),
        'platforms': [
            {'type': 'download', 'os': system, 'url': 'https://www.thunderbird.net/'}
            for system in ('gnu-linux', 'macos', 'windows')
        ],
    },
    {
        'name': _('Thunderbird Mobile'),
        'platforms': [
            {
                'type': 'store',
                'os': 'android',
                'store_name': store,
                'url': store_url(store, 'net.thunderbird.android'),
            }
            for store in ('f-droid', 'google-play')
        ],
    },
]

BACKUP: dict[str, Any] = {
    'config': {
        'directories': [
            '/etc/dovecot/conf.d/',
            '/etc/postfix/',
            '/etc/rspamd/local.d/',
            '/etc/rspamd/override.d/',
        ],
        # An administrator's own.
        'files': [
            '/etc/aliases',
            '/etc/freedombox-email/limits.json',
            '/etc/freedombox-email/metrics',
            '/etc/freedombox-email/no-monthly-report',
            '/etc/freedombox-email/places.json',
            '/etc/freedombox-email/relays.json',
            '/etc/freedombox-email/status-codes.json',
            '/etc/freedombox-email/trace.json',
            '/var/lib/freedombox-email/reach.json',
            '/var/lib/freedombox-email/telling.json',
        ],
    },
    # What the built-in app left is saved as long as it is there: it may hold mail that could not
    # be carried over, and a backup that app made is restored by carrying its mail over.
    'data': {
        'directories': [
            '/var/vmail/',
            FORMER_MAIL,
            FORMER_ALIASES,
            '/var/lib/freedombox-email-reports/',
            LEARNED,
        ],
    },
    'secrets': {
        'directories': [
            # Of the built-in app and of earlier versions, in whose backups they are.
            '/var/lib/rspamd/dkim/',
            '/var/lib/freedombox-email/keys/',
            '/var/lib/freedombox-email/dkim/',
            '/var/lib/freedombox-email/dns/',
            '/var/lib/freedombox-email/quarantine/',
            '/var/lib/freedombox-email/relays/',
            '/var/lib/freedombox-email/srs/',
        ],
        # Backups of versions before 101 hold the second one; nothing is saved there any more.
        'files': [DIRECTORY_DUMP, EARLIER_DUMP],
    },
    'services': ['postfix', 'dovecot', 'rspamd'],
}

TAGS = [_('Email server'), _('IMAP'), _('Spam control')]

RESERVED_USERNAMES = [
    # accounts of the daemons
    '_rspamd', 'dovecot', 'dovenull', 'postdrop', 'postfix', 'redis', 'vmail',
    # addresses every domain must have (RFC 2142), and those mail programs send from
    'abuse', 'hostmaster', 'mailer-daemon', 'postmaster', 'root', 'webmaster',
]  # fmt: skip
