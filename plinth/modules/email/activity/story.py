# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story of a message: where it came from, what was decided, and where each copy ended.

Steps are in the order of time. An attempt that fails like the one before is counted in the same
step, so a message that waits for days has a short story. What happened to a recipient last is their
end; the result of the message is the one of its ends that most needs to be known.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from ..config.forwarding import HERE
from ..config.sent import SENT

Result = Literal[
    'moving', 'delivered', 'sent', 'forwarded', 'copied', 'discarded', 'removed', 'held',
    'waiting', 'put-off', 'refused', 'rejected', 'returned', 'canceled',
]  # fmt: skip
"""How it ended: in a mailbox, at another server, passed on by a rule, filed as a copy of sent mail,
dropped by a rule, removed by hand; put off before it was taken, refused before, rejected by a rule
of its recipient, returned to its sender, given up by its sender before it was complete."""
RESULTS: tuple[Result, ...] = get_args(Result)
_WEIGHT: tuple[Result, ...] = (
    'returned', 'refused', 'held', 'waiting', 'put-off', 'removed', 'rejected', 'moving',
    'discarded', 'canceled', 'delivered', 'sent', 'forwarded', 'copied',
)  # fmt: skip
"""Results by how much they need to be known."""
UNFINISHED: frozenset[Result] = frozenset({'moving', 'held', 'waiting'})

StepKind = Literal[
    'arrived', 'checked', 'accepted', 'refused', 'held', 'released', 'delayed', 'sent',
    'delivered', 'copied', 'stored', 'forwarded', 'discarded', 'rejected', 'replied', 'looped',
    'failed', 'returned', 'expired', 'canceled', 'removed', 'requeued', 'notice', 'ruled',
]  # fmt: skip
STEP_KINDS: tuple[StepKind, ...] = get_args(StepKind)
MOST_STEPS = 300
_SRS0 = re.compile(r'srs0[-+=][^=@]+=[^=@]+=([^=@]+)=(.+)@[^@]+', re.IGNORECASE)
_SRS1 = re.compile(r'srs1[-+=][^=@]+=[^=@]+=[-+=][^=@]+=[^=@]+=([^=@]+)=(.+)@[^@]+', re.IGNORECASE)
_HERE = re.compile(rf'(.+)=([^=@]+)@{re.escape(HERE)}')
_SENT = re.compile(rf'(.+)=([^=@]+)@{re.escape(SENT)}')


def original_sender(address: str) -> str:
    """The sender before it was rewritten for a forward (SRS); the same for any other."""
    found = _SRS0.fullmatch(address) or _SRS1.fullmatch(address)
    return f'{found[2]}@{found[1]}' if found else address


def mailbox_meant(address: str) -> str:
    """The mailbox that one of our internal addresses stands for; the same for any other."""
    found = _HERE.fullmatch(address) or _SENT.fullmatch(address)
    return f'{found[1]}@{found[2]}' if found else address


def unlabeled(address: str) -> str:
    """An address without the label behind a plus sign."""
    local, at, domain = address.rpartition('@')
    return f'{local.partition("+")[0]}{at}{domain}'


def worst(results: Collection[Result]) -> Result:
    """The result of several that most needs to be known."""
    return next((each for each in _WEIGHT if each in results), 'moving')


