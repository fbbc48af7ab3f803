# SPDX-License-Identifier: AGPL-3.0-or-later
"""Destinations that the direct way does not reach."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..direct_failures import PAUSE, TRIES, DirectFailures, after, outcomes, table

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RELAYS = ('smtp.one.test',)
REST = 'delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status='


@pytest.mark.parametrize(
    ('line', 'found'),
    [
        (f'4abcDEF: to=<a@b.test>, relay=mx.b.test[192.0.2.1]:25, {REST}sent (250 ok)', [True]),
        (f'4abcDEF: to=<a@b.test>, relay=smtp.one.test[192.0.2.1]:587, {REST}sent (x)', [False]),
        (f'4abcDEF: to=<a@b.test>, orig_to=<x@y.test>, relay=none, {REST}deferred (x)', [False]),
        (f'4abcDEF: to=<a@b.test>, relay=mx.b.test[::1]:25, {REST}deferred (x)', [False]),
        (f'4abcDEF: to=<a@b.test>, relay=mx.b.test[192.0.2.1]:25, {REST}bounced (no)', [True]),
        (f'4abcDEF: to=<"a b"@b.test>, relay=mx.b.test[192.0.2.1]:25, {REST}sent (ok)', [True]),
        ('connect to mx.b.test[192.0.2.1]:25: Connection timed out', []),
        (f'4abcDEF: host said: to=<a@b.test>, relay=none, {REST}deferred (x)', []),
        (f'4abcDEF: to=<a@[192.0.2.1]>, relay=none, {REST}deferred (x)', []),
    ],
)
def test_a_line_about_a_delivery(line: str, found: list[bool]) -> None:
    assert list(outcomes([line], RELAYS)) == [('b.test', each) for each in found]


def test_after_some_failures_in_a_row_it_is_skipped_for_a_while() -> None:
    failed, worked = ('b.test', False), ('b.test', True)
    none = DirectFailures()
    assert not after(none, [failed] * (TRIES - 1), RELAYS, NOW).skipped()
    assert not after(none, [failed, failed, worked, failed, failed], RELAYS, NOW).skipped()
    found = after(none, [failed] * TRIES, RELAYS, NOW)
    assert [(each.domain, each.until) for each in found.skipped()] == [('b.test', NOW + PAUSE)]
    assert after(found, [failed] * 9, RELAYS, NOW + timedelta(days=1)) == found
    assert after(found, [], RELAYS, NOW + PAUSE) == none
    assert DirectFailures.from_json(found.to_json()) == found


def test_a_relay_is_never_skipped() -> None:
    seen = [(RELAYS[0], False)] * TRIES
    assert after(DirectFailures(), seen, RELAYS, NOW) == DirectFailures()


def test_the_filter_means_these_destinations_alone() -> None:
    found = after(DirectFailures(), [('b.test', False)] * TRIES, RELAYS, NOW)
    (line,) = table(found).splitlines()
    pattern = re.compile(line[1:].rpartition('/ IGNORE')[0])
    assert pattern.search('b.test. 300 IN MX 10 mx.b.test.')
    assert pattern.search('b.test 300 IN AAAA ::1')
    for other in ('xb.test. 300 IN MX 10 b.test.', 'bxtest. 300 IN A 192.0.2.1',
                  'a.b.test. 300 IN MX 1 b.test.', 'b.test. 300 IN TXT "v=spf1"'):  # fmt: skip
        assert not pattern.search(other)


@given(st.text())
def test_any_line_is_read(text: str) -> None:
    list(outcomes([text, f'4abcDEF: to=<{text}@b.test>, relay={text}, x, status=sent '], RELAYS))
