# SPDX-License-Identifier: AGPL-3.0-or-later
"""Searches for messages, and their stories: all of them, or those of one owner.

An owner sees mail of their mailboxes, and of aliases, from the moment each was theirs: an address
that another person had before shows nothing of that time. What of a story they see is decided in
`own_story`.

DIAGNOSTICS
    message-missing   there is no such story, or it is of other people
    trace-down        the service that follows the mail log does not answer
"""

from collections.abc import Iterable
from dataclasses import replace

from ..directory.alias import Alias
from ..directory.entry import from_time_value
from ..directory.mailbox import Mailbox
from ..directory.person import Owner
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from . import trace_door, traced
from .own_story import OwnMail, own_story
from .story import MessageStory
from .traced import TracedLines, TracedMessage, TracedPage, TraceQuestion

_ROUNDS = 8
"""How often a page of an owner is filled up when stories found were not theirs."""
_AT_ONCE = 250
"""Stories that are looked at where few of them may be what the owner looks for."""
_PATTERN, _LAST = '*', 2**62


def _changed(alias: Alias) -> float:
    """The first whole second after an alias was changed for the last time."""
    return from_time_value(alias.stamp).timestamp() + 1


def own_mail(store: Store, owner: Owner) -> OwnMail:
    """The addresses of an owner: their mailboxes, and single aliases that are theirs or lead there.

    An alias may come to lead to another person, so it counts from its last change on.
    """
    own_mailboxes = own.mailboxes_of(store, owner)
    names = [each.address for each in own_mailboxes]
    mailboxes = {name: at.timestamp() for name, at in store.made(Mailbox, names).items()}
    found = {
        each.address: each
        for name in names
        for each in store.search(Alias, where={'destinations': name})
    }
    theirs = {each.address: each for each in own.aliases_of(store, owner)}
    theirs |= {key: each for key, each in found.items() if {*each.destinations} <= {*names}}

    def single(chosen: Iterable[Alias]) -> dict[str, float]:
        return {each.address: _changed(each) for each in chosen if not each.is_pattern}

    shared = (each for key, each in found.items() if key not in theirs)
    is_guarded = any(each.guard and each.guard.receives_known for each in own_mailboxes)
    return OwnMail(mailboxes, single(theirs.values()), single(shared), is_guarded)


def _page(
    stories: list[MessageStory], following: int, found: trace_door.FoundStories
) -> TracedPage:
    rows = tuple(traced.row(story) for story in stories)
    return TracedPage(rows, following, found.followed, found.kept_since)


def find(question: TraceQuestion) -> TracedPage:
    """A page of the messages found."""
    found = trace_door.find(question.search)
    is_full = len(found.stories) == question.most
    return _page(list(found.stories), found.stories[-1].id if is_full else 0, found)


def _fits(part: MessageStory, question: TraceQuestion) -> bool:
    """Whether an owner's part of a story is what they looked for: the whole might tell more."""
    if question.result and part.result != question.result:
        return False
    domains = {f'@{each.rpartition("@")[2]}' for each in part.addresses}
    return not question.address or question.address in part.addresses | domains


def own_find(store: Store, owner: Owner, question: TraceQuestion) -> TracedPage:
    """A page of the messages of an owner that are found."""
    return find_in(own_mail(store, owner), question)


def find_in(mail: OwnMail, question: TraceQuestion) -> TracedPage:
    """A page of the messages of these addresses that are found."""
    if not mail.addresses:  # a search without an address is one for all
        return TracedPage((), 0, None, None)
    search, parts = question.of_owner(mail.addresses), []
    if question.address or question.result:
        search = replace(search, most=_AT_ONCE)
    for _ in range(_ROUNDS):
        found = trace_door.find(search)
        for story in found.stories:
            part = own_story(story, mail)
            if part and _fits(part, question):
                parts.append(part)
            if len(parts) == question.most:
                return _page(parts, story.id, found)
        if len(found.stories) < search.most:
            return _page(parts, 0, found)
        search = search.after(found.stories[-1].id)
    return _page(parts, search.before or 0, found)


def _missing() -> MailError:
    return MailError('message-missing')


def _story(number: int) -> MessageStory:
    found = trace_door.story(number) if 0 < number < _LAST else None
    if found is None:
        raise _missing()
    return found


def story(number: int) -> TracedMessage:
    """A story."""
    return traced.message(_story(number))


def own_message(store: Store, owner: Owner, number: int) -> TracedMessage:
    """The part of a story that is an owner's."""
    mail = own_mail(store, owner)
    part = own_story(_story(number), mail)
    if part is None:
        raise _missing()
    return traced.message(part)


def lines(number: int) -> TracedLines:
    """The lines of the log about a message."""
    return trace_door.lines(_story(number).id)
