# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters in words, as rows of a list."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from ..directory.mail_filter import FilterCondition, Filters, MailFilter
from ..words import rules as words

_ALL = 'all'
"""The parameter of an address that shows a list to its end."""
MOST_SHOWN = 25


def condition_text(condition: FilterCondition) -> str:
    """A condition in words."""
    if condition.field == 'larger':
        return str(words.LARGER).format(size=condition.value)
    if condition.field == 'smaller':
        return str(words.SMALLER).format(size=condition.value)
    form = words.EQUALS if condition.comparison == 'is' else words.CONTAINS
    return str(form).format(field=words.FIELDS[condition.field], value=condition.value)


def conditions_text(each: MailFilter) -> str:
    """The conditions of a filter in words."""
    between = f' {words.AND if each.match == "all" else words.OR} '
    return between.join(map(condition_text, each.conditions)) or str(words.ALL_MAIL)


def actions_text(each: MailFilter) -> str:
    """The actions of a filter in words."""
    found = [
        words.INTO_FOLDER.format(folder=each.folder) if each.folder else '',
        str({'flagged': words.MARKED_FLAGGED, 'seen': words.MARKED_SEEN}.get(each.flag, '')),
        words.FORWARDED.format(address=each.forward) if each.forward else '',
        str(words.DISCARDED) if each.discard else '',
    ]
    return ', '.join(filter(None, found)) or str(words.KEPT)


@dataclass(frozen=True)
class FilterRow:
    """A filter as a list shows it: its page, and where it is moved."""

    entry: MailFilter
    when: str
    what: str
    url: str
    move: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class FilterList:
    """The rows of a list of filters, and the number of those that are left out."""

    rows: tuple[FilterRow, ...]
    more: int


def most_shown(request: HttpRequest, most: int = MOST_SHOWN) -> int | None:
    """The number of filters to show; None for all, if that was asked for."""
    return None if _ALL in request.GET else most


def list_of(filters: Filters, page: str, *scope: str, most: int | None = MOST_SHOWN) -> FilterList:
    """The rows of filters in their order, at most so many; `page` is that of one in this scope."""
    last = len(filters)
    rows = tuple(
        FilterRow(each, conditions_text(each), actions_text(each),
                  reverse(f'email:{page}', args=[*scope, number]),
                  reverse(f'email:{page}-move', args=[*scope, number]),
                  number == 1, number == last)
        for number, each in enumerate(filters[:most], 1)
    )  # fmt: skip
    return FilterList(rows, last - len(rows))
