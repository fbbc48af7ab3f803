# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which mail of users goes out, and which is held."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.guard import Guard
from plinth.modules.email.directory.send_limits import SendLimits
from plinth.modules.email.errors import MailError
from plinth.modules.email.sending import held_notes, limits
from plinth.modules.email.sending.limits import (
    FRESH_SECONDS,
    LATER,
    PASSES,
    STALE_SECONDS,
    SendingMailbox,
    SendingMailboxes,
    SendPolicy,
    elsewhere,
    exceeded,
    is_role,
)
from plinth.modules.email.sending.sent_counts import SentCounts, Sums

ALICE = 'alice@example.test'
OWN = frozenset({'example.test', 'bücher.test', 'xn--bcher-kva.test'})
LIMITS = SendLimits(5, 8, 4)


class World:
    """A policy over a directory that a test writes, and the messages it is asked about."""

    def __init__(self, folder: Path) -> None:
        held_notes.prepare(folder)
        self.folder, self.now, self.is_down = folder, 100.0, False
        self.mailbox = SendingMailbox(LIMITS, OWN)
        self.counts = SentCounts(folder / 'counts')
        self.policy = SendPolicy(
            SendingMailboxes(self._look, lambda: self.now), self.counts, folder
        )
        self._numbers: Iterator[int] = count(1)

    def _look(self, _login: str) -> SendingMailbox:
        if self.is_down:
            raise MailError('directory-down')
        return self.mailbox

    def set(self, **values: object) -> None:
        self.mailbox = SendingMailbox(**{'limits': LIMITS, 'domains': OWN, **values})  # type: ignore[arg-type]
        self.now += 2 * FRESH_SECONDS

    def send(self, *recipients: str, login: str = ALICE, sender: str = ALICE) -> str:
        """The answer at the end of a message."""
        number = next(self._numbers)
        common = {
            'sasl_username': login, 'sender': sender, 'instance': f'x.{number}',
            'queue_id': f'4ABC{number:08d}',
        }  # fmt: skip
        for recipient in recipients:
            asked = {**common, 'protocol_state': 'RCPT', 'recipient': recipient, 'queue_id': ''}
            assert self.policy.answer(asked) == PASSES
        end = {'protocol_state': 'END-OF-MESSAGE', 'recipient': '', 'size': '1000',
               'recipient_count': str(len(recipients))}  # fmt: skip
        return self.policy.answer({**common, **end}).split(' ')[0]

    def held(self) -> list[str]:
        """The limits over which mail is held."""
        return [note.limit for note in held_notes.held(self.folder).values()]

    def told(self) -> int:
        """How often people are to be told."""
        return len(held_notes.take_logins(self.folder))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.counts.close()


def friends(number: int, begin: int = 0) -> list[str]:
    return [f'friend-{each}@elsewhere.test' for each in range(begin, begin + number)]


def test_mail_goes_out_up_to_the_limit_and_is_held_beyond(world: World) -> None:
    world.set(limits=SendLimits(5, 8, 100))
    assert [world.send(each) for each in friends(6)] == [PASSES] * 5 + ['HOLD']
    assert world.held() == ['hour']
    assert world.told() == 1


def test_a_smaller_message_still_goes_out(world: World) -> None:
    world.set(limits=SendLimits(5, 8, 100))
    assert world.send(*friends(6)) == 'HOLD'
    assert world.send(*friends(5)) == PASSES


def test_held_mail_does_not_count(world: World) -> None:
    world.set(limits=SendLimits(5, 8, 100))
    assert [world.send(*friends(9)) for _ in range(3)] == ['HOLD'] * 3
    assert world.counts.sums(ALICE) == Sums()
    assert world.told() == 1, 'once, however much is held'


def test_first_time_recipients_are_few_and_known_ones_are_not(world: World) -> None:
    world.set(limits=SendLimits(100, 100, 4))
    assert world.send(*friends(4)) == PASSES
    assert world.send('friend-9@elsewhere.test') == 'HOLD'
    assert [world.send(*friends(4)) for _ in range(3)] == [PASSES] * 3
    assert world.held() == ['first-time']


