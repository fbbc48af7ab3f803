# SPDX-License-Identifier: AGPL-3.0-or-later
"""A certificate that is obtained in the background, and what the page is told of it."""

import subprocess
from collections.abc import Callable
from unittest.mock import Mock

import pytest

from .. import obtaining

HOME = 'family.test'
HERE = obtaining.__name__


class World:
    """Operations run by hand, and a Let's Encrypt app that answers as told."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []
        self.obtain = Mock()

    def start(self, work: Callable[[], None]) -> bool:
        if self.waiting:
            return False
        self.waiting.append(work)
        return True

    def run(self) -> None:
        work = self.waiting.pop()
        work()


@pytest.fixture(name='world', autouse=True)
def fixture_world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(f'{HERE}.signals.start_obtaining', world.start)
    monkeypatch.setattr(f'{HERE}.signals.is_obtaining', lambda: bool(world.waiting))
    monkeypatch.setattr(f'{HERE}.letsencrypt.certificate_obtain', world.obtain)
    obtaining._latest.clear()
    return world


def test_nothing_is_said_before_the_first_attempt() -> None:
    assert obtaining.latest(HOME) is None


def test_an_attempt_is_under_way_until_the_mail_services_have_the_certificate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    obtaining.start(HOME)
    begun = obtaining.latest(HOME)
    assert begun
    assert begun.is_under_way
    world.run()
    world.obtain.assert_called_once_with(HOME)
    ended = obtaining.latest(HOME)
    assert ended
    assert not ended.problem
    assert ended.is_under_way
    later = ended.ended + obtaining.TAKEN_OVER_SECONDS
    monkeypatch.setattr(f'{HERE}.time.monotonic', lambda: later)
    assert not ended.is_under_way


def test_the_reason_of_a_refusal_is_kept_until_the_next_attempt(world: World) -> None:
    error = subprocess.CalledProcessError(1, 'certbot', b'Detail: NXDOMAIN\n', b'Some failed.\n')
    world.obtain.side_effect = error
    obtaining.start(HOME)
    world.run()
    refused = obtaining.latest(HOME)
    assert refused
    assert not refused.is_under_way
    assert refused.problem
    assert HOME in refused.problem.sentence
    assert refused.detail == 'Detail: NXDOMAIN\nSome failed.'
    obtaining.start(HOME)
    again = obtaining.latest(HOME)
    assert again
    assert not again.problem


def test_a_long_output_is_cut_to_its_end(world: World) -> None:
    world.obtain.side_effect = RuntimeError('x' * 9000 + 'end')
    obtaining.start(HOME)
    world.run()
    refused = obtaining.latest(HOME)
    assert refused
    assert len(refused.detail) == obtaining.LONGEST_DETAIL
    assert refused.detail.endswith('end')


def test_two_clicks_are_one_attempt_and_it_is_of_its_own_domain(world: World) -> None:
    obtaining.start(HOME)
    obtaining.start('other.test')
    world.run()
    world.obtain.assert_called_once_with(HOME)
    assert obtaining.latest('other.test') is None


def test_an_attempt_lost_in_a_restart_of_operations_is_not_under_way(world: World) -> None:
    obtaining.start(HOME)
    world.waiting.clear()
    lost = obtaining.latest(HOME)
    assert lost
    assert not lost.is_under_way
