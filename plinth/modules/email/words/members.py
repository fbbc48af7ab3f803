# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rights in shared mailboxes as sentences."""

from django.utils.translation import gettext_lazy as _

from .text import Text

CHOICES: tuple[tuple[str, Text], ...] = (
    ('read,write,send', _('Read, write and send')),
    ('read,write', _('Read and write')),
    ('read,send', _('Read and send')),
    ('read', _('Read only')),
)
"""Rights by their text, the usual choice first."""
UNKNOWN = _('Deleted user')
SAVED = _('Saved the members of {address}. Their mail apps reconnect.')
LEFT = _('You no longer have access to {address}.')
PLANNED = _('Planned the hand-over of {address}.')
HANDED_OVER = _('Handed over {address}.')
NOT_PLANNED = _('Canceled the hand-over of {address}.')
CANCEL = _('Cancel the hand-over of {key}?')
CREATED = _('Created {address}. Add its members.')


def rights(text: str) -> Text:
    """Rights in words."""
    return dict(CHOICES)[text]
