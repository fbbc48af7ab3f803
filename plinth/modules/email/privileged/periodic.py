# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on reports about a mailbox.

DIAGNOSTICS
    The errors of `directory.verbs.report_choices` and `activity.mailbox_use`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..activity import mailbox_use
from ..directory.person import owner_of
from ..directory.store import PageStore
from ..directory.verbs import own, report_choices
from ..maintenance import monthly_report


@privileged
def monthly_report_set(on: bool) -> None:
    """Choose whether administrators get the monthly report."""
    monthly_report.choose(on)


@privileged
def own_weekly_report(user: str, address: str, on: bool, alone: bool = False) -> dict[str, Any]:
    """Choose whether a user gets the weekly report on a mailbox of theirs."""
    with PageStore() as store:
        owner = owner_of(store, user, alone)
        return report_choices.choose_own_weekly(store, owner, address, on).to_json()


@privileged
def own_usage_look(user: str, address: str, alone: bool = False) -> dict[str, Any]:
    """The use of a user's mailbox in the last seven days, as others get it in a report."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
        return mailbox_use.last_days(mailbox).to_json()


@privileged
def usage_report_set(address: str, on: bool) -> dict[str, Any]:
    """Choose whether the report on the use of a mailbox is sent."""
    with PageStore() as store:
        return report_choices.choose_report(store, address, 'usage', on).to_json()
