# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the end of mailboxes and aliases.

DIAGNOSTICS
    The errors of `directory.verbs.endings`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory.store import PageStore
from ..directory.verbs import endings
from ..maintenance import expiry


@privileged
def end_set(
    kind: str, address: str, expires: str = '', farewell: str = '', version: str = ''
) -> dict[str, Any]:
    """Choose the end of a `mailbox` or `alias`, and the text senders get after it."""
    with PageStore() as store:
        changed = endings.set_end(store, kind, address, expires, farewell, version)
    return expiry.watched(changed).to_json()
