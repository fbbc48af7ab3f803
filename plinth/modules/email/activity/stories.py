# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events joined to stories, one for each message.

NAME
    stories - which event belongs to which message

DESCRIPTION
    Postfix's number of a message in its queue joins most events. A message that gets another one
    stays the same when Postfix says so (requeued, passed on by a local alias), when a Sieve script
    handed it in again under its Message-ID while it was being delivered, and when it comes again
    from the same sender after it was put off. Dovecot's lines are joined by the session that is in
    its answer to Postfix; they may come before that answer or after it.

    A Message-ID is a stranger's word, so it joins nothing by itself.

    Stories that are not needed are left to the shelf and found there again. What is open between
    two events and in no story (`pending`) has to be kept together with the stories and with the
    place in the journal: a restart then makes no gap and counts nothing twice.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, Protocol

from .log_events import (
    Arrived,
    Canceled,
    Checked,
    Decided,
    Event,
    Expired,
    Named,
    Noticed,
    Queued,
    Removed,
    RuleActed,
    Switched,
    Titled,
    Tried,
)
from .rule_steps import apply_rules, passed_on_by
from .story import (
    MessageStory,
    Result,
    Step,
    is_sent_copy,
    mailbox_meant,
    original_sender,
)

MOST_CACHED = 300
MOST_PENDING = 500
MOST_OF_ONE_NAME = 9
"""Messages with the same Message-ID that are looked at."""
PENDING_SECONDS = 900
RETRY_SECONDS = 5 * 86_400
"""How long a server may take to come again after it was put off."""
SAME_SECONDS = 3600
"""Refusals of the same recipient to the same client within this time are one story."""


class Shelf(Protocol):
    """Where finished and waiting stories are kept."""

    def next_id(self) -> int:
        """The number of the next story."""

    def id_by_queue_id(self, queue_id: str) -> int | None:
        """The story of a number in the queue."""

    def ids_by_message_id(self, message_id: str) -> Iterable[int]:
        """Stories with a Message-ID, the newest first."""

    def load(self, number: int) -> MessageStory | None:
        """A story."""