def is_sent_copy(address: str) -> bool:
    """Whether a recipient stands for a folder of sent mail."""
    return address.endswith(f'@{SENT}')


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when, what, and about which recipient.

    `code` and `text` are words of a server or of the filter, `target` is a folder, an address, a
    host or a client. With `count` above 1 the same happened again, at `last` for the last time.
    """

    at: float
    kind: StepKind
    recipient: str = ''
    code: str = ''
    text: str = ''
    target: str = ''
    count: int = 1
    last: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in STEP_KINDS or self.count < 1:
            raise ValueError('no step')

    def is_again(self, other: 'Step') -> bool:
        """Whether another step tells the same at a later time."""
        same = ('kind', 'recipient', 'code', 'text', 'target')
        return all(getattr(self, name) == getattr(other, name) for name in same)

    def again(self, other: 'Step') -> 'Step':
        """The same, with another time it happened."""
        return replace(self, count=self.count + other.count, last=max(other.at, other.last))

    def to_list(self) -> list[Any]:
        """Plain values, without those at the end that are usual."""
        found = [
            round(self.at, 3), self.kind, self.recipient, self.code, self.text, self.target,
            self.count, round(self.last, 3),
        ]  # fmt: skip
        usual: list[Any] = [None, None, '', '', '', '', 1, 0.0]
        while found[-1] == usual[len(found) - 1]:
            found.pop()
        return found


@dataclass(frozen=True, slots=True)
class End:
    """The end of the copy for one recipient: the last thing that happened to it."""

    address: str
    result: Result = 'moving'
    at: float = 0.0
    asked_for: str = ''
    """The address the sender wrote to, where it is another one: an alias, a forward."""
    target: str = ''
    code: str = ''
    text: str = ''

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            raise ValueError('no result')

    def to_list(self) -> list[Any]:
        """Plain values."""
        return [
            self.address, self.result, round(self.at, 3), self.asked_for, self.target, self.code,
            self.text,
        ]  # fmt: skip


@dataclass(slots=True)
class MessageStory:
    """The story of one message. It grows while its message moves."""

    id: int
    first: float
    last: float = 0.0
    way: str = ''
    """How it came in, '' if its beginning was not seen; 'notice' for Postfix's own."""
    client: str = ''
    login: str = ''
    sender: str = ''
    rewritten: str = ''
    """The sender under which a forward left."""
    message_id: str = ''
    subject: str = ''
    size: int = 0
    action: str = ''
    """The spam filter's decision, in its own word."""
    score: float = 0.0
    required: float = 0.0
    reasons: tuple[tuple[str, float], ...] = ()
    asked: tuple[str, ...] = ()
    """Recipients by the filter, which are all that is known of mail that was refused."""
    queue_ids: list[str] = field(default_factory=list)
    open_ids: list[str] = field(default_factory=list)
    copy_ids: list[str] = field(default_factory=list)
    """Numbers in the queue, those of them still there, and those of copies a rule passed on."""
    steps: list[Step] = field(default_factory=list)
    ends: dict[str, End] = field(default_factory=dict)
    left_out: int = 0
    """Steps that were one too many."""
    is_held: bool = False

    @property
    def result(self) -> Result:
        """The end that most needs to be known."""
        found = {end.result for end in self.ends.values()}
        if self.is_held:
            found.add('held')
        if not found and not self.open_ids:
            found = set(self._results_without_recipients())
        return worst(found)

    def _results_without_recipients(self) -> Iterator[Result]:
        """The results that steps tell of, where no recipient became known."""
        for step in self.steps:
            if step.kind == 'refused':
                yield 'put-off' if step.code.startswith('4') else 'refused'
            elif step.kind == 'canceled':
                yield 'canceled'

    @property
    def is_put_off(self) -> bool:
        """Whether it was only told to come again, and is expected to."""
        return not self.open_ids and self.result == 'put-off'

    @property
    def addresses(self) -> set[str]:
        """All addresses it can be found by, in lower case."""
        found = {self.sender, self.rewritten, self.login, *self.asked}
        for end in self.ends.values():
            found |= {end.address, end.asked_for}
        found |= {unlabeled(address) for address in found}
        return {address.lower() for address in found if '@' in address}

    def add(self, step: Step) -> None:
        """Put a step behind the others, or count it in the last one about the same recipient."""
        self.last = max(self.last, step.at, step.last)
        for place in range(len(self.steps) - 1, max(len(self.steps) - 50, 0) - 1, -1):
            earlier = self.steps[place]
            if earlier.kind == step.kind and earlier.recipient == step.recipient:
                if earlier.is_again(step):
                    self.steps[place] = earlier.again(step)
                    return
                break
        if len(self.steps) < MOST_STEPS:
            self.steps.append(step)
        else:
            self.left_out += 1

    def end(self, address: str, result: Result, at: float, **values: str) -> None:
        """Say what happened last to a recipient."""
        key = address.lower()
        before = self.ends.get(key) or End(address)
        self.last = max(self.last, at)
        self.ends[key] = replace(before, result=result, at=at, **values)

    def finish(self, result: Result, at: float, code: str = '', text: str = '') -> None:
        """Give all recipients without an end the same one."""
        for end in list(self.ends.values()):
            if end.result in UNFINISHED:
                self.end(end.address, result, at, code=code or end.code, text=text or end.text)

    def open(self, queue_id: str) -> None:
        """Know a number of the message in the queue."""
        if queue_id not in self.queue_ids:
            self.queue_ids.append(queue_id)
            self.open_ids.append(queue_id)

    def close(self, queue_id: str) -> None:
        """Know that a number has left the queue."""
        if queue_id in self.open_ids:
            self.open_ids.remove(queue_id)

    def absorb(self, other: 'MessageStory') -> None:
        """Take over all of a story that turned out to be about the same message."""
        steps, self.steps = [*self.steps, *other.steps], []
        for step in sorted(steps, key=lambda step: step.at):
            self.add(step)
        self.left_out += other.left_out
        for key, end in other.ends.items():
            if key not in self.ends or self.ends[key].at <= end.at:
                self.ends[key] = end
        self.queue_ids += [each for each in other.queue_ids if each not in self.queue_ids]
        self.open_ids += [each for each in other.open_ids if each not in self.open_ids]
        self.copy_ids += [each for each in other.copy_ids if each not in self.copy_ids]
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.asked = tuple(dict.fromkeys((*self.asked, *other.asked)))
        self.is_held = self.is_held or other.is_held

    def to_text(self) -> str:
        """Values without a column of their own in the store, as text."""
        return json.dumps(
            [
                [step.to_list() for step in self.steps],
                [end.to_list() for end in self.ends.values()],
                self.reasons, self.asked, self.queue_ids, self.open_ids,
                self.copy_ids, self.rewritten, self.required, self.left_out, self.is_held,
                self.action, self.subject,
            ],
            ensure_ascii=False, separators=(',', ':'),
        )  # fmt: skip

    def read_text(self, text: str) -> None:
        """Take back what `to_text` wrote; ValueError for anything else."""
        try:
            steps, ends, reasons, asked, numbers, left, copies, *rest = json.loads(text)
            self.steps = [Step(*each) for each in steps]
            self.ends = {each[0].lower(): End(*each) for each in ends}
            self.reasons = tuple((str(name), float(points)) for name, points in reasons)
            self.asked, self.queue_ids, self.open_ids = tuple(asked), list(numbers), list(left)
            self.copy_ids = list(copies)
            (
                self.rewritten, self.required, self.left_out, self.is_held, self.action,
                self.subject,
            ) = rest  # fmt: skip
        except (TypeError, AttributeError, KeyError, IndexError) as error:
            raise ValueError('no story') from error
