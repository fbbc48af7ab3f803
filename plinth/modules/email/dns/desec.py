# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write records into a zone at deSEC, by its web interface (desec.readthedocs.io).

All changes go in one request, which deSEC makes all of or none. The values of a name and kind are
one set there (RRset), so a change is the set as it will be.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.rdata
import dns.rdatatype

from ..directory.address import parse_domain
from ..errors import MailError
from .answer import Question, Status
from .ask import spell
from .changes import Values, ZoneChange
from .hoster import HosterApi, check_token
from .records import TTL

URL = 'https://desec.io/api/v1'
SHORTEST_TTL = 3600
"""deSEC takes no shorter one from a new account."""


def _spelled(kind: str, text: str) -> str:
    """A value as we compare it; one that is not read stays as it is."""
    try:
        return spell(dns.rdata.from_text('IN', dns.rdatatype.from_text(kind), text))
    except dns.exception.DNSException:
        return text


@dataclass(frozen=True)
class DeSec:
    """A zone at deSEC, and a token that may change it."""

    zone: str
    secret: str
    url: str = URL

    def __post_init__(self) -> None:
        """Refuse settings that cannot be used."""
        if parse_domain(self.zone) != self.zone:
            raise MailError('zone-invalid')
        check_token(self.secret)

    @property
    def server(self) -> str:
        """The host of the web interface."""
        return self._hoster.name

    @property
    def _hoster(self) -> HosterApi:
        return HosterApi(self.url, f'Token {self.secret}')

    @property
    def _path(self) -> str:
        return f'/domains/{self.zone}/rrsets/'

    def _label(self, name: str) -> str:
        """A name without the zone, '' for the zone itself."""
        return '' if name == self.zone else name.removesuffix(f'.{self.zone}')

    def _sets(self) -> dict[tuple[str, str], list[str]]:
        """The values of the whole zone, by label and kind."""
        found = self._hoster.ask('GET', self._path)
        try:
            return {(each['subname'], each['type']): list(map(str, each['records']))
                    for each in found}  # fmt: skip
        except (KeyError, TypeError) as error:
            raise MailError('provider-refused', 'no RRsets', server=self.server) from error

    def read(self, questions: Iterable[Question]) -> dict[Question, tuple[Status, Values]]:
        """The values in the zone."""
        sets = self._sets()
        labels = {label for label, _kind in sets}
        found = {}
        for question in questions:
            label = self._label(question.name)
            texts = sets.get((label, question.kind), ())
            values = tuple(sorted(_spelled(question.kind, text) for text in texts))
            empty = Status.EMPTY if label in labels else Status.NONE
            found[question] = (Status.FOUND if values else empty, values)
        return found

    def _wanted(self, changes: Iterable[ZoneChange]) -> Iterator[dict[str, Any]]:
        """The sets as they will be."""
        sets = self._sets()
        for change in changes:
            label, kind = self._label(change.name), change.kind
            doomed = {_spelled(kind, text) for text in change.removed}
            present = sets.get((label, kind), [])
            kept = [text for text in present if _spelled(kind, text) not in doomed]
            records = [*kept, *(text for text in change.added if text not in kept)]
            yield {'subname': label, 'type': kind, 'ttl': max(TTL, SHORTEST_TTL),
                   'records': records}  # fmt: skip

    def change(self, changes: Iterable[ZoneChange]) -> None:
        """Make all changes, or none."""
        self._hoster.ask('PATCH', self._path, list(self._wanted(changes)))
