# SPDX-License-Identifier: AGPL-3.0-or-later
"""The part of a story that a person may see: about their own mail, and nothing of others.

Who sent a message after a login sees what became of it for each address they wrote to: not who is
behind an alias, where others forward their mail, or what rules make of it in a mailbox. Who got a
copy sees the message and this copy; whom else it was for, also in Bcc, is not theirs to know. Of
mail that was sent here they see no more than mail has in it: not from where it was sent, nor that
it was held or refused before. A sender address is no proof: from outside anyone may use it.

A guarded mailbox shows what came in, and nothing of mail that waits for a guardian or was refused.
An address counts from the moment it became theirs. What happened to it before was mail of
another person.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..config.guarded import NAMESPACE
from .story import End, MessageStory, Result, Step, StepKind, unlabeled, worst

_INSIDE: frozenset[StepKind] = frozenset({
    'stored', 'forwarded', 'discarded', 'rejected', 'replied', 'looped', 'failed', 'ruled',
})  # fmt: skip
"""Steps inside a mailbox, which are its owner's alone."""
_TAKEN: frozenset[StepKind] = frozenset({'stored', 'forwarded', 'discarded', 'replied'})
"""Those after which it counts as delivered, as far as others need to know."""
_NOT_SHOWN: frozenset[StepKind] = frozenset({'requeued'})
_OF_SENDER: frozenset[StepKind] = frozenset({
    'requeued', 'held', 'released', 'refused', 'canceled', 'removed', 'expired', 'notice',
})  # fmt: skip
"""Steps of mail that was sent here, which are its sender's."""
_NOT_YET: frozenset[Result] = frozenset({
    'moving', 'held', 'put-off', 'refused', 'removed', 'canceled',
})  # fmt: skip
"""Ends of mail that was sent here and never came."""


@dataclass(frozen=True)
class OwnMail:
    """Addresses of a person in lower case, each with the moment it became theirs.

    All mail to `aliases` is theirs, wherever it goes. `shared` lead to others too: of these only
    mail that was refused is theirs, and what came into a mailbox of theirs.
    """

    mailboxes: Mapping[str, float] = field(default_factory=dict)
    aliases: Mapping[str, float] = field(default_factory=dict)
    shared: Mapping[str, float] = field(default_factory=dict)
    is_guarded: bool = False
    """Whether only mail of known correspondents comes in: of any other they are told nothing."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses, to search by."""
        return tuple({**self.shared, **self.aliases, **self.mailboxes})

    def at(self, moment: float) -> 'OwnMail':
        """Those that were theirs at a moment."""

        def then(found: Mapping[str, float]) -> dict[str, float]:
            return {name: since for name, since in found.items() if since <= moment}

        own = then(self.mailboxes), then(self.aliases), then(self.shared)
        return OwnMail(*own, self.is_guarded)

    def has_mailbox(self, address: str) -> bool:
        """Whether an address is one of their mailboxes, perhaps with a label."""
        return unlabeled(address.lower()) in self.mailboxes

    def has(self, address: str) -> bool:
        """Whether mail to an address is theirs, at least that which was refused."""
        key = unlabeled(address.lower())
        return key in self.mailboxes or key in self.aliases or key in self.shared

    def gets(self, end: End) -> bool:
        """Whether the copy of an end is theirs."""
        asked = unlabeled(end.asked_for.lower())
        return self.has(end.address) or asked in self.mailboxes or asked in self.aliases


def _outside(end: End) -> End:
    """An end as others may know it: a delivery, and not what rules made of it."""
    if end.result in ('delivered', 'forwarded', 'discarded'):
        return End(end.address, 'delivered', end.at, end.asked_for)
    return end


def _asked_for(asked: str, ends: list[End]) -> End:
    """The end of mail to an alias of others: not who is behind it, nor what they answered."""
    result = worst({_plain(end.result) for end in ends})
    return End(asked, result, max(end.at for end in ends))


def _plain(result: Result) -> Result:
    return 'delivered' if result in ('sent', 'forwarded', 'discarded') else result


def _came_in(end: End) -> bool:
    """Whether a copy for a guarded mailbox is in it, and does not wait for a guardian."""
    return end.result in ('delivered', 'forwarded') and not end.target.startswith(NAMESPACE)


def _as_recipient(story: MessageStory, own: OwnMail) -> Iterator[tuple[str, End]]:
    for key, end in story.ends.items():
        if own.gets(end) and (_came_in(end) or not own.is_guarded):
            yield key, end if own.has_mailbox(key) else _outside(end)


def _as_sender(story: MessageStory) -> dict[str, End]:
    """The ends by the addresses the sender wrote to."""
    behind: dict[str, list[End]] = {}
    found: dict[str, End] = {}
    for key, end in story.ends.items():
        asked = end.asked_for.lower()
        if asked and asked != key:
            behind.setdefault(asked, []).append(end)
        else:
            found[key] = _outside(end)
    for asked, ends in behind.items():
        found.setdefault(asked, _asked_for(ends[0].asked_for, ends))
    return found


def _own_step(step: Step) -> Step:
    """A step about their mail; a notice has the number of another message."""
    return replace(step, target='') if step.kind == 'notice' else step


def _others_step(step: Step) -> Step | None:
    """A step about a mailbox of another person as its sender may know it."""
    if step.kind not in _INSIDE:
        return step
    return Step(step.at, 'delivered', step.recipient) if step.kind in _TAKEN else None


def _steps(story: MessageStory, ends: Mapping[str, End], own: OwnMail) -> Iterator[Step]:
    """The steps about a message as a whole, and about these ends."""
    told: set[str] = set()
    for step in story.steps:
        key = step.recipient.lower()
        if step.kind in _NOT_SHOWN or (key and key not in ends):
            continue
        is_own = not key or own.has_mailbox(key)
        shown = _own_step(step) if is_own else _others_step(step)
        if shown is None or (not is_own and shown.kind == 'delivered' and key in told):
            continue
        if shown.kind == 'delivered':
            told.add(key)
        yield shown


def is_sender(story: MessageStory, own: OwnMail) -> bool:
    """Whether they sent a message, as proven by a login."""
    return story.way in ('login', 'rule') and story.login in own.mailboxes


def _without_sender(story: MessageStory) -> MessageStory:
    """A story for a recipient: of mail sent here without what only its sender knows."""
    if story.way == 'server':
        return replace(story, login='')
    steps = [
        replace(step, text='', target='') if step.kind == 'arrived' else step
        for step in story.steps if step.kind not in _OF_SENDER
    ]  # fmt: skip
    ends = {key: end for key, end in story.ends.items() if end.result not in _NOT_YET}
    return replace(
        story, client='', login='', steps=steps, ends=ends, asked=(), is_held=False,
    )  # fmt: skip


def own_story(whole: MessageStory, mail: OwnMail) -> MessageStory | None:
    """The part of a story that is theirs; None if nothing is."""
    own = mail.at(whole.first)
    as_sender = is_sender(whole, own)
    story = whole if as_sender else _without_sender(whole)
    mine = dict(_as_recipient(story, own))
    ends = {**(_as_sender(story) if as_sender else {}), **mine}
    is_open = not own.is_guarded
    asked = tuple(each for each in story.asked if as_sender or (is_open and own.has(each)))
    if not (as_sender or ends or asked):
        return None
    return replace(
        story, ends=ends, asked=asked, steps=list(_steps(story, ends, own)),
        rewritten='', left_out=0, queue_ids=[], open_ids=[], copy_ids=[],
    )  # fmt: skip
