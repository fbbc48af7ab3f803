# SPDX-License-Identifier: AGPL-3.0-or-later
"""Senders that were asked to come again because their mail looked suspicious, and have not yet.

They are messages of the record (`stories`) that were only put off, for a reason of the spam filter:
what was put off because a service was down is no one's suspicion.

DIAGNOSTICS
    mailbox-missing   there is none, or it is not theirs
    trace-down        the service that follows the mail log does not answer
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..directory.alias import Alias
from ..directory.mailbox import Mailbox
from ..directory.person import Owner
from ..directory.sender_lists import is_let_in
from ..directory.store import Store
from ..directory.verbs import own
from ..system.json_value import JsonValue
from . import trace_door
from .own_story import OwnMail, own_story
from .refusals import own_refusal
from .story import MessageStory, Step, unlabeled
from .story_store import StorySearch
from .traced import moment
from .tracing import own_mail

MOST_SHOWN = 25
DAYS = 5
"""How long other mail servers usually try."""
_LOOKED_AT = 250
SUSPICIONS = ('try-again', 'too-many')


@dataclass(frozen=True)
class HeldOff(JsonValue):
    """A message that was held off: its sender, when it came first and last, and how often.

    `reason` is the meaning of the answer (`refusals`); `let_in` says that its sender gets in at the
    next try.
    """

    sender: str
    first: datetime
    last: datetime
    tries: int
    reason: str
    let_in: bool = False


@dataclass(frozen=True)
class HeldOffList(JsonValue):
    """The messages that were held off from a mailbox, the newest first."""

    messages: tuple[HeldOff, ...] = ()


def _suspicion(story: MessageStory) -> Step | None:
    """The last step by which a message was put off for suspicion."""
    for step in reversed(story.steps):
        if step.kind == 'refused' and step.code.startswith('4'):
            refusal = own_refusal(step.text)
            return step if refusal and refusal.meaning in SUSPICIONS else None
    return None


def _asked(story: MessageStory) -> set[str]:
    found = {*story.asked, *(end.asked_for or end.address for end in story.ends.values())}
    return {unlabeled(each.lower()) for each in found}


def _names(store: Store, mailbox: Mailbox) -> set[str]:
    """The addresses that lead to a mailbox."""
    aliases = store.search(Alias, where={'destinations': mailbox.address})
    return {mailbox.address, *(each.address for each in aliases)}


def _held(story: MessageStory, mailbox: Mailbox) -> HeldOff | None:
    """A message that is held off, None for any other."""
    step = _suspicion(story)
    refusal = own_refusal(step.text) if step else None
    if step is None or refusal is None:
        return None
    tries = sum(each.count for each in story.steps if each.kind == 'refused')
    return HeldOff(
        story.sender, moment(story.first), moment(max(step.at, step.last)), tries, refusal.meaning,
        is_let_in(mailbox.let_in, story.sender),
    )  # fmt: skip


def _found(store: Store, mailbox: Mailbox, mail: OwnMail | None) -> Iterator[HeldOff]:
    """Yield what is held off from a mailbox, of that only the part a person may see."""
    names = _names(store, mailbox)
    search = StorySearch(
        tuple(names), 'put-off', since=time.time() - DAYS * 24 * 3600, most=_LOOKED_AT
    )
    for short in trace_door.find(search).stories:
        if not short.sender or _asked(short).isdisjoint(names):
            continue
        whole = trace_door.story(short.id)
        part = own_story(whole, mail) if whole and mail else whole
        if part and whole and whole.is_put_off and (found := _held(part, mailbox)):
            yield found


def _list(found: Iterator[HeldOff]) -> HeldOffList:
    return HeldOffList(tuple(each for each, _ in zip(found, range(MOST_SHOWN), strict=False)))


def held_off(store: Store, text: str) -> HeldOffList:
    """The messages that are held off from a mailbox."""
    return _list(_found(store, store.get(Mailbox, text), None))


def own_held_off(store: Store, owner: Owner, text: str) -> HeldOffList:
    """Those that are held off from an owner's mailbox; of a guarded one nothing is told."""
    mailbox = own.get_mailbox(store, owner, text)
    return _list(_found(store, mailbox, own_mail(store, owner)))