def test_released_recipients_are_known_and_dropped_ones_are_not(world: World) -> None:
    world.set(limits=SendLimits(100, 100, 4))
    assert world.send(*friends(5)) == 'HOLD'
    assert world.told() == 1
    held_notes.move(held_notes.held(world.folder), held_notes.DROPPED, world.folder)
    assert world.send(*friends(5)) == 'HOLD'
    assert world.told() == 1, 'after a decision they are told again'
    held_notes.move(held_notes.held(world.folder), held_notes.RELEASED, world.folder)
    assert world.send(*friends(5)) == PASSES


def test_own_domains_do_not_count(world: World) -> None:
    own = [f'member-{number}@example.test' for number in range(50)]
    assert world.send(*own, 'x@BÜCHER.test', 'y@xn--bcher-kva.test') == PASSES
    assert world.counts.sums(ALICE) == Sums()
    assert world.send(*own, *friends(1)) == PASSES
    assert world.counts.sums(ALICE) == Sums(1, 1, 1)


def test_a_role_does_not_count_and_no_other_sender_is_one(world: World) -> None:
    for _ in range(3):
        assert world.send(*friends(50), sender='postmaster@example.test') == PASSES
    for sender in ('', 'postmaster@elsewhere.test', 'postmaster+x@example.test', ALICE):
        assert world.send(*friends(50), sender=sender) == 'HOLD'


def test_an_address_counts_once_in_a_message(world: World) -> None:
    assert world.send(*['a@elsewhere.test', 'A@ELSEWHERE.test'] * 9) == PASSES
    assert world.counts.sums(ALICE).hour == 1


def test_mail_without_a_login_is_not_counted(world: World) -> None:
    assert world.send(*friends(99), login='') == PASSES


def test_a_frozen_mailbox_hands_in_nothing_more(world: World) -> None:
    world.set(closed='Frozen.')
    for state in ('RCPT', 'END-OF-MESSAGE'):
        asked = {'sasl_username': ALICE, 'protocol_state': state, 'instance': 'i',
                 'recipient': 'member@example.test', 'queue_id': '4ABC00000001'}  # fmt: skip
        assert world.policy.answer(asked) == '421 4.7.0 Frozen.'


def test_while_the_directory_is_down(world: World) -> None:
    world.is_down = True
    assert world.send(*friends(1)) == LATER.split(' ')[0]
    world.is_down = False
    assert world.send(*friends(1)) == PASSES
    world.is_down, world.now = True, world.now + STALE_SECONDS / 2
    assert world.send(*friends(1)) == PASSES, 'what was seen is believed for a while'
    world.now += STALE_SECONDS
    assert world.send(*friends(1)) == LATER.split(' ')[0]


def test_while_nothing_can_be_written(world: World) -> None:
    world.counts.close()
    assert world.send(*friends(1)) == LATER.split(' ')[0]
    assert world.send('member@example.test') == PASSES


def test_a_service_that_started_in_between_counts_all(world: World) -> None:
    asked = {'sasl_username': ALICE, 'sender': ALICE, 'protocol_state': 'END-OF-MESSAGE',
             'instance': 'unheard', 'recipient': '', 'recipient_count': '4', 'size': '1',
             'queue_id': '4ABC00000001'}  # fmt: skip
    assert world.policy.answer(asked) == PASSES
    world.set(limits=SendLimits(100, 100, 7))
    assert world.policy.answer({**asked, 'instance': 'other'}).startswith('HOLD'), 'all are new'
    assert world.policy.answer({**asked, 'recipient': 'member@example.test'}) == PASSES


def test_what_is_no_question_lets_nothing_pass(world: World) -> None:
    asked = {'sasl_username': ALICE, 'protocol_state': 'END-OF-MESSAGE', 'recipient_count': '99'}
    for more in ({}, {'queue_id': '../x', 'size': '1'}, {'queue_id': '4ABC000001', 'size': 'x'}):
        assert world.policy.answer({**asked, **more}) == LATER
    assert world.policy.answer({**asked, 'sasl_username': '\udcff@example.test'}) == LATER
    assert world.held() == []


