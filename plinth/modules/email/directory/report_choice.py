# SPDX-License-Identifier: AGPL-3.0-or-later
"""The reports that are sent about a mailbox.

`weekly` goes to its own person, who chooses it. `usage` goes to its guardians and the postmaster;
an administrator chooses it, and its person sees the same report on a page of theirs.

DIAGNOSTICS
    report-invalid   a report that there is not
"""

from collections.abc import Collection
from typing import Literal, get_args

from ..errors import MailError

ReportChoice = Literal['weekly', 'usage']
REPORT_CHOICES: tuple[ReportChoice, ...] = get_args(ReportChoice)


def check_reports(names: Collection[str]) -> None:
    """Refuse reports that there are not."""
    if not set(names) <= set(REPORT_CHOICES):
        raise MailError('report-invalid')
