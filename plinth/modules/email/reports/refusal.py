# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why a report does not count: the codes everything here refuses with, and their sentences."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..errors import MailError

SENTENCES: dict[str, str | Promise] = {
    'report-too-big': _('too large'),
    'report-bomb': _('made to grow without end when unpacked'),
    'report-many': _('more things in it than a report has'),
    'report-garbage': _('not understood'),
    'report-none': _('a message without a report'),
    'report-dated': _('about a time that cannot be'),
    'report-other': _('about another domain'),
    'report-unproven': _('not proven to come from whom it says'),
    'report-twice': _('sent a second time'),
    'report-full': _('no room left for this month'),
    'report-crashed': _('broke the program that reads it'),
}
"""What can be wrong, in words that follow a number and a colon."""


def refuse(code: str, detail: str = '') -> MailError:
    """Return the error that says a report does not count."""
    if code not in SENTENCES:
        raise ValueError(f'No such reason: {code}')
    return MailError(code, f'The report does not count: {SENTENCES[code]}.', detail)
