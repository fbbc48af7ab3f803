# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages that were put off for suspicion, and no others, are held off."""

import time

import pytest

from ...directory.mailbox import Mailbox
from ...directory.sender_lists import with_let_in
from .. import held_off, trace_door
from ..own_story import OwnMail
from ..story import MessageStory, Step
from ..story_store import StorySearch

BOB, CAROL = 'bob@example.test', 'carol@outside.test'
GREYLISTED = '4.7.1 Try again later'
START = time.time() - 3600


def told(number: int, text: str = GREYLISTED, code: str = '4.7.1', tries: int = 1) -> MessageStory:
    """The story of a message that was refused some times."""
    found = MessageStory(number, START, sender=CAROL, way='server', asked=(BOB,))
    for each in range(tries):
        found.add(Step(START + 60 * each, 'refused', code=code, text=text))
    return found


class _NoAliases:
    """A directory without aliases."""

    def search(self, *_arguments: object, **_options: object) -> tuple[()]:
        return ()


@pytest.fixture(name='stories')
def _stories(monkeypatch: pytest.MonkeyPatch) -> list[MessageStory]:
    """The record of messages, with these stories."""
    found: list[MessageStory] = []

    def find(_search: StorySearch) -> trace_door.FoundStories:
        return trace_door.FoundStories(tuple(found), None, None)

    monkeypatch.setattr(trace_door, 'find', find)
    monkeypatch.setattr(
        trace_door, 'story', lambda number: next(each for each in found if each.id == number)
    )
    return found


def listed(mailbox: Mailbox, mail: OwnMail | None = None) -> list[held_off.HeldOff]:
    """The list of a mailbox."""
    return list(held_off._found(_NoAliases(), mailbox, mail))  # type: ignore[arg-type]


def test_what_was_suspicious_is_held_off(stories: list[MessageStory]) -> None:
    stories.append(told(1, tries=3))
    (found,) = listed(Mailbox(BOB))
    assert (found.sender, found.tries, found.reason) == (CAROL, 3, 'try-again')
    assert (found.last - found.first).total_seconds() == 120
    assert not found.let_in
    (after,) = listed(Mailbox(BOB, let_in=with_let_in((), CAROL)))
    assert after.let_in


@pytest.mark.parametrize(
    ('text', 'code'),
    [
        ('4.7.1 The spam filter is not ready, try again later', '4.7.1'),
        ('4.2.2 mailbox is full', '4.2.2'),
        ('5.7.1 Try again later', '5.7.1'),
        ('4.7.1 of another server', '4.7.1'),
    ],
)
def test_no_other_reason_is_one(stories: list[MessageStory], text: str, code: str) -> None:
    stories.append(told(1, text, code))
    assert listed(Mailbox(BOB)) == []


def test_mail_of_others_is_not_shown(stories: list[MessageStory]) -> None:
    stories.append(told(1))
    assert listed(Mailbox('eve@example.test')) == []
    own = OwnMail({BOB: 0.0})
    assert len(listed(Mailbox(BOB), own)) == 1
    assert listed(Mailbox(BOB), OwnMail({BOB: time.time()})) == []  # it was another person's
    assert listed(Mailbox(BOB), OwnMail({BOB: 0.0}, is_guarded=True)) == []
