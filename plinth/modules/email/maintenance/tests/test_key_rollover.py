# SPDX-License-Identifier: AGPL-3.0-or-later
"""The effect of a look at name servers on the next pair of keys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from ...dkim import rotation as rules
from ...dkim.rotation import Pair, Rotation, Terms
from ...dns.propagation import Sight
from ...dns.records import Key
from .. import key_rollover

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RSA, SMALL = Key('2026-12-rsa', 'QUJD'), Key('2026-12-ed25519', 'QUJE', 'ed25519')
GONE = Pair('2025-01', (Key('2025-01-rsa', 'QUJF'),))
TERMS = Terms(timedelta(days=182), timedelta(days=5))


@pytest.fixture(name='known')
def fixture_known(monkeypatch: pytest.MonkeyPatch) -> Rotation:
    """A domain with a pair that waits and one that was given up, kept nowhere."""
    live = Pair('dkim', (Key('dkim', 'QUJD'),))
    begun = Rotation('a.test', live, NOW - timedelta(days=1), gone=(GONE,), asked=True)
    known = rules.with_next(begun, Pair('2026-12', (RSA, SMALL)), NOW)

    def changed(_domain: str, change: Callable[[Rotation], Rotation]) -> Rotation:
        return change(known)

    monkeypatch.setattr(key_rollover, '_changed', changed)
    monkeypatch.setattr(key_rollover, 'terms', lambda _domain: TERMS)
    return known


def looked(
    known: Rotation, monkeypatch: pytest.MonkeyPatch, rsa: Sight, small: Sight, gone: Sight
) -> Rotation:
    """The state of a key after servers gave these answers."""
    sights = {RSA.selector: rsa, SMALL.selector: small, '2025-01-rsa': gone}
    monkeypatch.setattr(key_rollover, '_sights', lambda _known: sights)
    return key_rollover._look(known)


def there(ttl: int = 300) -> Sight:
    return Sight(right=('ns1', 'ns2'), ttl=ttl)


@pytest.mark.parametrize('ttls', [(300, 90_000), (90_000, 300)])
def test_the_longer_time_of_two_keys_counts(
    known: Rotation, monkeypatch: pytest.MonkeyPatch, ttls: tuple[int, int]
) -> None:
    rsa, small = map(there, ttls)
    after = looked(known, monkeypatch, rsa, small, gone=Sight())
    assert after.next
    assert (after.next.ttl, after.next.lacking) == (90_000, ())
    assert after.next.since is not None


@pytest.mark.parametrize('how', ['silent', 'absent', 'other'])
def test_one_server_without_one_of_the_keys_keeps_both_waiting(
    known: Rotation, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    parts: dict[str, Any] = {'right': ('ns1',), how: ('ns2',)}
    one = Sight(**parts)
    after = looked(known, monkeypatch, there(), one, gone=Sight())
    assert after.next
    assert after.next.since is None
    assert after.next.lacking == ('ns2',)


@pytest.mark.parametrize(
    ('sight', 'forgotten'),
    [
        (Sight(absent=('ns1', 'ns2')), True),
        (Sight(absent=('ns1',), silent=('ns2',)), False),
        (Sight(absent=('ns1',), right=('ns2',)), False),
        (Sight(), False),
    ],
)
def test_a_pair_is_forgotten_when_every_server_says_it_is_gone(
    known: Rotation, monkeypatch: pytest.MonkeyPatch, sight: Sight, forgotten: bool
) -> None:
    assert (not looked(known, monkeypatch, there(), there(), sight).gone) is forgotten


@pytest.mark.parametrize(
    ('first', 'looks'), [(Sight(right=('ns1',), silent=('ns2',)), 2), (there(), 1)]
)
def test_a_silent_server_is_asked_once_more(
    known: Rotation, monkeypatch: pytest.MonkeyPatch, first: Sight, looks: int
) -> None:
    witness = Mock(side_effect=[{RSA.selector: first}, {RSA.selector: there()}])
    monkeypatch.setattr('plinth.modules.email.dns.propagation.look', witness)
    assert key_rollover._sights(known) == {RSA.selector: there()}
    assert witness.call_count == looks
    asked = {tuple(call.args[1]) for call in witness.call_args_list}
    assert asked == {(RSA, SMALL, *GONE.keys)}
