# SPDX-License-Identifier: AGPL-3.0-or-later
"""Charts: any numbers make an SVG that is whole, readable and inside its frame."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..bar_chart import HEIGHT, BarChart, Series, height, round_top, svg, ticks

NUMBERS = st.one_of(st.none(), st.integers(0, 10**15))


def chart(*series: tuple[int | None, ...], title: str = 'Mail') -> BarChart:
    made = tuple(Series(f's{at}', f'email-bar-{at}', each) for at, each in enumerate(series))
    labels = ticks([str(place) for place in range(len(series[0]))])
    return BarChart('mail', title, '3 messages', made, labels)


@given(st.integers(0, 10**15))
def test_a_scale_holds_its_largest_number_and_is_easy_to_read(most: int) -> None:
    top = round_top(most)
    assert most <= top <= max(2 * most, 2)
    assert top == 1 or top % 2 == 0, 'its middle is a whole number'
    assert len(str(top).rstrip('0')) <= 2


@given(st.integers(1, 10**15), st.data())
def test_bars_keep_the_order_of_their_numbers(most: int, data: st.DataObject) -> None:
    small, large = sorted(data.draw(st.tuples(st.integers(0, most), st.integers(0, most))))
    top = round_top(most)
    assert 0 <= height(small, top) <= height(large, top) <= HEIGHT
    assert bool(height(small, top)) == bool(small), 'any message can be seen'


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=40), st.text())
def test_any_numbers_and_any_title_make_whole_svg(
    rows: list[tuple[int | None, int | None]], title: str
) -> None:
    legal = re.sub(r'[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]', '', title)
    text = svg(chart(*zip(*rows, strict=True), title=legal))
    root = ET.fromstring(text)
    assert (root[0].text or '').split() == legal.split()
    paths = root.findall('.//path')
    bars = sum(path.attrib['d'].count('M') for path in paths)
    assert bars == sum(bool(value) for row in rows for value in row)
    assert 'style=' not in text.replace(str(root[0].text), ''), "refused by the site's policy"


def test_a_month_of_three_series_is_small() -> None:
    values = tuple(range(1000, 1030))
    assert len(svg(chart(values, values, values))) < 5000


def test_screen_readers_get_title_and_description() -> None:
    text = svg(chart((1, 2)))
    assert 'role="img" aria-labelledby="mail-title" aria-describedby="mail-desc"' in text
    assert '<desc id="mail-desc">3 messages</desc>' in text


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match='places'):
        chart((1, 2), (1,))


def test_labels_are_spread_from_the_last_place() -> None:
    assert list(ticks([str(each) for each in range(24)], 4)) == [23, 17, 11, 5]
    assert len(ticks(['a', 'b'], 6)) == 2
