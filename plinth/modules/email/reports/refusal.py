# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why a report does not count.

Nothing here needs Django: the program that reads reports does without it.
"""

from ..errors import MailError

REASONS: dict[str, str] = {
    'report-too-big': 'too large',
    'report-bomb': 'made to grow without end when unpacked',
    'report-many': 'more things in it than a report has',
    'report-garbage': 'not understood',
    'report-none': 'a message without a report',
    'report-dated': 'about a time that cannot be',
    'report-other': 'about another domain',
    'report-unproven': 'not proven to come from whom it says',
    'report-twice': 'sent a second time',
    'report-full': 'no room left for this month',
    'report-greedy': 'of a sender that has used up its room for this month',
    'report-rows': 'with lines that were not understood; the others count',
    'report-crashed': 'broke the program that reads it',
}
"""What can be wrong. `words.ASIDE` says the same in the reader's language."""


def refuse(code: str, detail: str = '') -> MailError:
    """Return the error that says a report does not count."""
    if code not in REASONS:
        raise ValueError(f'No such reason: {code}')
    return MailError(code, f'The report does not count: {REASONS[code]}.', detail)
