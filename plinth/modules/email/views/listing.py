# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists to search in, page by page; slapd searches and cuts out the rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.utils.translation import ngettext
from django.views.generic import TemplateView

from ..directory.entry import Entry
from ..directory.store import Store
from ..words.text import Text
from .page import Page
from .shown import ShownState

ROWS = 25
LONGEST_QUERY = 200

EntryType = TypeVar('EntryType', bound=Entry)


@dataclass(frozen=True)
class ListPart(Generic[EntryType]):
    """The rows of a list on one page of it."""

    rows: tuple[EntryType, ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages the list has."""
        return max(1, -(-self.total // ROWS))

    @property
    def first(self) -> int:
        """The place of the first row in the list."""
        return (self.number - 1) * ROWS + 1

    @property
    def last(self) -> int:
        """The place of the last row in the list."""
        return self.first + len(self.rows) - 1

    @property
    def before(self) -> int:
        """The number of the page before, 0 for none."""
        return self.number - 1

    @property
    def after(self) -> int:
        """The number of the next page, 0 for none."""
        return self.number + 1 if self.number < self.pages else 0


class EntryList(Page, TemplateView, Generic[EntryType]):
    """A list to search in, page by page."""

    template_name = 'email-list.html'
    row_template: ClassVar[str]
    search_hint: ClassVar[Text]
    add_name: ClassVar[str]
    add_text: ClassVar[Text]
    empty_title: ClassVar[Text]
    empty_text: ClassVar[Text]
    KEPT: ClassVar[tuple[str, ...]] = ('q', 'domain')
    """The parameters that stay in the address of another page of the list."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows that were asked for."""
        query, domain = (
            self.request.GET.get(name, '').strip()[:LONGEST_QUERY] for name in ('q', 'domain')
        )
        with Store() as store:
            part = self.part(store, self.filters(query, domain))
            primary = store.settings().primary_domain
        rows = [(entry, self.describe(entry, primary)) for entry in part.rows]
        return super().get_context_data(
            query=query,
            domain=domain,
            part=part,
            rows=rows,
            counted=self.results(part.total) if query else self.counted(part.total),
            primary=primary,
            **kwargs,
        )

    def filters(self, query: str, domain: str) -> Mapping[type[EntryType], str]:
        """The filter of each kind that is listed."""
        raise NotImplementedError

    def counted(self, total: int) -> Text:
        """The length of the whole list in words."""
        raise NotImplementedError

    @staticmethod
    def results(total: int) -> Text:
        """The number of results in words."""
        return ngettext('{total} result', '{total} results', total).format(total=total)

    def part(self, store: Store, filters: Mapping[type[EntryType], str]) -> ListPart[EntryType]:
        """One page of the results; a number behind the end means the last page."""

        def look(number: int) -> Any:
            return store.page_of(filters, (number - 1) * ROWS, ROWS)

        text = self.request.GET.get('page', '')
        number = max(1, int(text)) if re.fullmatch('[0-9]{1,6}', text) else 1
        found = look(number)
        last = max(1, -(-found.total // ROWS))
        if number > last:
            number, found = last, look(last)
        return ListPart(found.entries, found.total, number)

    def kept(self) -> str:
        """The part of the query that stays on other pages of the list."""
        kept = ((name, self.request.GET.get(name)) for name in self.KEPT)
        return urlencode([(name, value) for name, value in kept if value])

    def describe(self, entry: Any, primary: str) -> ShownState:
        """The state of an entry; `primary` is the primary domain."""
        raise NotImplementedError
