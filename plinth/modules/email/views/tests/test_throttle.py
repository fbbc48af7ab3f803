# SPDX-License-Identifier: AGPL-3.0-or-later
"""Few guesses, however they are spread."""

import threading

import pytest

from ..throttle import MOST_KEYS, Throttle


class Clock:
    """A clock that stands still until it is moved."""

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
    assert [throttle.wait('a', 'c') for _ in range(5)] == [0] * 5
    assert throttle.wait('a', 'c') == 600
    clock.now += 599.5
    assert throttle.wait('a', 'c') == 1
    clock.now += 0.5
    assert throttle.wait('a', 'c') == 0


def test_an_account_many_guess_at_leaves_each_one_try(throttle: Throttle) -> None:
    for number in range(4):
        assert [throttle.wait('a', f'guesser {number}') for _ in range(5)] == [0] * 5
    assert throttle.wait('a', 'one more') == 0
    assert throttle.wait('a', 'one more') > 0


def test_no_one_locks_the_owner_out(throttle: Throttle, clock: Clock) -> None:
    for _hour in range(6):
        for number in range(200):
            throttle.wait('a', f'guesser {number}')
        assert throttle.wait('a', 'owner') == 0, 'the right password has to be taken'
        throttle.take_back('a', 'owner')
        clock.now += 600


def test_a_client_cannot_try_many_accounts(throttle: Throttle) -> None:
    assert [throttle.wait(f'account {n}', 'c') for n in range(6)][5] > 0


def test_others_need_not_wait(throttle: Throttle) -> None:
    for _ in range(6):
        throttle.wait('a', 'c')
    assert throttle.wait('b', 'd') == 0
    assert throttle.wait('a', 'd') == 0


def test_a_refused_try_does_not_make_the_wait_longer(throttle: Throttle, clock: Clock) -> None:
    for _ in range(20):
        throttle.wait('a', 'c')
    clock.now += 600
    assert throttle.wait('a', 'c') == 0


def test_a_right_password_is_no_guess(throttle: Throttle) -> None:
    for _ in range(20):
        assert throttle.wait('a', 'c') == 0
        throttle.take_back('a', 'c')


def test_a_right_password_of_ones_own_gives_no_more_tries(throttle: Throttle) -> None:
    """Each wrong try is at another account, so that only the client's count can refuse."""
    for number in range(5):
        assert throttle.wait(f'victim {number}', 'c') == 0
        if number < 4:
            assert throttle.wait('own', 'c') == 0
            throttle.take_back('own', 'c')
    assert throttle.wait('another victim', 'c') > 0


def test_a_right_password_leaves_the_tries_of_others_counted(throttle: Throttle) -> None:
    for number in range(4):
        for _ in range(5):
            throttle.wait('a', f'guesser {number}')
    assert throttle.wait('a', 'owner') == 0
    throttle.take_back('a', 'owner')
    assert [throttle.wait('a', 'one more'), throttle.wait('a', 'one more') > 0] == [0, True]


def test_tries_at_the_same_time_count_too(throttle: Throttle) -> None:
    allowed: list[int] = []
    threads = [
        threading.Thread(target=lambda: allowed.append(throttle.wait('a', 'c'))) for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed.count(0) == 5


def test_who_goes_on_guessing_is_not_forgotten_for_others(
    throttle: Throttle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('plinth.modules.email.views.throttle.MOST_KEYS', 30)
    for number in range(5):
        assert throttle.wait('a', 'c') == 0
        for other in range(5):
            throttle.wait(f'account {number} {other}', f'client {number} {other}')
    assert throttle.wait('a', 'c') > 0
    assert [throttle.wait('b', 'newcomer') > 0 for _ in range(6)] == [False] * 5 + [True]
    assert len(throttle._tries) <= 30


def test_a_right_password_takes_back_one_try_only(throttle: Throttle) -> None:
    for number in range(4):
        throttle.wait(f'account {number}', 'c')
    throttle.wait('own', 'c')
    throttle.take_back('own', 'c')
    assert throttle.wait('b', 'c') == 0
    assert throttle.wait('b', 'c') > 0, 'four wrong ones and this one still count'


def test_what_is_remembered_has_an_end(throttle: Throttle) -> None:
    for number in range(MOST_KEYS + 10):
        throttle.wait(f'account {number}', f'client {number}')
    assert len(throttle._tries) == MOST_KEYS
