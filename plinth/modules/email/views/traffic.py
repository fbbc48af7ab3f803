# SPDX-License-Identifier: AGPL-3.0-or-later
"""The charts of mail traffic and storage, and the same numbers in tables."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from .. import privileged
from ..activity import metrics
from ..activity.traffic_history import SPANS, Span, TrafficHistory, TrafficPart
from ..templatetags.email_extras import stored
from ..words import traffic as words
from ..words.text import Text
from .bar_chart import BarChart, Series, ticks
from .page import Page, call

logger = logging.getLogger(__name__)
_CHARTS: dict[str, tuple[str, ...]] = {
    'messages': ('incoming', 'outgoing'),
    'trouble': ('spam', 'refused', 'deferred'),
    'queue': ('queue',),
}
"""Charts, and the numbers in them."""
_STYLES = {
    'incoming': 'text-primary', 'outgoing': 'email-chart-works', 'spam': 'email-chart-fails',
    'refused': 'text-danger', 'deferred': 'text-body-secondary', 'queue': 'text-primary',
    'used': 'text-primary',
}  # fmt: skip
"""Classes that color the bars."""


@dataclass(frozen=True)
class PartRow:
    """A row of the table: the time, and its numbers; None is unknown."""

    time: str
    numbers: tuple[int | None, ...]


@dataclass(frozen=True)
class SpanLink:
    """A link to a span of time, in the form of tabs."""

    span: Span
    url: str

    @property
    def text(self) -> Text:
        """Its name."""
        return words.SPANS[self.span]


def grouped(number: int) -> str:
    """A number as the reader writes it: 1,018."""
    return str(number_format(number, force_grouping=True))


def _written(text: tuple[str, str], count: int) -> str:
    return str(ngettext(*text, count)).format(count=grouped(count))


def _time(part: TrafficPart, span: Span, is_short: bool = True) -> str:
    """The time of a part as its label, or in full."""
    local = timezone.localtime(part.begin)
    if span == 'day':
        return str(date_format(local, 'TIME_FORMAT' if not is_short else 'H:i'))
    if span == 'week' and is_short:
        return str(date_format(local, 'D'))
    return str(date_format(local, 'j M'))


def described(found: TrafficHistory, names: Sequence[str]) -> str:
    """The sums of a chart in words."""
    if names == ('queue',):
        known = [part.queue for part in found.parts if part.queue is not None]
        return _written(words.LONGEST_QUEUE, max(known)) if known else str(words.UNKNOWN_SUM)
    sums = ((name, found.total(name)) for name in names)
    texts = [_written(words.SUM[name], count) for name, count in sums if count is not None]
    return ', '.join(texts) or str(words.UNKNOWN_SUM)


def chart(found: TrafficHistory, span: Span, id_: str) -> BarChart:
    """A chart of messages."""
    names = _CHARTS[id_]
    labels = ticks([_time(part, span) for part in found.parts], 7 if span == 'week' else 5)
    series = (
        Series(
            str(words.NUMBERS[name]),
            _STYLES[name],
            tuple(getattr(part, name) for part in found.parts),
        )
        for name in names
    )
    title = f'{words.CHARTS[id_]}: {words.LAST[span]}'
    return BarChart(id_, title, described(found, names), tuple(series), labels, grouped)


def storage_chart(found: TrafficHistory) -> BarChart:
    """The chart of storage."""
    texts = [date_format(each.day, 'j M') for each in found.used]
    values = tuple(each.bytes for each in found.used)
    last = next((value for value in reversed(values) if value is not None), None)
    text = words.UNKNOWN_SUM if last is None else words.NOW_USED.format(size=stored(last))
    series = Series(str(words.CHARTS['used']), _STYLES['used'], values)
    labels = ticks(texts, 7 if len(texts) == 7 else 5)
    return BarChart('used', str(words.CHARTS['used']), str(text), (series,), labels, stored)


def rows(found: TrafficHistory, span: Span) -> list[PartRow]:
    """The table of all numbers, the newest first."""
    return [
        PartRow(_time(part, span, False), tuple(getattr(part, name) for name in words.NUMBERS))
        for part in reversed(found.parts)
    ]


def look(span: Span) -> TrafficHistory:
    """The traffic of a span of time."""
    return TrafficHistory.from_json(call(privileged.traffic_look, span))


def recent() -> BarChart | None:
    """The chart of the last 24 hours, None when it cannot be seen or nothing was counted."""
    try:
        found = look('day')
    except Exception as error:  # noqa: BLE001 - the page is about more than this
        logger.warning('Cannot look at the traffic: %s', error)
        return None
    return None if found.total('incoming') is None else chart(found, 'day', 'messages')


class TrafficPage(Page, TemplateView):
    """Charts of a day, a week or a month."""

    template_name = 'email-traffic.html'
    title = gettext_lazy('Traffic')

    @property
    def span(self) -> Span:
        """The span of time that is shown."""
        asked = self.request.GET.get('span', '')
        return cast('Span', asked) if asked in SPANS else 'day'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the charts."""
        span = self.span
        found = look(span)
        links = [SpanLink(each, f'{self.request.path}?span={each}') for each in SPANS]
        return super().get_context_data(
            spans=links,
            shown=next(link for link in links if link.span == span),
            charts=[chart(found, span, id_) for id_ in _CHARTS],
            storage=storage_chart(found),
            names=words.NUMBERS.values(),
            rows=rows(found, span),
            time_name=_('Hour') if span == 'day' else _('Day'),
            days=list(reversed(found.used)),
            first_day=found.used[0].day,
            largest=found.largest,
            more_mailboxes=found.mailboxes - len(found.largest),
            metrics_on=metrics.is_on(),
            metrics_url=f'http://{metrics.ADDRESS}/metrics',
            **kwargs,
        )


class MetricsSwitch(Page, View):
    """The button that turns metrics on or off."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Turn them on or off."""
        on = request.POST.get('on') == 'yes'
        call(privileged.metrics_set, on)
        self.tell(words.METRICS_ON if on else words.METRICS_OFF)
        return self.go('traffic')
