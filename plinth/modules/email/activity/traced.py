# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories of messages as pages and the command get them from root.

`TraceQuestion` is a search, `TracedPage` the stories found, newest first, in short; `TracedMessage`
is one story with all its steps. The words in them (replies, folders, hosts, addresses) were written
by other people, and are of bounded length and printable.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from ..directory.address import parse, parse_domain
from ..errors import MailError
from ..system.json_value import JsonValue
from .log_events import LONGEST_ID
from .story import RESULTS, MessageStory, Result, StepKind
from .story_store import StorySearch

MOST_ROWS = 200
MOST_SHOWN = 3
"""Recipients of a message that a row names."""
MOST_ENDS = 200
LONGEST_QUESTION = LONGEST_ID + 2
_LAST = 2**62
_QUEUE_ID = re.compile('[0-9A-Za-z]{6,20}')


def moment(at: float) -> datetime:
    """A time of the journal."""
    return datetime.fromtimestamp(at, UTC)


def _asked_address(text: str) -> str:
    """The address, or the domain after an @, that a search is about."""
    if text.startswith('@'):
        return f'@{parse_domain(text[1:])}'
    return str(parse(text)).lower()


@dataclass(frozen=True)
class TraceQuestion(JsonValue):
    """A search for messages; what is empty is not asked for.

    `address` is an address or `@domain`, of sender or recipient. `before` is the `next` of the
    page before.
    """

    address: str = ''
    message_id: str = ''
    result: Result | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0
    most: int = 25
    queue_id: str = ''
    """The number of a message in the queue."""

    def __post_init__(self) -> None:
        """Refuse what no message could have."""
        if self.address:
            object.__setattr__(self, 'address', _asked_address(self.address))
        if len(self.message_id) > LONGEST_QUESTION or not self.message_id.isprintable():
            raise MailError('message-id-invalid')
        name = self.message_id.strip().removeprefix('<').removesuffix('>')[:LONGEST_ID]
        object.__setattr__(self, 'message_id', name)
        if self.queue_id and not _QUEUE_ID.fullmatch(self.queue_id):
            raise MailError('message-id-invalid')
        if not 1 <= self.most <= MOST_ROWS or not 0 <= self.before <= _LAST:
            raise ValueError('a page has a place and a length')

    @classmethod
    def of_words(
        cls, address: str, message_id: str, result: str, days: tuple[str, str],
        before: int, most: int, queue_id: str = '',
    ) -> Self:  # fmt: skip
        """The question of plain values; `days` are moments in ISO 8601, '' for none."""
        since, until = (_moment(text) for text in days)
        return cls(address, message_id, _result(result), since, until, before, most, queue_id)

    @property
    def search(self) -> StorySearch:
        """The same for the file of stories."""
        return StorySearch(
            (self.address,) if self.address else (), self.result, self.message_id,
            self.since.timestamp() if self.since else None,
            self.until.timestamp() if self.until else None,
            self.before or None, self.most, queue_id=self.queue_id,
        )  # fmt: skip

    def of_owner(self, addresses: tuple[str, ...]) -> StorySearch:
        """The same among stories of some addresses, whatever came of other copies."""
        return replace(self.search, addresses=addresses, other=self.address, result=None)


def _result(text: str) -> Result | None:
    found = next((each for each in RESULTS if each == text), None)
    if text and found is None:
        raise MailError('result-invalid', text[:40])
    return found


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        found.timestamp()
    except (ValueError, OverflowError):
        raise MailError('time-invalid', text[:40]) from None
    return found if found.tzinfo else found.astimezone()


@dataclass(frozen=True)
class TracedStep(JsonValue):
    """One step: when, what, about which recipient ('' for all).

    `code` and `text` are words of a server or of the filter; `target` is a folder, an address, a
    host or a client. With `count` above 1 it happened again, the last time at `last`.
    """

    at: datetime
    kind: StepKind
    recipient: str
    code: str
    text: str
    target: str
    count: int
    last: datetime


@dataclass(frozen=True)
class TracedEnd(JsonValue):
    """The end of the copy for one recipient; `asked_for` is the address the sender wrote to."""

    address: str
    result: Result
    at: datetime
    asked_for: str
    target: str
    code: str
    text: str


@dataclass(frozen=True)
class TracedReason(JsonValue):
    """A rule of the spam filter, and its points."""

    rule: str
    points: float


@dataclass(frozen=True)
class TracedRow(JsonValue):
    """A message in a list: its first `recipients`, of `all_recipients`."""

    id: int
    first: datetime
    last: datetime
    result: Result
    way: str
    sender: str
    recipients: tuple[str, ...]
    all_recipients: int
    message_id: str
    subject: str
    size: int
    score: float


@dataclass(frozen=True)
class TracedPage(JsonValue):
    """Messages found, the newest first; `next` is the `before` of the next page, 0 at the end.

    The log is followed up to `followed`, and stories go back to `kept_since`.
    """

    rows: tuple[TracedRow, ...]
    next: int
    followed: datetime | None
    kept_since: datetime | None


@dataclass(frozen=True)
class TracedMessage(JsonValue):
    """The story of a message, or the part of it that a person may see.

    `way` is how it came in: server, login, rule, program, notice, '' if that was not seen. With
    `required` 0 the spam filter did not check it. `ends_left_out` and `steps_left_out` are
    those that were too many to be told.
    """

    id: int
    first: datetime
    last: datetime
    result: Result
    way: str
    client: str
    login: str
    sender: str
    rewritten: str
    message_id: str
    subject: str
    size: int
    action: str
    score: float
    required: float
    reasons: tuple[TracedReason, ...]
    queue_ids: tuple[str, ...]
    steps: tuple[TracedStep, ...]
    steps_left_out: int
    ends: tuple[TracedEnd, ...]
    ends_left_out: int


@dataclass(frozen=True)
class TracedLine(JsonValue):
    """A line of the log."""

    at: datetime
    source: str
    text: str


@dataclass(frozen=True)
class TracedLines(JsonValue):
    """Lines of the log about a message; with `is_cut` there are more than those."""

    lines: tuple[TracedLine, ...]
    is_cut: bool = False


def row(story: MessageStory) -> TracedRow:
    """A story in short."""
    recipients = tuple(end.asked_for or end.address for end in story.ends.values()) or story.asked
    recipients = tuple(dict.fromkeys(recipients))
    return TracedRow(
        story.id, moment(story.first), moment(story.last), story.result, story.way, story.sender,
        recipients[:MOST_SHOWN], len(recipients), story.message_id, story.subject, story.size,
        story.score,
    )  # fmt: skip


def message(story: MessageStory) -> TracedMessage:
    """A story in full."""
    ends, steps = list(story.ends.values()), story.steps
    return TracedMessage(
        story.id, moment(story.first), moment(story.last), story.result, story.way, story.client,
        story.login, story.sender, story.rewritten, story.message_id, story.subject, story.size,
        story.action, story.score, story.required,
        tuple(TracedReason(name, points) for name, points in story.reasons),
        tuple(story.queue_ids),
        tuple(
            TracedStep(
                moment(step.at), step.kind, step.recipient, step.code, step.text, step.target,
                step.count, moment(step.last or step.at),
            )
            for step in steps
        ),
        story.left_out,
        tuple(
            TracedEnd(
                end.address, end.result, moment(end.at), end.asked_for, end.target, end.code,
                end.text,
            )
            for end in ends[:MOST_ENDS]
        ),
        max(0, len(ends) - MOST_ENDS),
    )  # fmt: skip
