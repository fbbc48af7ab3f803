# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why a report does not count.

Nothing here needs Django: the program that reads reports does without it.
"""

from ..errors import MailError

REASONS: dict[str, str] = {
    'report-too-big': 'too large',
    'report-bomb': 'malformed archive',
    'report-many': 'too many parts',
    'report-garbage': 'invalid format',
    'report-none': 'no report in the message',
    'report-dated': 'invalid date',
    'report-other': 'about another domain',
    'report-unproven': 'unverified sender',
    'report-twice': 'duplicate',
    'report-full': 'monthly limit reached',
    'report-greedy': 'monthly limit of this sender reached',
    'report-rows': 'some invalid lines (the others count)',
    'report-crashed': 'could not be processed',
}
"""Reasons to reject a report. `words.reports.ASIDE` says the same in the reader's language."""


def refuse(code: str, detail: str = '') -> MailError:
    """The error that says a report does not count."""
    if code not in REASONS:
        raise ValueError(f'No such reason: {code}')
    return MailError(code, detail)
