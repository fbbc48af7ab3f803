# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write records into a zone at Gandi (LiveDNS), by its web interface (api.gandi.net/docs/livedns).

A set of values is replaced as a whole, and one request changes one set. So not all changes are
made at once: those that fail are made by the next attempt, which begins with what is there then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import MailError
from .answer import Question, Status
from .changes import Values, ZoneChange
from .hoster import HostedZone
from .records import TTL
from .zone_sets import ValueSet, after, answers, label_of

URL = 'https://api.gandi.net/v5/livedns'
APEX = '@'
PER_PAGE = 100
MOST_PAGES = 50


@dataclass(frozen=True)
class Gandi(HostedZone):
    """A zone at Gandi, and a personal access token that may change it."""

    url: str = URL

    @property
    def _path(self) -> str:
        return f'/domains/{self.zone}/records'

    def _page(self, number: int) -> dict[tuple[str, str], list[str]]:
        """The sets on one page of the list."""
        found = self._hoster.ask('GET', f'{self._path}?page={number}&per_page={PER_PAGE}')
        return self._listed(found, APEX, 'rrset_name', 'rrset_type', 'rrset_values')

    def _sets(self) -> dict[tuple[str, str], list[str]]:
        """The values of the whole zone."""
        sets: dict[tuple[str, str], list[str]] = {}
        for number in range(1, MOST_PAGES + 1):
            page = self._page(number)
            news = page.keys() - sets.keys()
            sets |= page
            if len(page) < PER_PAGE or not news:
                return sets
        raise MailError('provider-refused', 'a zone without end', server=self.server)

    def read(self, questions: Iterable[Question]) -> dict[Question, tuple[Status, Values]]:
        """The values in the zone."""
        return answers(self._sets(), questions)

    def change(self, changes: Iterable[ZoneChange]) -> None:
        """Make the changes one after the other; what makes room comes first."""
        sets = self._sets()
        wanted = list(after(sets, changes))
        for each in sorted(wanted, key=lambda each: bool(each.values)):
            if each.values or (each.name, each.kind) in sets:
                self._set(each)

    def _set(self, each: ValueSet) -> None:
        """Replace a set, or delete it."""
        path = f'{self._path}/{label_of(each.name, self.zone, APEX)}/{each.kind}'
        if each.values:
            body: Any = {'rrset_ttl': TTL, 'rrset_values': each.values}
            self._hoster.ask('PUT', path, body)
        else:
            self._hoster.ask('DELETE', path)
