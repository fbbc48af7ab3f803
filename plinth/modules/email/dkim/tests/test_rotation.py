# SPDX-License-Identifier: AGPL-3.0-or-later
"""One pair of keys follows another, and every signature can be checked at any time."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...dns.records import Key
from .. import rotation as rules
from ..rotation import Pair, Rotation, Terms

START = datetime(2026, 11, 3, 4, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TERMS = Terms(interval=182 * DAY, queue=5 * DAY)
DOMAIN = 'a.test'


def pair(name: str) -> Pair:
    """A pair as it is made."""
    return Pair(name, (Key(f'{name}-rsa', 'QUJD'), Key(f'{name}-ed25519', 'QUJE', 'ed25519')))


def begun() -> Rotation:
    """A domain that signs with the key of the built-in app."""
    return rules.begin(DOMAIN, Pair('dkim', (Key('dkim', 'QUJD'),)), START)


def waiting() -> Rotation:
    """A domain whose next pair has just been made, and shall take over soon."""
    return rules.with_next(replace(begun(), asked=True), pair('2026-11'), START)


def look(known: Rotation, now: datetime, state: str = 'right', ttl: int = 3600) -> Rotation:
    """Note a look that found the records in some state."""
    return rules.seen(known, state == 'right', () if state == 'right' else {'ns2'}, ttl, now)


def hours_until_switch(known: Rotation, *states: str, ttl: int = 3600) -> int | None:
    """After how many hours of looks the next pair could sign."""
    for hour, state in enumerate(states):
        now = START + hour * HOUR
        known = look(known, now, state, ttl)
        if rules.can_switch(known, TERMS, now):
            return hour
    return None


@pytest.mark.parametrize(
    ('latest', 'name'),
    [('', '2026-11'), ('dkim', '2026-11'), ('2026-10', '2026-11'), ('2025-12-3', '2026-11'),
     ('2026-11', '2026-11-2'), ('2026-11-9', '2026-11-10'), ('2027-01', '2027-01-2')],
)  # fmt: skip
def test_no_name_is_given_twice(latest: str, name: str) -> None:
    assert rules.following(latest, START) == name
    assert rules.number_of(name) > rules.number_of(latest)


def test_a_pair_is_made_ahead_of_its_turn() -> None:
    known = begun()
    turn = START + TERMS.interval
    assert not rules.needs_next(known, TERMS, turn - rules.LEAD - HOUR)
    assert rules.needs_next(known, TERMS, turn - rules.LEAD)
    assert rules.needs_next(replace(known, asked=True), TERMS, START)


def test_nothing_is_signed_with_it_before_its_turn() -> None:
    known = replace(waiting(), asked=False)
    assert hours_until_switch(known, *['right'] * 100) is None
    late = replace(known, since=START - TERMS.interval)
    assert hours_until_switch(late, *['right'] * 100) == 2


@pytest.mark.parametrize(
    ('states', 'ttl', 'hours'),
    [
        (['right'] * 9, 0, 2),
        (['right'] * 9, 3600, 2),
        (['right'] * 9, 4 * 3600, 5),
        (['right'] * 300, 10**9, 169),
        (['wrong', 'wrong', *['right'] * 9], 3600, 4),
        (['right', 'wrong', *['right'] * 9], 3600, 4),
        (['silent', 'right', 'silent', 'right', 'right', 'right'], 3600, 5),
        (['right', 'right', 'silent', 'wrong', 'right', 'right'], 3600, None),
        (['silent'] * 99, 3600, None),
    ],
)
def test_all_servers_have_it_for_longer_than_its_ttl(
    states: list[str], ttl: int, hours: int | None
) -> None:
    assert hours_until_switch(waiting(), *states, ttl=ttl) == hours


@pytest.mark.parametrize('ttls', [(4, 0, 0, 0, 0, 0), (0, 4, 1, 0, 0, 0), (0, 0, 4, 0, 0, 0)])
def test_the_largest_ttl_that_was_seen_counts(ttls: tuple[int, ...]) -> None:
    known = waiting()
    for hour, ttl in enumerate(ttls):
        known = look(known, START + hour * HOUR, ttl=ttl * 3600)
        assert rules.can_switch(known, TERMS, START + hour * HOUR) is (hour == 5)


def test_a_ttl_seen_before_the_records_were_lost_counts_no_more() -> None:
    known = look(look(waiting(), START, ttl=10**6), START + HOUR, 'silent')
    assert known.next
    assert (known.next.ttl, known.next.lacking) == (0, ('ns2',))


def test_what_no_one_looked_at_counts_as_new() -> None:
    known = look(waiting(), START)
    later = look(known, START + rules.GAP + HOUR)
    assert later.next
    assert later.next.held == timedelta()
    assert later.next.since == START + rules.GAP + HOUR


def test_a_clock_that_jumps_ahead_proves_little() -> None:
    known = look(waiting(), START, ttl=24 * 3600)
    known = look(known, START + 40 * HOUR, ttl=24 * 3600)
    assert not rules.can_switch(known, TERMS, START + 40 * HOUR)


def test_a_clock_that_goes_back_starts_anew() -> None:
    known = look(look(waiting(), START), START + HOUR)
    known = look(known, START - HOUR)
    assert known.next
    assert known.next.since == START - HOUR


def test_it_takes_a_look_of_this_very_moment() -> None:
    known = waiting()
    for hour in range(5):
        known = look(known, START + hour * HOUR)
    assert rules.can_switch(known, TERMS, START + 4 * HOUR)
    assert not rules.can_switch(known, TERMS, START + 5 * HOUR)


def switched() -> Rotation:
    """A domain right after a change of keys."""
    return rules.switched(waiting(), START)


def test_after_the_change() -> None:
    known = switched()
    assert known.live.name == '2026-11'
    assert known.next is None
    assert not known.asked
    assert [key.stage for key in known.published()] == ['live', 'live', 'old']


def aged(known: Rotation, days: int, signing: tuple[str, ...] = ('2026-11-rsa',)) -> Rotation:
    """Let days pass, a look at each."""
    for day in range(days + 1):
        known = rules.confirmed(known, signing, START + day * DAY)
        known = rules.withdrawn(known, TERMS)
    return known


def test_the_old_record_stays_while_mail_can_wait() -> None:
    assert aged(switched(), 7).old
    known = aged(switched(), 8)
    assert not known.old
    assert [pair.name for pair in known.gone] == ['dkim']
    assert [key.selector for key in known.published()] == ['2026-11-rsa', '2026-11-ed25519']


def test_a_pair_still_in_use_never_ages() -> None:
    known = aged(switched(), 400, signing=('dkim',))
    assert known.old[0].since is None
    known = rules.confirmed(aged(switched(), 5), ('dkim',), START + 6 * DAY)
    assert known.old[0].since is None, 'somebody put it back in use'


def test_a_box_that_was_switched_off_counts_one_day() -> None:
    known = rules.confirmed(switched(), (), START)
    known = rules.confirmed(known, (), START + 300 * DAY)
    assert known.old[0].held == DAY
    back = rules.confirmed(known, (), START)
    assert back.old[0].held == DAY


def test_a_pair_given_up_is_forgotten_when_no_server_has_it() -> None:
    known = aged(switched(), 8)
    assert rules.forgotten(known, ()).gone
    assert not rules.forgotten(known, ('dkim',)).gone
    two = replace(known, gone=(pair('2025-01'),))
    assert rules.forgotten(two, ('2025-01-rsa',)).gone, 'one of its records is still there'


def test_keys_found_beside_those_known_may_have_signed() -> None:
    known = rules.with_old(begun(), [pair('2027-03')])
    assert [key.stage for key in known.published()] == ['live', 'old', 'old']
    assert rules.following(known.latest, START) == '2027-03-2'


STATES = (
    begun(), waiting(), switched(), aged(switched(), 9), look(waiting(), START),
    look(waiting(), START, 'silent'),
)  # fmt: skip


@pytest.mark.parametrize('known', STATES)
def test_it_is_kept_as_text(known: Rotation) -> None:
    assert Rotation.from_json(json.loads(json.dumps(known.to_json()))) == known


SPOILT = '{"format": 1, "domain": "../x", "live": {"name": "", "keys": []}}'


@pytest.mark.parametrize('text', ['{}', '[]', 'null', '{"format": 9}', '{"format": 1}', SPOILT])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Rotation.from_json(json.loads(text))


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match='one name'):
        rules.with_next(begun(), Pair('x', (Key('dkim', 'QUJD'),)), START)


@dataclass
class World:
    """A zone on two servers, an owner who is late and makes mistakes, and mail on its way.

    Each hour the box looks, and anything may happen to records of keys that do not sign yet.
    What others remember of an answer, they remember for its whole time to live.
    """

    ttl: int
    known: Rotation = field(default_factory=begun)
    now: datetime = START
    servers: tuple[set[str], set[str]] = field(default_factory=lambda: ({'dkim'}, {'dkim'}))
    right_since: dict[tuple[int, str], datetime] = field(default_factory=dict)
    mail: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    signing: frozenset[str] = frozenset({'dkim'})

    def publish(self, server: int, selector: str, there: bool) -> None:
        """Let a server have a record, or not."""
        if there and selector not in self.servers[server]:
            self.servers[server].add(selector)
            self.right_since[server, selector] = self.now
        elif not there:
            self.servers[server].discard(selector)

    def follow_advice(self) -> None:
        """Delete what the page says can be deleted."""
        for gone in self.known.given_up():
            for server in (0, 1):
                self.publish(server, gone.selector, False)

    def sign(self) -> None:
        """Send a mail now."""
        since = [self.right_since.get((server, selector), START - DAY * 9)
                 for server in (0, 1) for selector in self.signing]  # fmt: skip
        for selector in self.signing:
            assert all(selector in held for held in self.servers), 'nobody can check it'
        assert self.now - max(since) > timedelta(seconds=self.ttl) or self.signing == {'dkim'}
        self.mail.append((self.now, self.signing))

    def check(self) -> None:
        """Check the signatures of all mail that can still be on its way."""
        self.mail = [each for each in self.mail if self.now - each[0] <= TERMS.queue]
        for _sent, selectors in self.mail:
            for selector in selectors:
                assert all(selector in held for held in self.servers), selector

    def tick(self, state: str, is_taken_up: bool) -> None:
        """Do what the timer does, `is_taken_up` telling whether the scanner could follow."""
        now = self.now
        self.known = rules.withdrawn(rules.confirmed(self.known, self.signing, now), TERMS)
        if rules.needs_next(self.known, TERMS, now):
            name = rules.following(self.known.latest, now)
            self.known = rules.with_next(self.known, pair(name), now)
        if self.known.next:
            names = self.known.next.pair.selectors
            wrong = {str(n) for n in (0, 1) if not set(names) <= self.servers[n]}
            right = state == 'look' and not wrong
            self.known = rules.seen(self.known, right, wrong, self.ttl, now)
            if rules.can_switch(self.known, TERMS, now):
                self.known = rules.switched(self.known, now)
        if is_taken_up:
            self.signing = frozenset(self.known.live.selectors)
        self.known = rules.confirmed(self.known, self.signing, now)
        self.known = Rotation.from_json(self.known.to_json())


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(['nothing', 'nothing', 'publish', 'one server', 'lose', 'ask', 'advice']),
        st.sampled_from(['look', 'look', 'look', 'silence']),
        st.booleans(),
        st.sampled_from([HOUR, HOUR, HOUR, 7 * HOUR, DAY, 9 * DAY]),
    ),
    max_size=120,
)


@settings(max_examples=300, deadline=None)
@given(HAPPENINGS, st.sampled_from([0, 300, 3600, 6 * 3600, 86400]))
def test_no_signature_is_ever_made_that_no_one_can_check(
    happenings: list[tuple[str, str, bool, timedelta]], ttl: int
) -> None:
    world = World(ttl)
    for what, state, is_taken_up, step in happenings:
        names = world.known.next.pair.selectors if world.known.next else ()
        if what == 'ask':
            world.known = replace(world.known, asked=True)
        elif what == 'advice':
            world.follow_advice()
        elif what != 'nothing' and not set(names) & world.signing:
            for selector in names:
                for server in (0, 1) if what == 'publish' else (1,):
                    world.publish(server, selector, what != 'lose')
        world.tick(state, is_taken_up)
        world.sign()
        world.check()
        world.now += step
        world.check()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(['look', 'silence']), max_size=20))
def test_a_rotation_comes_to_its_end(trouble: list[str]) -> None:
    world = World(3600)
    for number in range(3):
        world.known = replace(world.known, asked=True)
        before = world.known.live
        for hour in range(24 * 9):
            world.tick(trouble[hour] if hour < len(trouble) else 'look', True)
            for selector in world.known.next.pair.selectors if world.known.next else ():
                for server in (0, 1):
                    world.publish(server, selector, True)
            world.sign()
            world.check()
            world.now += HOUR
        assert world.known.live != before, number
        assert before in world.known.gone
        world.follow_advice()
        world.known = rules.forgotten(world.known, before.selectors)
        assert not world.known.gone
