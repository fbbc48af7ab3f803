# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories of messages in words: the answer, what happened, and what refusals mean.

Replies of servers, folders and addresses in it are words of other people; templates escape them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from ..activity import told
from ..activity.refusals import own_refusal
from ..activity.story import Result
from ..activity.traced import TracedEnd, TracedMessage, TracedRow
from ..status import State
from ..words import status_codes as answers
from ..words import told_messages as words
from ..words import trace
from ..words.text import Text, say
from .shown import ShownState

MOST_REASONS = 3
LEAST_POINTS = 0.5
"""Rules of the spam filter that weigh less explain nothing."""
_STATES: dict[Result, State] = {
    'delivered': State.WORKS, 'sent': State.WORKS, 'forwarded': State.WORKS,
    'copied': State.WORKS, 'returned': State.BROKEN, 'waiting': State.LOOK, 'held': State.LOOK,
    'put-off': State.LOOK, 'moving': State.LOOK,
}  # fmt: skip
"""The others are decisions of a rule or a person, which is no fault: they are grey."""


def shown_result(result: Result, word: str = '') -> ShownState:
    """A result as a state."""
    state = _STATES.get(result, State.UNKNOWN)
    return ShownState(state, word or _(trace.RESULTS[result]), '', is_off=result not in _STATES)


@dataclass(frozen=True)
class PageLink:
    """A link to the page that mends something, by the page's name."""

    page: str
    text: str
    query: str = ''
    about: str = ''
    """The domain in the page's address, one of this box."""


@dataclass(frozen=True)
class Meaning:
    """The meaning of an answer: what it says, where the cause is, and what to do."""

    title: str
    fault: str
    advice: str
    answer: str
    link: PageLink | None = None
    source: str = ''
    about: str = ''
    """The recipient, where there are several."""


@dataclass(frozen=True)
class ToldEnd:
    """A recipient, and what became of the copy for them."""

    address: str
    asked_for: str
    shown: ShownState
    at: datetime


@dataclass(frozen=True)
class ToldMessage:
    """A message in words."""

    message: TracedMessage
    shown: ShownState
    ends: tuple[ToldEnd, ...]
    meanings: tuple[Meaning, ...]
    days: tuple[tuple[date, tuple[told.ToldStep, ...]], ...]
    """Steps by the day."""
    reasons: tuple[str, ...]
    """The rules of the spam filter that weighed most."""

    @property
    def is_queued(self) -> bool:
        """Whether it is in the queue."""
        found = {'waiting', 'held'} & {self.message.result, *(x.result for x in self.message.ends)}
        return bool(found and self.message.queue_ids)

    @property
    def has_many(self) -> bool:
        """Whether there is more about recipients than the answer says."""
        return len(self.ends) > 1 or any(end.asked_for for end in self.ends)


def answer_of(code: str, text: str) -> str:
    """The words of a server, with its code where that is not in them."""
    return text if not code or code in text else f'{code} {text}'.strip()


