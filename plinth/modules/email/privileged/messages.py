# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the stories of messages.

DIAGNOSTICS
    The errors of `activity.tracing`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..activity import tracing
from ..activity.traced import TraceQuestion
from ..directory.person import owner_of
from ..directory.store import PageStore
from ..maintenance import trace_keeping
from ..maintenance.trace_keeping import TraceKeeping


@privileged
def messages_find(
    address: str = '',
    message_id: str = '',
    result: str = '',
    since: str = '',
    until: str = '',
    before: int = 0,
    most: int = 25,
    queue_id: str = '',
) -> dict[str, Any]:
    """A page of messages, the newest first; what is empty is not asked for."""
    days = since, until
    question = TraceQuestion.of_words(address, message_id, result, days, before, most, queue_id)
    return tracing.find(question).to_json()


@privileged
def message_story(number: int) -> dict[str, Any]:
    """The story of a message."""
    return tracing.story(number).to_json()


@privileged
def message_lines(number: int) -> dict[str, Any]:
    """The lines of the log about a message."""
    return tracing.lines(number).to_json()


@privileged
def own_messages_find(
    user: str,
    address: str = '',
    message_id: str = '',
    result: str = '',
    since: str = '',
    until: str = '',
    before: int = 0,
    most: int = 25,
    alone: bool = False,
) -> dict[str, Any]:
    """A page of the messages of a user or stand-alone mailbox, the newest first."""
    question = TraceQuestion.of_words(address, message_id, result, (since, until), before, most)
    with PageStore() as store:
        return tracing.own_find(store, owner_of(store, user, alone), question).to_json()


@privileged
def own_message_story(user: str, number: int, alone: bool = False) -> dict[str, Any]:
    """The part of a story that is of a user or stand-alone mailbox."""
    with PageStore() as store:
        return tracing.own_message(store, owner_of(store, user, alone), number).to_json()


@privileged
def messages_keeping() -> dict[str, Any]:
    """How long stories are kept, how much room they may take, and whether with subjects."""
    return trace_keeping.read().to_json()


@privileged
def messages_keep(days: int, megabytes: int, subjects: bool = False) -> dict[str, Any]:
    """Choose how long stories are kept, how much room they may take, and whether with subjects."""
    return trace_keeping.write(TraceKeeping(days, megabytes, subjects)).to_json()
