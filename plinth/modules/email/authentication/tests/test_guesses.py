# SPDX-License-Identifier: AGPL-3.0-or-later
"""Guesses are few, and an old phone is none."""

import pytest

from plinth.modules.email.authentication.guesses import (
    KNOWN_SECONDS,
    LONGEST_DELAY,
    MOST_AT_ONCE,
    MOST_HOUSEHOLDS,
    MOST_ON_CONNECTION,
    MOST_WRONG,
    REFUSE,
    WINDOW,
    Connections,
    Guesses,
    household,
)

HERE, THERE = '192.0.2.7', '198.51.100.9'


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(name='clock')
def fixture_clock() -> Clock:
    return Clock()


@pytest.fixture(name='guesses')
def fixture_guesses(clock: Clock) -> Guesses:
    return Guesses(clock)


def wrong(guesses: Guesses, address: str, login: str, password: str) -> int:
    """The answer to a try with a wrong password."""
    said = guesses.allow(address, login, password)
    guesses.report(address, login, password, right=None if said == REFUSE else False)
    return said


def right(guesses: Guesses, address: str, login: str = 'bob', password: str = 'right') -> int:
    """The answer to a right password."""
    said = guesses.allow(address, login, password)
    guesses.report(address, login, password, right=None if said == REFUSE else True)
    return said


def test_guesses_end_and_begin_again_after_an_hour(guesses: Guesses, clock: Clock) -> None:
    said = [wrong(guesses, HERE, 'alice', str(n)) for n in range(MOST_WRONG + 1)]
    assert REFUSE not in said[:-1]
    assert said[-1] == REFUSE
    assert right(guesses, HERE) == REFUSE
    assert right(guesses, THERE) == 0, 'others are not meant'
    clock.now += 3600
    assert wrong(guesses, HERE, 'alice', 'another') == 0


def test_an_old_phone_shuts_no_one_out(guesses: Guesses, clock: Clock) -> None:
    for _minute in range(24 * 60):
        assert wrong(guesses, HERE, 'alice', 'of last year') == 0
        assert right(guesses, HERE) == 0
        clock.now += 60


def test_one_password_at_many_accounts_is_many_guesses(guesses: Guesses) -> None:
    said = [wrong(guesses, HERE, f'user{n}', 'summer') for n in range(MOST_WRONG + 1)]
    assert said[-1] == REFUSE


def test_a_right_password_of_ones_own_gives_no_more_guesses(guesses: Guesses) -> None:
    for number in range(MOST_WRONG):
        assert wrong(guesses, HERE, 'alice', str(number)) != REFUSE
        right(guesses, HERE)
    assert wrong(guesses, HERE, 'alice', 'one more') == REFUSE


def test_an_ipv6_network_is_one_household(guesses: Guesses) -> None:
    said = [wrong(guesses, f'2001:db8:1:2::{n:x}', 'alice', str(n)) for n in range(21)]
    assert said[-1] == REFUSE
    assert right(guesses, '2001:db8:1:3::1') == 0


def test_many_at_once_are_as_few(guesses: Guesses) -> None:
    said = [guesses.allow(HERE, 'alice', str(n)) for n in range(200)]
    assert sum(each != REFUSE for each in said) == MOST_WRONG + MOST_AT_ONCE


def test_what_could_not_be_found_out_is_no_guess(guesses: Guesses) -> None:
    for number in range(100):
        guesses.allow(HERE, 'alice', str(number))
        guesses.report(HERE, 'alice', str(number), right=None)
    assert right(guesses, HERE) == 0


def test_strangers_wait_longer_with_each_guess(guesses: Guesses) -> None:
    said = [wrong(guesses, HERE, 'alice', str(n)) for n in range(MOST_WRONG)]
    assert said == sorted(said)
    assert (said[0], said[-1]) == (0, LONGEST_DELAY)
    for number in range(MOST_WRONG - 1):
        wrong(guesses, THERE, 'alice', str(number))
    right(guesses, THERE)
    assert right(guesses, THERE) == 0, 'a household that is known waits for nothing'


def test_a_household_is_known_for_a_day(guesses: Guesses, clock: Clock) -> None:
    wrong(guesses, HERE, 'alice', 'x')
    assert not guesses.is_known(HERE)
    right(guesses, HERE)
    wrong(guesses, HERE, 'alice', 'y')
    assert guesses.is_known(HERE)
    assert not guesses.is_known(THERE)
    clock.now += KNOWN_SECONDS
    assert not guesses.is_known(HERE)


def test_who_is_refused_is_told_and_can_be_forgotten(guesses: Guesses, clock: Clock) -> None:
    for number in range(MOST_WRONG):
        wrong(guesses, '2001:db8::7', 'alice', str(number))
        wrong(guesses, '127.0.0.1', 'alice', str(number))
        if number:
            wrong(guesses, THERE, 'alice', str(number))
        clock.now += 1
    assert guesses.refused() == {'2001:db8::/64': WINDOW - MOST_WRONG}
    guesses.forget('2001:db8::/64')
    assert guesses.refused() == {}
    assert right(guesses, '2001:db8::7') == 0


@pytest.mark.parametrize('here', ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
def test_webmail_is_never_shut_out(guesses: Guesses, here: str) -> None:
    said = [wrong(guesses, here, 'alice', str(n)) for n in range(100)]
    assert said[-1] == LONGEST_DELAY
    assert right(guesses, here, 'bob') == 0


def test_what_is_remembered_has_an_end(guesses: Guesses) -> None:
    for number in range(MOST_HOUSEHOLDS + 10):
        guesses.allow(f'10.{number >> 16}.{number >> 8 & 255}.{number & 255}', 'alice', 'x')
    assert len(guesses._seen) == MOST_HOUSEHOLDS


def test_who_goes_on_guessing_is_not_forgotten_for_others(
    guesses: Guesses, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('plinth.modules.email.authentication.guesses.MOST_HOUSEHOLDS', 10)
    monkeypatch.setattr('plinth.modules.email.authentication.guesses.MOST_CONNECTIONS', 10)
    connections, ended = Connections(clock), False
    for number in range(MOST_WRONG):
        assert wrong(guesses, HERE, 'alice', str(number)) != REFUSE
        ended = connections.is_to_end(HERE, '40000') or ended
        for other in range(5):
            guesses.allow(f'198.18.{number}.{other}', 'alice', 'x')
            connections.is_to_end(f'198.18.{number}.{other}', '1')
    assert wrong(guesses, HERE, 'alice', 'one more') == REFUSE
    assert ended
    assert len(connections._failed) <= 10


@pytest.mark.parametrize(
    ('address', 'key'),
    [
        ('192.0.2.7', '192.0.2.7'),
        ('2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'),
        ('fe80::1%eth0', 'fe80::/64'),
        ('::ffff:192.0.2.7', '192.0.2.7'),
        ('', ''),
        ('from 192.0.2.7', ''),
    ],
)
def test_a_household_is_one_client(address: str, key: str) -> None:
    assert household(address) == key


def test_a_connection_ends_after_a_few(clock: Clock) -> None:
    connections = Connections(clock)
    said = [connections.is_to_end(HERE, '40000') for _ in range(MOST_ON_CONNECTION)]
    assert said == [False] * (MOST_ON_CONNECTION - 1) + [True]
    assert not connections.is_to_end(HERE, '40001'), 'another connection of the same household'
    clock.now += 3600
    assert not connections.is_to_end(HERE, '40000'), 'the number of an old one is used again'
