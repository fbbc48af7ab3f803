# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists to search in, page by page; slapd searches and cuts out the rows."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.views.generic import TemplateView

from ..directory.entry import Entry
from ..directory.store import Store
from ..status import Text
from .page import Page
from .shown import Shown

ROWS = 25
LONGEST_QUERY = 200

EntryType = TypeVar('EntryType', bound=Entry)


@dataclass(frozen=True)
class Part(Generic[EntryType]):
    """The rows of a list on one page of it."""

    rows: tuple[EntryType, ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """Return how many pages the list has."""
        return max(1, -(-self.total // ROWS))

    @property
    def first(self) -> int:
        """Return the place of the first row in the list."""
        return (self.number - 1) * ROWS + 1

    @property
    def last(self) -> int:
        """Return the place of the last row in the list."""
        return self.first + len(self.rows) - 1

    @property
    def before(self) -> int:
        """Return the number of the page before, 0 for none."""
        return self.number - 1

    @property
    def after(self) -> int:
        """Return the number of the next page, 0 for none."""
        return self.number + 1 if self.number < self.pages else 0


class Listing(Page, TemplateView, Generic[EntryType]):
    """A list to search in, page by page."""

    template_name = 'email-list.html'
    kind: ClassVar[type[Entry]]
    row_template: ClassVar[str]
    below_template: ClassVar[str]
    search_hint: ClassVar[Text]
    add_name: ClassVar[str]
    add_text: ClassVar[Text]
    empty_title: ClassVar[Text]
    empty_text: ClassVar[Text]
    unless: ClassVar[dict[str, str]] = {}
    """What is not listed before somebody asks for it, by field and value."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows that were asked for."""
        query, domain = (
            self.request.GET.get(name, '').strip()[:LONGEST_QUERY] for name in ('q', 'domain')
        )
        with Store() as store:
            unless = {} if query or 'all' in self.request.GET else self.unless
            part = self.part(store, query, domain, unless)
            hidden = unless and store.page(self.kind, '', unless, limit=1, domain=domain).total
            primary = store.settings().primary_domain
        rows = [(entry, self.describe(entry, primary)) for entry in part.rows]
        return super().get_context_data(
            query=query,
            domain=domain,
            part=part,
            rows=rows,
            hidden=hidden,
            primary=primary,
            **kwargs,
        )

    def part(
        self, store: Store, query: str, domain: str, unless: dict[str, str]
    ) -> Part[EntryType]:
        """Return one page of what is found; a number behind the end means the last page."""

        def look(number: int) -> Any:
            offset = (number - 1) * ROWS
            return store.page(self.kind, query, None, offset, ROWS, unless, domain)

        text = self.request.GET.get('page', '')
        number = max(1, int(text)) if re.fullmatch('[0-9]{1,6}', text) else 1
        found = look(number)
        last = max(1, -(-found.total // ROWS))
        if number > last:
            number, found = last, look(last)
        return Part(found.entries, found.total, number)

    def kept(self) -> str:
        """Return what stays in the address of another page of the list."""
        kept = ((name, self.request.GET.get(name)) for name in ('q', 'domain', 'all'))
        return urlencode([(name, value) for name, value in kept if value])

    def describe(self, entry: Any, primary: str) -> Shown:
        """Return what an entry means; `primary` is the main domain."""
        raise NotImplementedError
