# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences on lists of senders, and on senders that are held off."""

from django.utils.translation import gettext_lazy as _

from .mark import ngettext_noop as ngettext

LEVELS = (
    ('usual', _('Usual')),
    ('strict', _('Strict: more mail goes to Junk')),
    ('lenient', _('Lenient: less mail goes to Junk')),
)
AS_FOR_ALL = _('As the administrator chose')
OTHER_LEVEL = _('Junk from a score of {score}')
ON_BOTH = _('{sender} is on both lists. Remove it from one of them.')
SAVED = _('Saved. This applies to new mail.')
LET_IN = _('The next try of {sender} gets in. This is possible for 5 days.')
TRIES = ngettext('{count} try', '{count} tries')
REASONS = {
    'try-again': _('The message looked suspicious and the sender was not known.'),
    'too-many': _('The sender sent too many messages at a time.'),
}
