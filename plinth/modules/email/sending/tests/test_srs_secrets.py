# SPDX-License-Identifier: AGPL-3.0-or-later
"""Secrets of rewritten senders: the first one, new ones, and the end of old ones."""

from hypothesis import example, given
from hypothesis import strategies as st

from plinth.modules.email.sending import srs
from plinth.modules.email.sending.srs_secrets import KEPT, NEW_AFTER, renewed

DAY = 24 * 3600
NOW = 1_800_000_000.0


def test_the_first_secret_is_made() -> None:
    made = renewed('', NOW)
    moment, secret = made.split()
    assert (int(moment), len(secret)) == (NOW, 64)
    assert renewed('', NOW) != made


def test_a_young_secret_stays() -> None:
    made = renewed('', NOW)
    assert renewed(made, NOW + NEW_AFTER - 1) == made


def test_an_old_secret_still_reads_for_a_while() -> None:
    first = renewed('', NOW)
    second = renewed(first, NOW + NEW_AFTER)
    assert len(srs.read_secrets(second)) == 2
    assert second.endswith(first), 'the newest comes first'
    assert renewed(second, NOW + NEW_AFTER + KEPT - 1) == second
    assert srs.read_secrets(renewed(second, NOW + NEW_AFTER + KEPT)) == srs.read_secrets(second)[:1]


def test_a_secret_counts_as_long_as_any_bounce_may_come_back() -> None:
    assert 2 * srs.DAYS * DAY < KEPT < NEW_AFTER


def test_a_clock_that_was_wrong_makes_a_new_secret_and_keeps_the_old_one() -> None:
    future = renewed('', NOW + 365 * DAY)
    assert len(srs.read_secrets(renewed(future, NOW))) == 2


@example('¹\t0')
@given(st.text(max_size=200))
def test_damaged_lines_do_no_harm(text: str) -> None:
    assert srs.read_secrets(renewed(text, NOW))
