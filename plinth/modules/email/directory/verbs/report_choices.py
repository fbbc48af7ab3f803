# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs that choose reports about a mailbox.

DIAGNOSTICS
    mailbox-missing   there is none, or it is not theirs
    report-invalid    a report that there is not
"""

import dataclasses

from ..mailbox import Mailbox
from ..person import Owner
from ..report_choice import ReportChoice
from ..store import Store, storing
from . import own


@storing
def choose_report(store: Store, text: str, name: ReportChoice, on: bool) -> Mailbox:
    """Choose whether a report about a mailbox is sent."""
    present = store.get(Mailbox, text)
    others = tuple(each for each in present.reports if each != name)
    after = dataclasses.replace(present, reports=tuple(sorted((*others, *([name] if on else [])))))
    store.change(present, after)
    return after


@storing
def choose_own_weekly(store: Store, owner: Owner, text: str, on: bool) -> Mailbox:
    """Choose whether an owner gets the weekly report on a mailbox of theirs."""
    return choose_report(store, own.get_mailbox(store, owner, text).address, 'weekly', on)