def test_very_much_held_mail_is_taken_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, 'MOST_HELD', 3)
    assert [world.send(*friends(9)) for _ in range(4)] == ['HOLD'] * 3 + ['450']
    assert world.send(*friends(1)) == PASSES
    held_notes.move(held_notes.held(world.folder), held_notes.DROPPED, world.folder)
    assert world.send(*friends(9)) == 'HOLD', 'after a decision'


def test_recipients_of_messages_that_never_end_are_few(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, 'MOST_RECIPIENTS', 10)
    for number in range(99):
        world.policy.answer({'sasl_username': ALICE, 'protocol_state': 'RCPT',
                             'instance': str(number // 4), 'recipient': 'x@y.test'})  # fmt: skip
    assert sum(map(len, world.policy._recipients.values())) == world.policy._noted <= 10
    assert world.send(*friends(3)) == PASSES


def test_messages_that_never_end_are_forgotten(world: World) -> None:
    for number in range(5000):
        world.policy.answer({'sasl_username': ALICE, 'protocol_state': 'RCPT',
                             'instance': str(number), 'recipient': 'x@y.test'})  # fmt: skip
    assert len(world.policy._recipients) < 5000


def test_the_note_says_whose_and_why(world: World) -> None:
    world.send(*friends(9))
    (note,) = held_notes.held(world.folder).values()
    assert (note.login, note.limit, note.most, note.recipients) == (ALICE, 'first-time', 4, 9)
    assert 'friend' not in json.dumps(note.to_json())


@given(st.lists(st.sampled_from(['A@x.test', 'a@X.test', 'b@example.test', 'c@', 'd', '@e.test'])))
def test_recipients_elsewhere(recipients: list[str]) -> None:
    found = elsewhere(recipients, OWN)
    assert all(each == each.lower() and not each.endswith('@example.test') for each in found)
    assert len(found) <= len(recipients)


@pytest.mark.parametrize(
    ('sums', 'new', 'first', 'expected'),
    [
        (Sums(), 5, 4, None),
        (Sums(), 5, 5, 'first-time'),
        (Sums(), 6, 0, 'hour'),
        (Sums(4, 4, 0), 1, 1, None),
        (Sums(0, 8, 0), 1, 0, 'day'),
        (Sums(0, 7, 0), 1, 0, None),
    ],
)
def test_limits_are_exact(sums: Sums, new: int, first: int, expected: str | None) -> None:
    assert exceeded(sums, LIMITS, new, first) == expected


def test_roles() -> None:
    assert is_role('Abuse@Example.test', OWN)
    assert not is_role('abuse@elsewhere.test', OWN)
    assert not is_role('abuse', OWN)


@pytest.mark.parametrize(
    ('recipient', 'answer'),
    [
        ('carol@outside.test', PASSES),
        ('CAROL@Outside.Test', PASSES),
        ('any@school.test', PASSES),
        ('bob@b\xfccher.test', PASSES),
        ('dave@outside.test', '550'),
        ('carol@outside.test.evil.test', '550'),
        ('not an address', '550'),
    ],
)
def test_a_guarded_mailbox_writes_to_those_it_knows(
    world: World, recipient: str, answer: str
) -> None:
    guard = Guard(known=('carol@outside.test', '@school.test'), writes_known=True)
    world.set(guard=guard)
    asked = {'sasl_username': ALICE, 'instance': 'x.1', 'sender': ALICE, 'recipient': recipient}
    found = world.policy.answer({**asked, 'protocol_state': 'RCPT'})
    assert found.split(' ')[0] == answer
    end = {**asked, 'protocol_state': 'END-OF-MESSAGE', 'recipient': '', 'size': '1'}
    assert world.policy.answer({**end, 'queue_id': '4ABC00000001'}).split(' ')[0] == answer


def test_a_mailbox_outside_of_its_hours_sends_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that is open when the hours end."""
    world.set(guard=Guard(hours=('1 15:00-19:00',)))
    monkeypatch.setattr(Guard, 'is_open', lambda _guard, _moment: False)
    asked = {'sasl_username': ALICE, 'instance': 'x.1', 'recipient': 'bob@example.test'}
    assert world.policy.answer({**asked, 'protocol_state': 'RCPT'}).startswith('421')