class Stories:
    """Stories as they grow; `changed` and `gone` are what the shelf does not know yet."""

    def __init__(self, shelf: Shelf, pending: Mapping[str, Any] | None = None) -> None:
        self._shelf = shelf
        self._next_id = shelf.next_id()
        self._cache: OrderedDict[int, MessageStory] = OrderedDict()
        self._by_queue_id: dict[str, int] = {}
        self._by_name: dict[str, list[int]] = {}
        self._refused: OrderedDict[tuple[str, ...], tuple[int, float]] = OrderedDict()
        self._acts: OrderedDict[str, list[tuple[float, RuleActed]]] = OrderedDict()
        self._sessions: OrderedDict[str, tuple[str, str, float]] = OrderedDict()
        self.changed: dict[int, MessageStory] = {}
        self.gone: set[int] = set()
        self._restore(pending or {})
        self._handlers: Mapping[type, Callable[[Any, float], None]] = {
            Arrived: self._arrived, Named: self._named, Checked: self._checked,
            Decided: self._decided, Queued: self._queued, Tried: self._tried,
            Expired: self._expired, Removed: self._removed, Canceled: self._canceled,
            Switched: self._switched, Noticed: self._noticed, RuleActed: self._acted,
            Titled: self._titled,
        }  # fmt: skip

    def see(self, event: Event, at: float) -> None:
        """Take one event of a moment."""
        self._handlers[type(event)](event, at)

    def pending(self) -> dict[str, Any]:
        """Values that are open and in no story, as plain ones."""
        return {
            'acts': [
                [session, at, asdict(act)]
                for session, acts in self._acts.items()
                for at, act in acts
            ],
            'sessions': [[session, *value] for session, value in self._sessions.items()],
        }

    def _restore(self, pending: Mapping[str, Any]) -> None:
        """Go on with what was open; plain values of an earlier version count as nothing."""
        try:
            for session, at, act in pending.get('acts', ()):
                self._acts.setdefault(session, []).append((float(at), RuleActed(**act)))
            for session, queue_id, recipient, at in pending.get('sessions', ()):
                self._sessions[session] = (queue_id, recipient, float(at))
        except (TypeError, ValueError):
            self._acts.clear()
            self._sessions.clear()

    def kept(self) -> None:
        """Know that the shelf has all changes, and leave the stories to it that are too many."""
        self.changed.clear()
        self.gone.clear()
        while len(self._cache) > MOST_CACHED:
            _number, story = self._cache.popitem(last=False)
            for queue_id in story.queue_ids:
                self._by_queue_id.pop(queue_id, None)
            names = self._by_name.pop(story.message_id, ())
            same = [each for each in names if each in self._cache]
            if same:
                self._by_name[story.message_id] = same

    def _new(self, at: float, way: str = '') -> MessageStory:
        story = MessageStory(self._next_id, at, at, way)
        self._next_id += 1
        self._cache[story.id] = story
        return story

    def _touch(self, story: MessageStory) -> None:
        self.changed[story.id] = story
        self._cache.move_to_end(story.id)
        for queue_id in story.queue_ids:
            self._by_queue_id[queue_id] = story.id

    def _get(self, number: int | None) -> MessageStory | None:
        if number is None or number in self.gone:
            return None
        story = self._cache.get(number) or self._shelf.load(number)
        if story:
            self._cache[number] = story
        return story

    def _find(self, queue_id: str) -> MessageStory | None:
        number = self._by_queue_id.get(queue_id)
        return self._get(self._shelf.id_by_queue_id(queue_id) if number is None else number)

    def _of(self, queue_id: str, at: float) -> MessageStory:
        """The story of a number; a new one if its beginning was not seen."""
        story = self._find(queue_id)
        if story is None:
            story = self._new(at)
            story.open(queue_id)
        self._touch(story)
        return story

    def _merge(self, into: MessageStory, other: MessageStory) -> None:
        """Know that two stories are one."""
        into.absorb(other)
        self._cache.pop(other.id, None)
        self.changed.pop(other.id, None)
        self.gone.add(other.id)
        self._touch(into)

    def _named_so(self, message_id: str) -> list[MessageStory]:
        """Stories with a Message-ID, the newest first."""
        numbers = {*self._by_name.get(message_id, ()), *self._shelf.ids_by_message_id(message_id)}
        found = (self._get(number) for number in sorted(numbers, reverse=True))
        return [story for story in found if story]

    def _name(self, story: MessageStory, message_id: str) -> None:
        story.message_id = message_id
        same = self._by_name.get(message_id, [])
        self._by_name[message_id] = [*same[-MOST_OF_ONE_NAME:], story.id]

    def _arrived(self, event: Arrived, at: float) -> None:
        story = self._find(event.earlier_id) if event.earlier_id else None
        if story is None:
            before = self._get(self._by_queue_id.get(event.queue_id))
            if before and event.queue_id in before.open_ids:
                return
            story = self._new(at, event.way)
            story.client, story.login = event.client, event.login.lower()
            story.add(Step(at, 'arrived', text=event.host, target=event.client))
        else:
            story.add(Step(at, 'requeued'))
            story.close(event.earlier_id)
        story.open(event.queue_id)
        self._touch(story)

    def _named(self, event: Named, at: float) -> None:
        story = self._of(event.queue_id, at)
        if not event.message_id or story.message_id:
            return
        if story.way == 'rule' and not story.login and self._joined_delivery(story, event):
            return
        self._name(story, event.message_id)

    def _titled(self, event: Titled, at: float) -> None:
        story = self._of(event.queue_id, at)
        if event.queue_id not in story.copy_ids:
            story.subject = story.subject or event.subject

    def _joined_delivery(self, story: MessageStory, event: Named) -> bool:
        """Whether a script's forward was joined to the message that is just being delivered."""
        for other in self._named_so(event.message_id):
            if other is not story and other.open_ids:
                story.steps.clear()
                other.copy_ids += story.queue_ids
                self._merge(other, story)
                return True
        return False

    def _checked(self, event: Checked, at: float) -> None:
        story = self._of(event.queue_id, at)
        if event.queue_id in story.copy_ids:
            return
        story.action, story.score, story.required = event.action, event.score, event.required
        story.reasons = event.reasons
        story.asked = tuple(dict.fromkeys((*story.asked, *map(mailbox_meant, event.recipients))))
        story.add(Step(at, 'checked', text=event.action))
        if not story.size and not story.open_ids:
            _refuse_others(story)

    def _decided(self, event: Decided, at: float) -> None:
        if not event.queue_id:
            self._refused_early(event, at)
            return
        story = self._of(event.queue_id, at)
        self._know_sender(story, event.sender)
        if event.decision == 'hold':
            story.is_held = True
            story.add(Step(at, 'held', text=event.text))
        elif event.decision == 'reject' and event.stage == 'RCPT':
            self._refuse(story, event, at, (event.recipient,))
        else:
            self._dropped(story, event, at)

    def _dropped(self, story: MessageStory, event: Decided, at: float) -> None:
        """A whole message was refused or discarded: it never gets into the queue."""
        known = [*story.asked, *(end.address for end in story.ends.values())]
        is_copy = event.queue_id in story.copy_ids
        recipients = tuple(dict.fromkeys((event.recipient, *(() if is_copy else known))))
        if event.decision == 'discard':
            story.add(Step(at, 'discarded', text=event.text))
            for recipient in filter(None, recipients):
                story.end(recipient, 'discarded', at)
        else:
            self._refuse(story, event, at, recipients)
        story.close(event.queue_id)
        self._join_retry(story)

    def _refuse(self, story: MessageStory, event: Decided, at: float, to: tuple[str, ...]) -> None:
        about = event.recipient if event.stage == 'RCPT' else ''
        story.add(Step(at, 'refused', about, event.code, event.text, event.stage))
        result: Result = 'put-off' if event.is_temporary else 'refused'
        for recipient in filter(None, to):
            story.end(recipient, result, at, code=event.code, text=event.text)

    def _refused_early(self, event: Decided, at: float) -> None:
        """A refusal before there was a message; the same one again is no other story."""
        if event.decision != 'reject' or not (event.recipient or event.sender):
            return
        key = (event.client, event.sender, event.recipient, event.code, event.text)
        number, since = self._refused.get(key, (None, 0.0))
        story = self._get(number) if at - since < SAME_SECONDS else None
        if story is None:
            story = self._new(at, 'login' if event.login else 'server')
            story.client, story.login = event.client, event.login.lower()
            self._refused[key] = (story.id, at)
            if len(self._refused) > MOST_PENDING:
                self._refused.popitem(last=False)
        self._know_sender(story, event.sender)
        self._refuse(story, event, at, (event.recipient,))
        self._touch(story)

    def _know_sender(self, story: MessageStory, sender: str) -> None:
        original = original_sender(sender)
        if original != sender:
            story.rewritten = sender
        story.sender = story.sender or original

    def _queued(self, event: Queued, at: float) -> None:
        story = self._of(event.queue_id, at)
        self._know_sender(story, event.sender)
        if story.is_held:  # who released it is in a line of postsuper, which comes before
            story.is_held = False
            story.add(Step(at, 'released'))
        if not story.size:
            story.size = event.size
            story.add(Step(at, 'accepted', text=str(event.recipients)))
            self._join_retry(story)

    def _join_retry(self, story: MessageStory) -> None:
        """Join a message to the one that its sender was told to bring again."""
        if not story.message_id or not story.sender:
            return
        for other in self._named_so(story.message_id):
            if other is story or not other.is_put_off:
                continue
            if other.sender.lower() == story.sender.lower() and (
                0 <= story.first - other.last < RETRY_SECONDS
            ):
                self._continue(other, story)
                return

    def _continue(self, earlier: MessageStory, later: MessageStory) -> None:
        for name in ('size', 'client', 'login', 'action', 'score', 'required', 'reasons', 'way'):
            setattr(earlier, name, getattr(later, name))
        if later.open_ids:  # ends of the first try are none any more
            earlier.ends.clear()
        self._merge(earlier, later)

    def _tried(self, event: Tried, at: float) -> None:
        story = self._of(event.queue_id, at)
        recipient = mailbox_meant(event.recipient)
        if event.result == 'sent':
            self._delivered(story, event, recipient, at)
        else:
            self._failed(story, event, recipient, at)
        key = recipient.lower()
        asked_for = mailbox_meant(event.asked_for) or passed_on_by(story, recipient)
        if asked_for and key in story.ends:
            end = story.ends[key]
            story.end(end.address, end.result, at, asked_for=asked_for)
        if event.next_id:
            self._join_next(story, event.next_id)

    def _join_next(self, story: MessageStory, queue_id: str) -> None:
        """Join the message that a delivery made here."""
        other = self._find(queue_id)
        if other and other is not story:
            self._merge(story, other)
        elif other is None:
            story.open(queue_id)
            self._touch(story)

    def _delivered(self, story: MessageStory, event: Tried, recipient: str, at: float) -> None:
        if is_sent_copy(event.recipient):
            story.end(recipient, 'copied', at)
            story.add(Step(at, 'copied', recipient))
        elif event.agent == 'smtp':
            _answered(story, event, Step(at, 'sent', recipient), 'sent')
        elif event.agent == 'discard':
            story.end(recipient, 'discarded', at)
            story.add(Step(at, 'discarded', recipient))
        else:
            self._to_mailbox(story, event, recipient, at)

    def _to_mailbox(self, story: MessageStory, event: Tried, recipient: str, at: float) -> None:
        story.end(recipient, 'delivered', at)
        if not event.session:
            story.add(Step(at, 'delivered', recipient))
            return
        acts = self._acts.pop(event.session, [])
        apply_rules(story, recipient, acts or [(at, None)])
        _remember(self._sessions, event.session, (event.queue_id, recipient, at))
        self._forget_old(at)

    def _acted(self, event: RuleActed, at: float) -> None:
        known = self._sessions.get(event.session)
        if known is None:
            acts = self._acts.get(event.session, [])
            _remember(self._acts, event.session, [*acts[-20:], (at, event)])
            return
        story = self._find(known[0])
        if story:
            apply_rules(story, known[1], [(at, event)])
            self._touch(story)

    def _forget_old(self, now: float) -> None:
        """Forget sessions whose other half never came."""
        for session, value in list(self._sessions.items())[:5]:
            if now - value[2] > PENDING_SECONDS:
                del self._sessions[session]
        for session, acts in list(self._acts.items())[:5]:
            if now - acts[-1][0] > PENDING_SECONDS:
                del self._acts[session]

    def _failed(self, story: MessageStory, event: Tried, recipient: str, at: float) -> None:
        if event.result == 'deferred':
            _answered(story, event, Step(at, 'delayed', recipient), 'waiting')
        else:
            _answered(story, event, Step(at, 'returned', recipient), 'returned')

    def _expired(self, event: Expired, at: float) -> None:
        story = self._of(event.queue_id, at)
        story.add(Step(at, 'expired'))
        story.finish('returned', at)

    def _removed(self, event: Removed, at: float) -> None:
        story = self._find(event.queue_id)
        if story is None:
            return
        story.close(event.queue_id)
        if event.is_by_hand:
            story.is_held = False
            story.add(Step(at, 'removed'))
            for recipient in () if story.ends else story.asked:
                story.end(recipient, 'removed', at)
            story.finish('removed', at)
        self._touch(story)

    def _canceled(self, event: Canceled, at: float) -> None:
        story = self._of(event.queue_id, at)
        if not any(step.kind in ('refused', 'discarded') for step in story.steps[-1:]):
            story.add(Step(at, 'canceled'))
        story.close(event.queue_id)

    def _switched(self, event: Switched, at: float) -> None:
        story = self._of(event.queue_id, at)
        story.is_held = event.is_held
        story.add(Step(at, 'held' if event.is_held else 'released'))

    def _noticed(self, event: Noticed, at: float) -> None:
        story = self._of(event.queue_id, at)
        story.add(Step(at, 'notice', text=event.kind, target=event.notice_id))
        notice = self._of(event.notice_id, at)
        if not notice.way:
            notice.way = 'notice'
            notice.add(Step(at, 'arrived', text=event.kind, target=event.queue_id))


def _refuse_others(story: MessageStory) -> None:
    """Give recipients that only the filter names the end of the one Postfix named before."""
    found = (end for end in story.ends.values() if end.result in ('refused', 'put-off'))
    known = next(found, None)
    for address in story.asked if known else ():
        if known and address.lower() not in story.ends:
            story.end(address, known.result, known.at, code=known.code, text=known.text)


def _answered(story: MessageStory, event: Tried, step: Step, result: Result) -> None:
    """Put a step with the answer of another server into a story."""
    code, text, target = event.code, event.reply, event.relay
    story.end(step.recipient, result, step.at, code=code, text=text, target=target)
    story.add(replace(step, code=code, text=text, target=target))


def _remember(table: OrderedDict[str, Any], key: str, value: Any) -> None:
    """Keep a value, and no more than so many."""
    table[key] = value
    table.move_to_end(key)
    if len(table) > MOST_PENDING:
        table.popitem(last=False)
