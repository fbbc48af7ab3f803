# SPDX-License-Identifier: AGPL-3.0-or-later
"""Households that are kept out, and the rules, as the page shows them."""

from datetime import UTC, datetime, timedelta

import pytest

from ...authentication.bans import JAILS, REFUSED, Ban, Bans, JailRules
from ...authentication.guesses import MOST_WRONG
from ...status import State
from ...words import bans as words
from .. import blocked

NOW = datetime(2026, 11, 29, tzinfo=UTC)
RULES = (
    JailRules(JAILS[0], MOST_WRONG, 3600, 600),
    *(JailRules(jail, 15, 600, 600) for jail in JAILS[1:]),
)


def test_each_jail_has_words() -> None:
    assert set(words.BY_JAIL) == {*JAILS, REFUSED}
    assert set(words.RULES) == set(JAILS)


def test_rules_are_shown_as_they_run() -> None:
    shown = blocked.shown_rules(RULES)
    assert len(shown) == len(JAILS)
    assert f'{MOST_WRONG} different wrong passwords within 1 hour' in shown[0].sentence
    assert '15 wrong passwords or password links within 10 minutes' in shown[1].sentence
    assert {rule.effect for rule in shown} == {'Blocked for 10 minutes.'}


def test_a_rule_that_does_not_run_is_shown() -> None:
    shown = blocked.shown_rules(RULES[1:])
    assert [rule.runs for rule in shown] == [False, True, True, True]
    assert shown[0].effect == 'This rule is not in effect.'
    assert '0' not in shown[0].sentence


@pytest.mark.parametrize(
    ('found', 'state', 'word'),
    [
        (Bans(jails=RULES), State.WORKS, 'No addresses are blocked'),
        (Bans((Ban('192.0.2.7', JAILS[0], NOW, NOW),), RULES), State.WORKS, '1 address'),
        (Bans(jails=RULES[1:]), State.LOOK, 'Not all rules'),
        (Bans(jails=RULES, counts=False), State.LOOK, 'Not all rules'),
    ],
)
def test_the_answer_is_true(found: Bans, state: State, word: str) -> None:
    shown = blocked.answer(found)
    assert shown.state is state
    assert str(shown.word).startswith(word)


def test_the_newest_comes_first_and_can_be_searched() -> None:
    found = [
        Ban('192.0.2.7', JAILS[0], NOW - timedelta(hours=1), NOW),
        Ban('192.0.2.8', JAILS[3], NOW, None),
        Ban('2001:db8::/64', REFUSED, None, NOW),
    ]
    assert [row.ban.network for row in blocked.shown_bans(found, '')] == [
        '192.0.2.8', '192.0.2.7', '2001:db8::/64',
    ]  # fmt: skip
    (only,) = blocked.shown_bans(found, 'db8')
    assert str(only.reason).startswith('Guessed mail passwords')


@pytest.mark.parametrize(
    ('seconds', 'text'),
    [(600, '10 minutes'), (60, '1 minute'), (3600, '1 hour'), (86_400, '1 day'), (5400, '90 min')],
)
def test_times_are_in_their_largest_unit(seconds: int, text: str) -> None:
    assert str(blocked._time(seconds)).startswith(text)
