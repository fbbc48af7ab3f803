# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of relays and of the ways mail leaves by."""

from ..mark import gettext_noop as _
from ..mark import ngettext_noop as ngettext

SENTENCES: dict[str, str | tuple[str, str]] = {
    'password-invalid.relay': _(
        "The relay password can't be empty, start or end with a space, contain control characters, "
        'or be longer than {most} characters.'
    ),
    'password-missing.relay': _('Enter the password for this login.'),
    'preset-missing': _('There is no preset {name}.'),
    'presets-invalid': _('The file {name} is invalid.'),
    'relay-exists.key': _('There is already a relay {key}.'),
    'relay-exists.line': _('{key} is already on an earlier line.'),
    'relay-in-use': ngettext(
        '{name} is still used by {count} setting: {users}. Choose another way to send there first.',
        '{name} is still used by {count} settings, for example {users}. Choose another way to send '
        'there first.',
    ),
    'relay-invalid.backups': _(
        "Enter the names of other relays, each once, at most {most}. A relay can't be its own "
        'backup.'
    ),
    'relay-invalid.host': _('Enter a server name like smtp.example.org.'),
    'relay-invalid.implicit-fallback': _(
        'A relay that stands in for direct delivery must use STARTTLS, usually on port 587.'
    ),
    'relay-invalid.internal': _(
        'Other servers see another address of this relay. Enter it as an SPF mechanism like '
        'ip4:192.0.2.1.'
    ),
    'relay-invalid.login': _("The user name can't contain a colon, or start or end with a space."),
    'relay-invalid.mixed-tls': _(
        '{name} uses another kind of encryption. A relay and its backups must all use STARTTLS, or '
        'all SSL/TLS.'
    ),
    'relay-invalid.name': _(
        'Enter a short name of lower-case letters, digits and hyphens, like provider.'
    ),
    'relay-invalid.no-name': _(
        "A certificate can't be checked for an IP address. Enter the server name, or turn the "
        'check off.'
    ),
    'relay-invalid.open-login': _(
        'Without encryption the password could be read on the way. Choose STARTTLS or SSL/TLS.'
    ),
    'relay-invalid.spf': _('Enter an SPF mechanism like include:spf.example.org.'),
    'relay-invalid.tls': _('Choose STARTTLS, SSL/TLS or no encryption.'),
    'relay-missing.key': _('There is no relay {key}.'),
    'route-exists.key': _('There is already a rule for {key}.'),
    'route-exists.line': _('{key} is already on an earlier line.'),
    'route-invalid': _('Choose direct delivery or one of your relays.'),
    'route-invalid.own-domain': _(
        '{domain} is a mail domain on this server, so its mail never leaves it.'
    ),
    'route-invalid.scope': _('Choose all mail, a domain, a mailbox or a destination.'),
    'route-missing.key': _('There is no rule for {key}.'),
}
