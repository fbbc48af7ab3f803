# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the mail queue and mail on hold.

Messages are chosen by a state, a domain they go to, an address they are from, and with the state
`named` by their names in the queue; an empty text leaves a choice out.

DIAGNOSTICS
    The errors of `activity.queue`, `activity.queue_acts` and `sending.holds`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..activity import queue, queue_acts, queued_headers
from ..activity.queue_entry import QueueFilter
from ..sending import holds


@privileged
def queue_list(which: str, destination: str, sender: str, first: int, rows: int) -> dict[str, Any]:
    """A page of the messages that are chosen, and all mail on hold by mailbox."""
    return queue.look(QueueFilter.of(which, destination, sender), first, rows).to_json()


@privileged
def queue_show(name: str) -> dict[str, Any]:
    """The message with this name in the queue."""
    return queue.find(name).to_json()


@privileged
def queue_headers(name: str) -> list[dict[str, Any]]:
    """The header of a message in the queue, never its body."""
    return [each.to_json() for each in queued_headers.read(name)]


@privileged
def queue_retry(which: str, destination: str, sender: str, ids: list[str]) -> int:
    """Try messages now; how many there are."""
    return queue_acts.retry(QueueFilter.of(which, destination, sender, ids))


@privileged
def queue_hold(which: str, destination: str, sender: str, ids: list[str]) -> int:
    """Keep messages from being delivered; how many there are."""
    return queue_acts.hold(QueueFilter.of(which, destination, sender, ids))


@privileged
def queue_release(which: str, destination: str, sender: str, ids: list[str]) -> int:
    """Let messages on hold go out; how many there are."""
    return queue_acts.release(QueueFilter.of(which, destination, sender, ids))


@privileged
def queue_bounce(
    which: str, destination: str, sender: str, ids: list[str], until: int, count: int
) -> int:
    """Have messages returned, at most as many as were confirmed; how many there were."""
    return queue_acts.bounce(QueueFilter.of(which, destination, sender, ids, until), count)


@privileged
def queue_delete(
    which: str, destination: str, sender: str, ids: list[str], until: int, count: int
) -> int:
    """Delete messages, at most as many as were confirmed; how many there were."""
    return queue_acts.delete(QueueFilter.of(which, destination, sender, ids, until), count)


@privileged
def held_release(which: str) -> int:
    """Let mail on hold go out, of a mailbox or one message; how many messages there were."""
    return holds.release(which)


@privileged
def held_drop(which: str, count: int) -> int:
    """Delete mail on hold, at most as many messages as were confirmed; how many there were."""
    return holds.drop(which, count)
