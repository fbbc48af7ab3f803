# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resolver that knows one zone, with its aliases and wildcards (RFC 1034, RFC 4592)."""

from collections.abc import Iterable
from dataclasses import dataclass

import dns.name
import dns.rdata
import dns.rdatatype
import dns.zone

from ..answer import Answer, Status
from ..ask import Asker, spell

_MOST_ALIASES = 8


@dataclass
class ZoneAsker(Asker):
    """Answers from the text of a zone; of names below `silent` it says nothing."""

    resolvers: tuple[str, ...] = ()
    origin: str = 'example.test'
    text: str = ''
    silent: str = 'nowhere.invalid'

    def __post_init__(self) -> None:
        """Read the zone; its records may be of names outside of it."""
        self._records: dict[dns.name.Name, dict[str, list[dns.rdata.Rdata]]] = {}
        top = dns.name.from_text(self.origin)
        for line in filter(None, map(str.strip, self.text.splitlines())):
            name, kind, value = line.split(None, 2)
            rdata = dns.rdata.from_text('IN', kind, value, origin=top, relativize=False)
            kinds = self._records.setdefault(dns.name.from_text(name, top), {})
            kinds.setdefault(kind, []).append(rdata)

    async def recurse(self, name: str, kind: str) -> Answer:
        """The answer of a resolver."""
        if f'.{name}'.endswith(f'.{self.silent}'):
            return Answer(Status.SILENT)
        return self._find(dns.name.from_text(name), kind, ())

    def _find(self, name: dns.name.Name, kind: str, via: tuple[str, ...]) -> Answer:
        found = self._at(name)
        if found is None:
            return Answer(Status.NONE, via=via)
        if 'CNAME' in found and kind != 'CNAME':
            target = dns.name.from_text(spell(found['CNAME'][0]))
            if len(via) > _MOST_ALIASES:
                return Answer(Status.LOOP, via=via)
            return self._find(target, kind, (*via, str(target).rstrip('.')))
        values = tuple(sorted(map(spell, found.get(kind, ()))))
        return Answer(Status.FOUND if values else Status.EMPTY, values, via, 300)

    def _at(self, name: dns.name.Name) -> dict[str, list[dns.rdata.Rdata]] | None:
        """The records at a name, or at the wildcard beside the nearest name above that exists."""
        if name in self._records:
            return self._records[name]
        if self._exists(name, self._records):
            return {}
        above = name.parent()
        while above != dns.name.root and not self._exists(above, self._records):
            above = above.parent()
        return self._records.get(dns.name.from_text('*', above))

    @staticmethod
    def _exists(name: dns.name.Name, names: Iterable[dns.name.Name]) -> bool:
        return any(each.is_subdomain(name) for each in names)