class Telling:
    """Puts a story into words, for an administrator or for a person about their own mail."""

    def __init__(self, message: TracedMessage, domains: Collection[str] = (),
                 is_admin: bool = False) -> None:  # fmt: skip
        self._message = message
        self._domains = frozenset(domains)
        self._is_admin = is_admin

    def tell(self) -> ToldMessage:
        """The message in words."""
        meanings = tuple(self._meanings())
        steps = told.steps(self._message)
        days = groupby(steps, key=lambda step: timezone.localtime(step.at).date())
        return ToldMessage(
            self._message, self._answer(), tuple(map(self._end, self._message.ends)),
            meanings, tuple((day, tuple(each)) for day, each in days),
            self._reasons(),
        )  # fmt: skip

    def _answer(self) -> ShownState:
        """The line at the top."""
        ends, result = self._message.ends, self._message.result
        count = len(ends) + self._message.ends_left_out
        same = sum(end.result == result for end in ends)
        if not same:
            return shown_result(result)
        if same < len(ends):
            name = _(trace.RESULTS[result])
            params = {'result': name, 'count': same, 'total': count}
            return shown_result(result, say(words.MIXED, params))
        if count > 1:
            return shown_result(result, say(words.MANY[result], {'count': count}))
        recipient = ends[0].asked_for or ends[0].address
        return shown_result(result, say(words.ANSWERS[result], {'recipient': recipient}))

    def _reasons(self) -> tuple[str, ...]:
        """The rules of the spam filter that weighed, the heaviest first."""
        heavy = [each for each in self._message.reasons if abs(each.points) >= LEAST_POINTS]
        heavy.sort(key=lambda each: -abs(each.points))
        return told.reasons(replace(self._message, reasons=tuple(heavy[:MOST_REASONS])))

    @staticmethod
    def _end(end: TracedEnd) -> ToldEnd:
        asked = end.asked_for if end.asked_for.lower() != end.address.lower() else ''
        return ToldEnd(end.address, asked, shown_result(end.result), end.at)

    def _meanings(self) -> Iterator[Meaning]:
        """The meaning of each answer that kept a copy from its recipient, once."""
        seen = set()
        has_many = len(self._message.ends) > 1
        for end in self._message.ends:
            meaning = self._meaning(end)
            if meaning and (meaning.title, meaning.answer) not in seen:
                seen.add((meaning.title, meaning.answer))
                yield replace(meaning, about=end.asked_for or end.address) if has_many else meaning

    def _meaning(self, end: TracedEnd) -> Meaning | None:
        if end.result in ('refused', 'put-off'):
            return self._of_refusal(end)
        if end.result in ('returned', 'waiting') and (end.code or end.text):
            return self._of_answer(end)
        return None

    def _of_refusal(self, end: TracedEnd) -> Meaning | None:
        found = own_refusal(end.text)
        if found is None:
            return _unknown(end)
        title, advice = words.REFUSALS[found.meaning]
        about = end.asked_for or end.address
        if found.meaning in ('not-logged-in', 'not-allowed-sender'):
            about = self._message.sender
        fault = _(answers.FAULTS[found.fault])
        return Meaning(
            _(title), fault, self._advice(advice, found.page), answer_of(end.code, end.text),
            self._link(found.page, about),
        )  # fmt: skip

    def _of_answer(self, end: TracedEnd) -> Meaning | None:
        found = told.explain(end.code, end.text, end.target)
        if found is None:
            return _unknown(end)
        title, advice = answers.MEANINGS[found.meaning]
        about = self._message.sender.rpartition('@')[2]
        page = found.page
        if page == 'dns' and about not in self._domains:
            page = 'domains'
        return Meaning(
            _(title), _(answers.FAULTS[found.fault]), self._advice(advice, page),
            answer_of(end.code, end.text), self._link(page, about), found.source,
        )  # fmt: skip

    def _advice(self, advice: str, page: str) -> str:
        """Advice; what only an administrator can do is not for others to try."""
        return str(_(words.ASK_ADMINISTRATOR if page and not self._is_admin else advice))

    def _link(self, page: str, about: str) -> PageLink | None:
        if not page or not self._is_admin:
            return None
        text = _(words.LABELS[page]).format(about=about)
        queries = {'resolve': {'address': about}, 'addresses': {'q': about}}
        return PageLink(
            page, text, urlencode(queries.get(page, {})), about if page == 'dns' else ''
        )


def _unknown(end: TracedEnd) -> Meaning:
    """An answer that is not explained, as it is."""
    return Meaning(_(words.UNKNOWN_ANSWER), '', '', answer_of(end.code, end.text))


@dataclass(frozen=True)
class ToldRow:
    """A message in a list."""

    row: TracedRow
    shown: ShownState
    more: int
    """Recipients that are not named."""


def told_row(row: TracedRow) -> ToldRow:
    """A row of a list in words."""
    return ToldRow(row, shown_result(row.result), row.all_recipients - len(row.recipients))


def title_of(message: TracedMessage) -> Text:
    """The title of a message's page."""
    if message.subject:
        return message.subject
    if message.sender:
        return _('Message from {sender}').format(sender=message.sender)
    return _('Notice of a mail server')
