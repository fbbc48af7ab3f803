# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of reports of other mail servers."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'report-bomb': _('The report is ignored: malformed archive.'),
    'report-crashed': _('The report is ignored: could not be processed.'),
    'report-dated': _('The report is ignored: invalid date.'),
    'report-full': _('The report is ignored: monthly limit reached.'),
    'report-garbage': _('The report is ignored: invalid format.'),
    'report-greedy': _('The report is ignored: monthly limit of this sender reached.'),
    'report-many': _('The report is ignored: too many parts.'),
    'report-none': _('The report is ignored: no report in the message.'),
    'report-other': _('The report is ignored: about another domain.'),
    'report-rows': _('The report is ignored: some invalid lines (the others count).'),
    'report-too-big': _('The report is ignored: too large.'),
    'report-twice': _('The report is ignored: duplicate.'),
    'report-unproven': _('The report is ignored: unverified sender.'),
}
