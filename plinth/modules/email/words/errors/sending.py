# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of outgoing mail."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'journal-unreadable': _("The system's journal can't be read."),
    'round-trip-here': _(
        '{domain} is one of your own domains. Enter an address at another provider, for example '
        'anna@example.com.'
    ),
}
