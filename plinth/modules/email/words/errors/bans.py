# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of blocked logins."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'ban-exists': _('{network} is already blocked.'),
    'ban-invalid': _('This is not an IP address or network. Examples: 192.0.2.7, 192.0.2.0/24.'),
    'ban-invalid.own': _("{network} is in a network of this server and can't be blocked."),
    'ban-invalid.self': _('You are connected from {network}, so you would block yourself.'),
    'ban-invalid.wide': _('{network} is too large. The largest networks are /16, or /32 in IPv6.'),
    'ban-missing': _('{network} is not blocked.'),
    'bans-down': _("fail2ban isn't running, so no addresses are blocked."),
    'bans-down.counter': _('The service that counts wrong passwords does not answer.'),
    'bans-down.jail': _('fail2ban rejected a command for {jail}.'),
}
