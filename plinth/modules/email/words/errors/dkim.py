# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of signing keys."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'key-failed': _('A signing key could not be read.'),
    'keys-damaged': _(
        'The file {path} is damaged, so the state of the signing keys is unknown. It is created '
        'again within the hour from the existing keys.'
    ),
}
