# SPDX-License-Identifier: AGPL-3.0-or-later
"""Places of data and certificates, as FreedomBox's components take them."""

FORMER_MAIL = '/var/mail/'
FORMER_ALIASES = '/var/lib/postfix/freedombox-aliases/'
LEARNED = '/var/lib/freedombox-email-redis/'
DIRECTORY_DUMP = '/var/lib/freedombox-email/backup/directory.ldif'
EARLIER_DUMP = '/var/lib/plinth/backups-data/email-directory.ldif'
POSTFIX_CERTIFICATE = '/etc/postfix/letsencrypt/{domain}/chain.pem'
DOVECOT_CERTIFICATE = '/etc/dovecot/letsencrypt/{domain}/cert.pem'
DOVECOT_KEY = '/etc/dovecot/letsencrypt/{domain}/privkey.pem'
