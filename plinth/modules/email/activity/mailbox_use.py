# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of one mailbox in numbers of each day, from the stories of its messages.

There is no content in them and no address of a correspondent: only what the person sees on their
own page too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Self

from ..directory.mailbox import Mailbox
from ..system.box_zone import box_zone
from ..system.json_value import JsonValue
from . import trace_door
from .story import MessageStory
from .story_store import StorySearch

MOST_DAYS = 31
_PAGE, _PAGES = 1000, 20
_MARKED = frozenset({'add header', 'rewrite subject'})


@dataclass(frozen=True)
class DayOfMail(JsonValue):
    """The mail of a day; `hours` are those in which messages were sent."""

    day: date
    received: int = 0
    sent: int = 0
    hours: tuple[int, ...] = ()


@dataclass(frozen=True)
class MailboxUse(JsonValue):
    """The mail of a mailbox in some days.

    `junk` was marked as such by the spam filter, `refused` was rejected as spam.
    """

    address: str
    days: tuple[DayOfMail, ...]
    junk: int = 0
    refused: int = 0

    @property
    def received(self) -> int:
        """All messages that were received."""
        return sum(day.received for day in self.days)

    @property
    def sent(self) -> int:
        """All messages that were sent."""
        return sum(day.sent for day in self.days)

    @classmethod
    def empty(cls, address: str, first: date, count: int) -> Self:
        """Days without mail."""
        return cls(address, tuple(DayOfMail(first + timedelta(days=each)) for each in range(count)))

    def with_message(self, story: MessageStory, mailbox: Mailbox, zone: tzinfo) -> Self:
        """The same with one more message."""
        moment = datetime.fromtimestamp(story.first, zone)
        place = moment.date().toordinal() - self.days[0].day.toordinal()
        if not 0 <= place < len(self.days):
            return self
        day = self.days[place]
        if _is_sent_by(story, mailbox):
            hours = tuple(sorted({*day.hours, moment.hour}))
            day = replace(day, sent=day.sent + 1, hours=hours)
        end = story.ends.get(mailbox.address)
        result = end.result if end else 'moving'
        is_marked = story.action in _MARKED
        if result == 'delivered':
            day = replace(day, received=day.received + 1)
        return replace(
            self,
            days=(*self.days[:place], day, *self.days[place + 1 :]),
            junk=self.junk + (result == 'delivered' and is_marked),
            refused=self.refused + (result == 'refused' and story.action == 'reject'),
        )


def _is_sent_by(story: MessageStory, mailbox: Mailbox) -> bool:
    """Whether a person sent a message after a login."""
    logins = {mailbox.address, mailbox.login, mailbox.owner} - {''}
    return story.way == 'login' and story.size > 0 and story.login in logins


def _stories(address: str, begin: datetime, end: datetime) -> Iterator[MessageStory]:
    """The stories of an address in a time, the newest first; no more than a report can count."""
    search = StorySearch((address,), since=begin.timestamp(), until=end.timestamp(), most=_PAGE)
    for _page in range(_PAGES):
        found = trace_door.find(search).stories
        yield from found
        if len(found) < _PAGE:
            return
        search = search.after(found[-1].id)


def use_of(
    stories: Iterable[MessageStory], mailbox: Mailbox, first: date, count: int, zone: tzinfo
) -> MailboxUse:
    """The mail of a mailbox in some days, from its stories."""
    found = MailboxUse.empty(mailbox.address, first, count)
    for story in stories:
        found = found.with_message(story, mailbox, zone)
    return found


def look(mailbox: Mailbox, first: date, count: int, zone: tzinfo) -> MailboxUse:
    """The mail of a mailbox in some days."""
    begin = datetime(first.year, first.month, first.day, tzinfo=zone)
    end = begin + timedelta(days=min(count, MOST_DAYS) + 1)
    return use_of(_stories(mailbox.address, begin, end), mailbox, first, count, zone)


def last_days(mailbox: Mailbox, count: int = 7) -> MailboxUse:
    """The mail of a mailbox in the last days, with today."""
    zone = box_zone()
    first = datetime.now(zone).date() - timedelta(days=count - 1)
    return look(mailbox, first, count, zone)
