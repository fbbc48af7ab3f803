# SPDX-License-Identifier: AGPL-3.0-or-later
"""The part of a story that a person may see: about their own mail, and nothing of others.

Who sent a message after a login sees what became of each copy, but not what other people's rules
made of it in their mailboxes. Who got a copy sees the message and this copy; whom else it was for,
also in Bcc, is not theirs to know. A sender address is no proof: from outside anyone may use it.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from .story import End, MessageStory, Step, StepKind

_INSIDE: frozenset[StepKind] = frozenset({
    'stored', 'forwarded', 'discarded', 'rejected', 'replied', 'looped', 'failed', 'moved',
    'deleted', 'undeleted',
})  # fmt: skip
"""Steps inside a mailbox, which are its owner's alone."""
_ADMIN: frozenset[StepKind] = frozenset({'requeued'})


def is_sender(story: MessageStory, own: Collection[str], logins: Collection[str]) -> bool:
    """Whether a person sent a message, as proven by a login."""
    if story.way not in ('login', 'rule') or not story.login:
        return False
    return story.login in logins or story.login in own


def _own_ends(story: MessageStory, own: Collection[str]) -> Iterator[tuple[str, End]]:
    for key, end in story.ends.items():
        if key in own or end.asked_for.lower() in own:
            yield key, end


def _outside(end: End) -> End:
    """An end as its sender may know it: a delivery, and not what rules made of it."""
    if end.result in ('delivered', 'forwarded', 'discarded'):
        return End(end.address, 'delivered', end.at, end.asked_for)
    return end


def _as_sender(story: MessageStory, own: Collection[str]) -> dict[str, End]:
    """The ends a sender may know; a copy that someone's rule passed on is not theirs."""
    mine = dict(_own_ends(story, own))
    passed_on = {
        key for key, end in story.ends.items()
        if story.ends.get(end.asked_for.lower()) and end.asked_for.lower() != key
    }  # fmt: skip
    others = {key: _outside(end) for key, end in story.ends.items() if key not in passed_on}
    return {**others, **mine}


def _steps(story: MessageStory, ends: Collection[str], own: Collection[str]) -> list[Step]:
    """The steps about a message as a whole, and about these ends."""
    found = []
    for step in story.steps:
        key = step.recipient.lower()
        if step.kind in _INSIDE and key and key not in own:
            if key in ends and step.kind in ('stored', 'forwarded', 'discarded'):
                found.append(Step(step.at, 'delivered', step.recipient))
        elif (not key or key in ends) and step.kind not in _ADMIN:
            found.append(step)
    return found


def own_story(
    story: MessageStory, addresses: Collection[str], logins: Collection[str] = ()
) -> MessageStory | None:
    """The part of a story for who has these addresses, in lower case; None if it is not theirs."""
    own = frozenset(addresses)
    as_sender = is_sender(story, own, logins)
    ends = _as_sender(story, own) if as_sender else dict(_own_ends(story, own))
    asked = tuple(each for each in story.asked if as_sender or each.lower() in own)
    if not (as_sender or ends or asked):
        return None
    mine = {key for key, _end in _own_ends(story, own)}
    return replace(
        story, ends=ends, asked=asked, steps=_steps(story, ends.keys(), own | mine),
        login=story.login if as_sender else '', rewritten='', left_out=0,
    )  # fmt: skip
