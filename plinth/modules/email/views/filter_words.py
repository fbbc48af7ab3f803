# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters in words."""

from dataclasses import dataclass

from ..directory.mail_filter import FilterCondition, Filters, MailFilter
from ..words import rules as words


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
    """A filter as a list shows it."""

    number: int
    entry: MailFilter
    when: str
    what: str
    is_first: bool
    is_last: bool


def rows_of(filters: Filters) -> list[FilterRow]:
    """The rows of a list of filters, in their order."""
    last = len(filters)
    return [
        FilterRow(number, each, conditions_text(each), actions_text(each), number == 1,
                  number == last)
        for number, each in enumerate(filters, 1)
    ]  # fmt: skip
