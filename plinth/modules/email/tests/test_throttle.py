# SPDX-License-Identifier: AGPL-3.0-or-later
"""Few guesses, however they are spread."""

import threading

import pytest

from ..throttle import MOST_KEYS, Throttle, client_key


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(name='clock')
def fixture_clock() -> Clock:
    return Clock()


@pytest.fixture(name='throttle')
def fixture_throttle(clock: Clock) -> Throttle:
    return Throttle(clock=clock)


def test_five_tries_then_a_wait_that_ends(throttle: Throttle, clock: Clock) -> None:
    assert [throttle.wait(['a', 'c']) for _ in range(5)] == [0] * 5
    assert throttle.wait(['a', 'c']) == 600
    clock.now += 599.5
    assert throttle.wait(['a', 'c']) == 1
    clock.now += 0.5
    assert throttle.wait(['a', 'c']) == 0


def test_an_account_is_guarded_against_many_clients(throttle: Throttle) -> None:
    assert [throttle.wait(['a', f'client {n}']) for n in range(6)][5] > 0


def test_a_client_cannot_try_many_accounts(throttle: Throttle) -> None:
    assert [throttle.wait([f'account {n}', 'c']) for n in range(6)][5] > 0


def test_others_need_not_wait(throttle: Throttle) -> None:
    for _ in range(6):
        throttle.wait(['a', 'c'])
    assert throttle.wait(['b', 'd']) == 0


def test_a_refused_try_does_not_make_the_wait_longer(throttle: Throttle, clock: Clock) -> None:
    for _ in range(20):
        throttle.wait(['a', 'c'])
    clock.now += 600
    assert throttle.wait(['a', 'c']) == 0


def test_a_right_password_is_no_guess(throttle: Throttle) -> None:
    for _ in range(20):
        assert throttle.wait(['a', 'c']) == 0
        throttle.forget('a', 'c')


def test_a_right_password_of_ones_own_frees_nobody_elses(throttle: Throttle) -> None:
    for _ in range(4):
        throttle.wait(['victim', 'c'])
    throttle.wait(['own', 'c'])
    throttle.forget('own', 'c')
    assert throttle.wait(['victim', 'c']) == 0
    assert throttle.wait(['victim', 'c']) > 0


def test_tries_at_the_same_time_count_too(throttle: Throttle) -> None:
    allowed: list[int] = []
    threads = [
        threading.Thread(target=lambda: allowed.append(throttle.wait(['a', 'c'])))
        for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed.count(0) == 5


def test_what_is_remembered_has_an_end(throttle: Throttle) -> None:
    for number in range(MOST_KEYS + 10):
        throttle.wait([f'account {number}'])
    assert len(throttle._tries) == MOST_KEYS


@pytest.mark.parametrize(
    ('address', 'key'),
    [
        ('192.0.2.7', 'client 192.0.2.7'),
        ('2001:db8:1:2:3:4:5:6', 'client 2001:db8:1:2::/64'),
        ('::ffff:192.0.2.7', 'client 192.0.2.7'),
        ('', 'client unknown'),
    ],
)
def test_a_household_is_one_client(address: str, key: str) -> None:
    assert client_key(address) == key
