# SPDX-License-Identifier: AGPL-3.0-or-later
"""A look at a domain from the world's side, all at once and never for long.

`look` blocks its caller for so many seconds at the most, whatever DNS does; what has not
answered until then counts as silent.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import discovery, dnssec, probe, reach, setups_outside, spf
from .answer import SILENCE, Answer, Dnssec, DnsView, Question, Reached, Seen, Status
from .ask import Asker, Zone, find_zone, resolvers, reverse_name
from .endpoints import Places
from .records import Record, Site
from .spf_walk import Evaluation

DEADLINE = 6.5
MOST_MAIL_HOSTS = 5
_LEADING = ('MX', 'SRV')
"""Kinds of records that end with the name of a host."""
_NOBODY = ('203.0.113.254', '2001:db8:ffff:ffff:ffff:ffff:ffff:fffe')
"""Addresses for documentation, from which no mail comes (RFC 5737, RFC 3849)."""


def questions(site: Site, records: Iterable[Record]) -> list[Question]:
    """All questions about a domain, each once."""
    names = (site.host, site.domain, f'autoconfig.{site.domain}', f'autodiscover.{site.domain}')
    asked = [Question(name, kind) for name in names for kind in ('A', 'AAAA')]
    for record in records:
        if record.kind == 'CNAME':
            asked += [Question(record.name, 'A'), Question(record.name, 'AAAA')]
        else:
            asked.append(Question(record.name, record.kind))
    for parent in site.above:
        asked += [Question(f'_dmarc.{parent}', 'TXT'), Question(parent, 'CAA')]
    return list(dict.fromkeys(asked))


@dataclass
class Look:
    """One look at one domain; its findings so far are there whenever it is stopped."""

    site: Site
    records: tuple[Record, ...]
    places: Places
    asker: Asker
    seen: dict[str, Any] = field(default_factory=dict)
    own: dict[Question, list[Answer]] = field(default_factory=dict)
    recursive: dict[Question, Answer] = field(default_factory=dict)
    ports_seen: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether another box has looked at the ports: it does few things at a time for others."""

    async def all(self) -> None:
        """Find out everything; another box may take as long as all the rest."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reached())
            group.create_task(self._in_two_steps())

    async def _in_two_steps(self) -> None:
        """Ask first the questions that depend on no earlier answer."""
        asked = questions(self.site, self.records)
        async with asyncio.TaskGroup() as group:
            for work in (
                self._outgoing(),
                self._note('clock_offset', probe.clock_offset(self.asker, self.places.clock)),
                self._zones(asked),
                self._from_resolver(asked),
            ):
                group.create_task(work)
        await self._second(asked)

    async def _note(self, name: str, work: Awaitable[Any]) -> None:
        self.seen[name] = await work

    async def _outgoing(self) -> None:
        """Try whether mail can go out; nothing is known when there is no host to try it with."""
        found = await probe.port_25(self.asker, self.places.mail_hosts)
        self.seen['port_25_by'] = found
        self.seen['port_25'] = any(found.values()) if found else None

    async def _reached(self) -> None:
        """Have another box look at port 25, once: at the domain all others use the host of."""
        if self.places.other_box and self.site.domain == self.site.host:
            self.seen['reached'] = (Reached(problem='unanswered'),)
            await self._note('reached', reach.ask(self.asker, self.places.other_box))
        self.ports_seen.set()

    async def _setups(self, seen: Seen) -> None:
        """Ask for settings as mail apps do, then have another box ask for them."""
        asked = await discovery.addressed(self.asker, self.site, seen)
        here = await discovery.from_here(self.asker).all(asked)
        self.seen['setups'] = here
        if self.places.other_box:
            await self.ports_seen.wait()
            domain, host = self.site.domain, self.site.host
            about = [place for place, _addresses in asked]
            told = await setups_outside.ask(self.asker, self.places.other_box, domain, host, about)
            self.seen['setups'] = setups_outside.merged(asked, here, told, host)

    async def _from_resolver(self, asked: Iterable[Question]) -> None:
        async def one(question: Question) -> None:
            answer = await self.asker.recurse(*question)
            self.recursive[question] = answer
            if answer.status not in (Status.SILENT, Status.GARBAGE):
                self.seen['resolver_answers'] = True

        await asyncio.gather(*map(one, asked))

    async def _zones(self, asked: list[Question]) -> None:
        """Find the zones the names are in, then ask the servers of each."""
        names = list(dict.fromkeys([self.site.domain, self.site.host]))
        found = await asyncio.gather(*(find_zone(self.asker, name) for name in names))
        found = [found[0], found[-1]]
        zones = {zone.name: zone for zone in found if zone}
        if found[0]:
            self.seen['zone'] = found[0].name
            self.seen['servers'] = tuple(name for name, _address in found[0].servers)
            self.seen['lost_servers'] = found[0].lost
        work = [
            self._from_own(question, address)
            for question in asked
            if (zone := _zone_of(question.name, zones.values()))
            for address in zone.addresses
        ]
        work += [self._signatures(zone, found) for zone in zones.values()]
        await asyncio.gather(*work)

    async def _signatures(self, zone: Zone, zones: Sequence[Zone | None]) -> None:
        """Look whether the zone of the domain, or that of the mail host, is signed."""
        said = await dnssec.look(self.asker, zone)
        for name, each in zip(('dnssec', 'dnssec_of_host'), zones, strict=True):
            if each and each.name == zone.name:
                self.seen[name] = said

    async def _from_own(self, question: Question, server: str) -> None:
        answer = await self.asker.own(question.name, question.kind, server)
        self.own.setdefault(question, []).append(answer)

    async def _second(self, asked: Iterable[Question]) -> None:
        """Ask the questions that depend on earlier answers."""
        seen = self.result()
        addresses = self.site.addresses or seen.addresses(self.site.host)
        policy_host = f'mta-sts.{self.site.domain}'
        work: list[Awaitable[Any]] = [self._mail_hosts(seen, asked)]
        work.append(self._spf(addresses, seen))
        work += [self._reverse(address) for address in addresses]
        work.append(self._note('listings', probe.ask_lists(
            self.asker, self.places.block_lists, self.site.domain, addresses)))  # fmt: skip
        work.append(self._setups(seen))
        hosts = seen.addresses(policy_host)
        if hosts:
            work.append(self._note('policy', probe.fetch_policy(policy_host, hosts)))
        await asyncio.gather(*work)

    async def _mail_hosts(self, seen: Seen, asked: Iterable[Question]) -> None:
        """Look up the addresses of the machines that records lead to."""
        found = {
            value.split()[-1].rstrip('.').lower()
            for question, view in seen.views.items()
            if question.kind in _LEADING
            for value in view.best.values[:MOST_MAIL_HOSTS]
        }
        wanted = {Question(host, kind) for host in found - {''} for kind in ('A', 'AAAA')}
        await self._from_resolver(wanted - set(asked))

    async def _spf(self, addresses: Sequence[str], seen: Seen) -> None:
        """Go through the rules for our addresses, and for some unused ones."""
        answer = seen.view(self.site.domain, 'TXT').best
        heard: dict[Question, Answer] = {}

        async def one(name: str, address: str) -> None:
            walk = Evaluation(self.asker, address, self.site.host, heard=heard)
            found = self.seen.setdefault(name, {})
            found[address] = await walk.check(self.site.domain, answer)

        await asyncio.gather(*(one('spf', address) for address in addresses))
        if any(spf.is_spf(text) for text in answer.values):
            await asyncio.gather(*(one('spf_strangers', address) for address in _NOBODY))

    async def _reverse(self, address: str) -> None:
        found = self.seen.setdefault('reverse', {})
        found[address] = await self.asker.recurse(reverse_name(address), 'PTR')
        for name in found[address].values[:1]:
            kind = 'AAAA' if ':' in address else 'A'
            await self._from_resolver([Question(name.rstrip('.').lower(), kind)])

    def result(self) -> Seen:
        """The findings until now."""
        asked = {**self.own, **self.recursive}
        views = {
            question: DnsView(
                tuple(self.own.get(question, ())), self.recursive.get(question, SILENCE)
            )
            for question in asked
        }
        return replace(Seen(views=views), **self.seen)


def _zone_of(name: str, zones: Iterable[Zone]) -> Zone | None:
    """The innermost of the zones that a name is in."""
    holding = [zone for zone in zones if name == zone.name or name.endswith(f'.{zone.name}')]
    return max(holding, key=lambda zone: len(zone.name), default=None)


async def _until(look: Look, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await look.all()
    except TimeoutError:
        return


def look(
    site: Site,
    records: tuple[Record, ...],
    places: Places,
    servers: tuple[str, ...] | None = None,
    seconds: float = DEADLINE,
) -> Seen:
    """The world's view of a domain; `servers` take the place of this box's resolvers."""
    if site.is_hidden:
        return Seen(dnssec=Dnssec.UNSIGNED)
    started = time.monotonic()

    async def run() -> Seen:
        work = Look(site, records, places, Asker(resolvers() if servers is None else servers))
        await _until(work, seconds)
        return work.result()

    return replace(asyncio.run(run()), seconds=round(time.monotonic() - started, 2))
