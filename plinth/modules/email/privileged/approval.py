# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions for links by which guardians decide on mail that waits.

DIAGNOSTICS
    The errors of `rules.approval_links`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..directory.store import PageStore
from ..rules import approval_links


@privileged
def waiting_of_link(secret: secret_str) -> dict[str, Any]:
    """The message that waits which a link is for."""
    with PageStore() as store:
        return approval_links.find(store, secret).to_json()


@privileged
def waiting_decide_by_link(secret: secret_str, decision: str) -> dict[str, Any]:
    """Approve or delete a message by its link, which is used up."""
    with PageStore() as store:
        return approval_links.use(store, secret, decision).to_json()
