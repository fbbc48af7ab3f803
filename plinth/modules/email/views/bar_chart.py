# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bar charts as SVG, made on the server from numbers alone.

NAME
    bar_chart - numbers to SVG

DESCRIPTION
    The bars are drawn in units of their own and stretched to the width there is. Labels are not
    stretched: they stand at percentages, so their letters have the same size on any screen.
    Colors come from the style sheet, by class. Time runs from left to right in all languages.

    A number that is unknown has no bar, and neither has 0: the table beside a chart tells which.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

HEIGHT = 100
"""The height of the bars, in their own units."""
_SLOT = 12
_GAP = 2
_PLOT_TOP, _PLOT_PIXELS, _LABELS_PIXELS = 10, 120, 22
PIXELS = _PLOT_TOP + _PLOT_PIXELS + _LABELS_PIXELS
_LEAST = 2
"""The height of the smallest bar: any message at all can be seen."""


@dataclass(frozen=True)
class Series:
    """Numbers of one kind, with the class that colors their bars."""

    name: str
    style: str
    values: tuple[int | None, ...]


@dataclass(frozen=True)
class BarChart:
    """A chart: series beside each other, and the labels below some of their places."""

    id: str
    title: str
    description: str
    series: tuple[Series, ...]
    labels: Mapping[int, str]
    written: Callable[[int], str] = str
    """A number as it is written at the scale."""

    def __post_init__(self) -> None:
        """Refuse series of different lengths."""
        if len({len(each.values) for each in self.series}) != 1 or not self.places:
            raise ValueError('All series of a chart have the same places, and there are some.')

    @property
    def places(self) -> int:
        """The places beside each other."""
        return len(self.series[0].values)

    @property
    def most(self) -> int:
        """The largest number."""
        return max((value or 0 for each in self.series for value in each.values), default=0)

    @property
    def svg(self) -> SafeString:
        """The chart as SVG."""
        return svg(self)


def round_top(most: int) -> int:
    """The top of a scale: the next number above that is easy to read; 1 for nothing."""
    if most <= 10:
        return max(most, 1) if most < 3 else -(-most // 2) * 2
    unit: int = 10 ** (len(str(most)) - 1)
    for half_units in (2, 3, 4, 5, 6, 8, 10, 12, 15, 20):
        top = unit * half_units // 2
        if top >= most and top % 2 == 0:
            return top
    return 10 * unit


def height(value: int | None, top: int) -> int:
    """The height of a bar."""
    return min(HEIGHT, max(_LEAST, round(value * HEIGHT / top))) if value else 0


def _bars(chart: BarChart, number: int, top: int) -> str:
    """The bars of a series, as one path."""
    width = (_SLOT - _GAP) / len(chart.series)
    found = []
    for place, value in enumerate(chart.series[number].values):
        if tall := height(value, top):
            left = place * _SLOT + _GAP / 2 + number * width
            found.append(f'M{left:.4g} {HEIGHT}v-{tall}h{width:.3g}v{tall}z')
    return ''.join(found)


def _plot(chart: BarChart, top: int) -> SafeString:
    paths = ((each.style, _bars(chart, at, top)) for at, each in enumerate(chart.series))
    return format_html(
        '<svg y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}'
        '</svg>',
        _PLOT_TOP,
        _PLOT_PIXELS,
        chart.places * _SLOT,
        HEIGHT,
        format_html_join('', '<path class="{}" d="{}"/>', (each for each in paths if each[1])),
    )


def _scale(chart: BarChart, top: int) -> SafeString:
    """Lines at the top, the middle and the bottom, with their numbers before them."""
    marks = [(0, top), (1, top // 2), (2, 0)] if top > 1 else [(0, top), (2, 0)]
    rows = ((_PLOT_TOP + _PLOT_PIXELS * halves // 2, value) for halves, value in marks)
    return format_html_join(
        '',
        '<line stroke="currentColor" stroke-opacity="0.25" x2="100%" y1="{0}" y2="{0}"/>'
        '<text x="-6" y="{1}" text-anchor="end">{2}</text>',
        ((at, at + 4, chart.written(value) if value else '0') for at, value in rows),
    )


def _anchor(place: int, places: int) -> tuple[str, float]:
    """The side of a label that stands at its place, and the place in percent."""
    middle = 100 * (place + 0.5) / places
    if middle < 5:
        return 'start', 0
    return ('end', 100) if middle > 95 else ('middle', middle)


def _labels(chart: BarChart) -> SafeString:
    found = ((*_anchor(place, chart.places), text) for place, text in sorted(chart.labels.items()))
    return format_html_join(
        '',
        '<text x="{}%" y="{}" text-anchor="{}">{}</text>',
        ((f'{at:.4g}', PIXELS - 5, side, text) for side, at, text in found),
    )


def svg(chart: BarChart) -> SafeString:
    """A chart as SVG, with its title and description for screen readers."""
    top = round_top(chart.most)
    return format_html(
        '<svg class="d-block" width="100%" height="{0}" overflow="visible" fill="currentColor" '
        'font-size="12" role="img" '
        'aria-labelledby="{1}-title" aria-describedby="{1}-desc">'
        '<title id="{1}-title">{2}</title><desc id="{1}-desc">{3}</desc>{4}{5}{6}</svg>',
        PIXELS,
        chart.id,
        chart.title,
        chart.description,
        _scale(chart, top),
        _plot(chart, top),
        _labels(chart),
    )


def ticks(texts: Sequence[str], most: int = 6) -> dict[int, str]:
    """Some of the labels, evenly spread and counted from the last one."""
    step = -(-len(texts) // most)
    return {place: texts[place] for place in range(len(texts) - 1, -1, -step)}
