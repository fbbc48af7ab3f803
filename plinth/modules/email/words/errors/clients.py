# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of settings for mail apps."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'alias-key-invalid': _('This API key is unknown or was revoked.'),
    'profile-link-invalid': _(
        'This link was used already or has expired. Create a new one under My email > Devices.'
    ),
    'profile-not-signed': _('The certificate of {host} could not be read.'),
}
