# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of root's maintenance."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'component-kept': _('A program that came with the software could not be stopped.'),
    'component-missing': _('There is no component “{name}”.'),
    'component-no-room.disk': _(
        'The component needs {needed} MB of free disk space, but only {there} MB are free.'
    ),
    'component-no-room.memory': _(
        'The component needs {needed} MB of free memory, but only {there} MB are free. Mail would '
        'stop whenever memory runs out.'
    ),
    'component-no-signatures': _(
        'The virus signatures could not be downloaded. Check the internet connection, then try '
        'again. Until then, messages are not scanned.'
    ),
    'component-silent': _(
        'The program of the component does not answer, so the component was not turned on.'
    ),
    'index-failed': _('The search index could not be removed.'),
    'key-lost': _('The private key {selector} is lost. Restore a backup, or replace the keys.'),
    'not-started': _(
        'The replacement of the signing keys could not be started. It will run within the hour.'
    ),
    'aliases-failed': _("Postfix can't read the restored /etc/aliases."),
    'check-missing': _('Check the DNS records of {name} first.'),
    'domain-invalid.not-public': _("{name} is not in the public DNS, so keys can't be published."),
    'dovecot-unreadable': _("Dovecot can't read its settings."),
    'dump-failed': _("The mail directory could not be saved, because it isn't answering."),
    'folders-failed': _('The mail folders could not be created.'),
    'key-failed.one': _('The signing key could not be read.'),
    'learned-not-carried': _('The spam filter still uses the shared Redis server.'),
    'load-no-file': _('The backup contains no mail directory.'),
    'lookup-failed.directory': _("Postfix can't read the directory."),
    'lookup-failed.postfix': _("Postfix can't be queried."),
    'mail-failed': _('The message could not be sent.'),
    'provider-invalid': _('The saved DNS server settings are unreadable.'),
    'rspamd-down': _('The spam filter (Rspamd) does not answer.'),
    'redis-confused': _('Redis sent an invalid reply.'),
    'redis-down': _('The Redis server of the spam filter does not start.'),
    'redis-kept': _('The shared Redis server could not be stopped.'),
    'redis-refused': _('Redis rejected a command.'),
    'redis-silent': _('Redis does not answer.'),
    'helper-failed': _('A background service of email could not be started.'),
    'resolver-failed': _('The service for encrypted delivery could not be set up.'),
    'user-missing.reports': _('The user {user} is missing. Reinstall this package.'),
    'zone-invalid.outside': _('{name} is not in the zone {zone}.'),
}
