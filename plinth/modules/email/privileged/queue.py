# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the mail queue and mail on hold.

DIAGNOSTICS
    The errors of `sending.holds`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..activity import queue
from ..sending import holds


@privileged
def queue_look() -> dict[str, Any]:
    """The queue, with mail on hold by mailbox."""
    return queue.look().to_json()


@privileged
def held_release(which: str) -> int:
    """Let mail on hold go out, of a mailbox or one message; how many messages there were."""
    return holds.release(which)


@privileged
def held_drop(which: str) -> int:
    """Delete mail on hold, of a mailbox or one message; how many messages there were."""
    return holds.drop(which)
