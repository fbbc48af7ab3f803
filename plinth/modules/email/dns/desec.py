# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write records into a zone at deSEC, by its web interface (desec.readthedocs.io).

All changes go in one request, which deSEC makes all of or none. The values of a name and kind are
one set there (RRset), so a change is the set as it will be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from .answer import Question, Status
from .changes import Values, ZoneChange
from .hoster import HostedZone
from .records import TTL
from .zone_sets import ValueSet, after, answers, label_of

URL = 'https://desec.io/api/v1'
SHORTEST_TTL = 3600
"""deSEC takes no shorter one from a new account."""


@dataclass(frozen=True)
class DeSec(HostedZone):
    """A zone at deSEC, and a token that may change it."""

    url: str = URL
    scheme: ClassVar[str] = 'Token'

    @property
    def _path(self) -> str:
        return f'/domains/{self.zone}/rrsets/'

    def _sets(self) -> dict[tuple[str, str], list[str]]:
        """The values of the whole zone."""
        found = self._hoster.ask('GET', self._path)
        return self._listed(found, '', 'subname', 'type', 'records')

    def read(self, questions: Iterable[Question]) -> dict[Question, tuple[Status, Values]]:
        """The values in the zone."""
        return answers(self._sets(), questions)

    def _written(self, each: ValueSet) -> dict[str, Any]:
        """A set as deSEC takes it."""
        return {
            'subname': label_of(each.name, self.zone, ''), 'type': each.kind,
            'ttl': max(TTL, SHORTEST_TTL), 'records': each.values,
        }  # fmt: skip

    def change(self, changes: Iterable[ZoneChange]) -> None:
        """Make all changes, or none."""
        body = list(map(self._written, after(self._sets(), changes)))
        self._hoster.ask('PATCH', self._path, body)
