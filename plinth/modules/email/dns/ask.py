# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ask DNS servers, many questions at once.

All is done by one event loop in the calling thread; addresses are numbers, so nothing here
starts a thread that could be left behind by a server that never answers.
"""

import asyncio
import pathlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.resolver
import dns.reversename
from dns.rdtypes.ANY.TXT import TXT

from .answer import SILENCE, Answer, Question, Status

QUERY_SECONDS = 1.3
ATTEMPTS = 2
DEAD_AFTER = 8
"""A server that left so many questions unanswered, and answered none, is asked no more."""
AT_ONCE = 48
MOST_VALUES = 120
MOST_SERVERS = 4
LONGEST_CHAIN = 8
_UPSTREAM = pathlib.Path('/run/systemd/resolve/resolv.conf')
"""Servers behind systemd's own, which answers for names in /etc/hosts as no other would."""

_RCODES = {
    dns.rcode.NXDOMAIN: Status.NONE,
    dns.rcode.SERVFAIL: Status.FAILED,
    dns.rcode.REFUSED: Status.REFUSED,
    dns.rcode.NOTAUTH: Status.REFUSED,
}


def resolvers() -> tuple[str, ...]:
    """The addresses of the resolvers this box uses."""
    path = _UPSTREAM if _UPSTREAM.exists() else pathlib.Path('/etc/resolv.conf')
    try:
        found = dns.resolver.Resolver(str(path)).nameservers
    except (OSError, dns.exception.DNSException):
        return ()
    return tuple(str(each) for each in found)[:MOST_SERVERS]


def spell(rdata: dns.rdata.Rdata) -> str:
    """A record's value as we compare it: texts in one piece, all else as in zones."""
    if isinstance(rdata, TXT):
        return b''.join(rdata.strings).decode('utf-8', 'backslashreplace')
    return str(rdata.to_text())


def read(message: dns.message.Message, server: str) -> Answer:
    """The answer in a message."""
    if not isinstance(message, dns.message.QueryMessage):
        return Answer(Status.GARBAGE, server=server)
    rcode = message.rcode()
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Answer(_RCODES.get(rcode, Status.FAILED), server=server)
    try:
        chain = message.resolve_chaining()
    except dns.message.ChainTooLong:
        return Answer(Status.LOOP, server=server)
    except dns.exception.DNSException:
        return Answer(Status.GARBAGE, server=server)
    via = tuple(str(each.target).rstrip('.').lower() for rrset in chain.cnames for each in rrset)
    if chain.answer is None:
        status = Status.NONE if rcode == dns.rcode.NXDOMAIN else Status.EMPTY
        return Answer(status, via=via, server=server)
    values = sorted(spell(each) for each in chain.answer)[:MOST_VALUES]
    return Answer(Status.FOUND, tuple(values), via, chain.answer.ttl, server)


@dataclass
class Asker:
    """Asks servers by their addresses, not too many questions at a time."""

    resolvers: tuple[str, ...]
    port: int = 53
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _alive: set[str] = field(default_factory=set)
    _unanswered: Counter[str] = field(default_factory=Counter)

    def _is_dead(self, server: str) -> bool:
        return server not in self._alive and self._unanswered[server] >= DEAD_AFTER

    async def exchange(
        self, question: Question, server: str, flags: int = 0, dnssec: bool = False
    ) -> dns.message.Message | Status:
        """The message a server answers with, or how it failed to."""
        try:
            query = dns.message.make_query(question.name, question.kind, want_dnssec=dnssec)
        except dns.exception.DNSException:
            return Status.GARBAGE
        query.flags = dns.flags.Flag(flags)
        async with self._gate:
            if self._is_dead(server):
                return Status.SILENT
            return await self._send(query, server)

    async def _send(self, query: dns.message.Message, server: str) -> dns.message.Message | Status:
        """Send a query until a message comes back, or as often as patience lasts."""
        outcome = Status.SILENT
        for _attempt in range(ATTEMPTS):
            try:
                message, _tcp = await dns.asyncquery.udp_with_fallback(
                    query, server, QUERY_SECONDS, self.port
                )
            except (dns.exception.Timeout, OSError, EOFError):
                continue
            except (dns.exception.DNSException, ValueError):
                outcome = Status.GARBAGE
                continue
            self._alive.add(server)
            return message
        self._unanswered[server] += outcome is Status.SILENT
        return outcome

    async def _ask(self, question: Question, server: str, flags: int) -> Answer:
        message = await self.exchange(question, server, flags)
        if isinstance(message, Status):
            return Answer(message, server=server)
        answer = read(message, server)
        if answer.status is Status.EMPTY and not flags and not message.flags & dns.flags.AA:
            return Answer(Status.REFUSED, server=server)
        return answer

    async def recurse(self, name: str, kind: str) -> Answer:
        """Ask the resolvers, the next one only when one fails."""
        answer = SILENCE
        for server in self.resolvers:
            answer = await self._ask(Question(name, kind), server, dns.flags.RD)
            if answer.status.is_answer:
                return answer
            if answer.status is Status.FAILED:
                return await self._why_failed(name, kind, answer)
            self._ask_last(server)
        return answer

    def _ask_last(self, server: str) -> None:
        """Turn to a server that failed only when all others do, for each wait costs seconds."""
        others = tuple(each for each in self.resolvers if each != server)
        self.resolvers = (*others, server)

    async def _why_failed(self, name: str, kind: str, failed: Answer) -> Answer:
        """Ask again without checks of signatures, to learn whether those are the reason."""
        flags = dns.flags.RD | dns.flags.CD
        unchecked = await self._ask(Question(name, kind), failed.server, flags)
        if unchecked.status.is_answer:
            return replace(unchecked, status=Status.BOGUS)
        return failed

    async def both(self, name: str) -> tuple[Answer, Answer]:
        """The answers about the addresses of a name, the older kind first."""
        return await asyncio.gather(self.recurse(name, 'A'), self.recurse(name, 'AAAA'))

    async def addresses(self, name: str) -> tuple[str, ...]:
        """The addresses of a name, those of the older kind first."""
        return _addresses(await self.both(name))

    async def heard(self, zone: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """The addresses of a zone's server by which this box can ask it, the best first.

        All are tried at once and the first answer decides: a box can have a way out by IPv4 or
        IPv6 only, and of a server's addresses one can be dead.
        """
        if len(addresses) < 2:
            return addresses
        tried = addresses[:MOST_SERVERS]
        question = Question(zone, 'SOA')
        tries = {asyncio.ensure_future(self._ask(question, each, 0)): each for each in tried}
        try:
            for done in asyncio.as_completed(tries):
                await done
                for task, address in tries.items():
                    if task.done() and task.result().status.is_answer:
                        return _from(address, addresses)
        finally:
            for task in tries:
                task.cancel()
        return families(addresses)[0]

    async def own(self, name: str, kind: str, server: str) -> Answer:
        """Ask a server that has the zone; where an alias leads elsewhere, follow it."""
        answer = await self._ask(Question(name, kind), server, 0)
        if not answer.via or answer.status is Status.FOUND or kind == 'CNAME':
            return answer
        return await self._follow(name, kind, answer)

    async def _follow(self, name: str, kind: str, answer: Answer) -> Answer:
        """Follow an alias out of its zone."""
        if answer.via[-1] in (name, *answer.via[:-1]) or len(answer.via) > LONGEST_CHAIN:
            return replace(answer, status=Status.LOOP, values=())
        end = await self.recurse(answer.via[-1], kind)
        via = (*answer.via, *end.via)
        if name in via or len(set(via)) < len(via):
            return replace(answer, status=Status.LOOP, values=())
        return replace(end, via=via, server=answer.server)


@dataclass(frozen=True)
class Zone:
    """A zone: its name and the servers that have it, as names with addresses."""

    name: str
    servers: tuple[tuple[str, str], ...] = ()
    lost: tuple[str, ...] = ()
    """Servers that have no address."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the servers."""
        return tuple(address for _name, address in self.servers)


async def find_zone(asker: Asker, name: str) -> Zone | None:
    """The zone a name is in; None when there is none or it is unknown."""
    labels = name.split('.')
    for start in range(max(1, len(labels) - 1)):
        candidate = '.'.join(labels[start:])
        answer = await asker.recurse(candidate, 'NS')
        if answer.status is Status.FOUND and not answer.via:
            return await _zone(asker, candidate, answer.values)
        if not (answer.status.is_answer or answer.status is Status.BOGUS):
            return None
    return None


async def _zone(asker: Asker, name: str, names: Iterable[str]) -> Zone:
    """A zone with its servers; of many the first few will do."""
    chosen = [each.rstrip('.').lower() for each in names][:MOST_SERVERS]

    async def one(server: str) -> tuple[str, ...] | None:
        said = await asker.both(server)
        found = _addresses(said)
        if not found and all(answer.status.is_answer for answer in said):
            return None
        return await asker.heard(name, found)

    found = dict(zip(chosen, await asyncio.gather(*map(one, chosen)), strict=True))
    servers = tuple((server, each[0]) for server, each in found.items() if each)
    return Zone(name, servers, tuple(server for server, each in found.items() if each is None))


def _addresses(answers: Iterable[Answer]) -> tuple[str, ...]:
    found = [answer for answer in answers if answer.status is Status.FOUND]
    return tuple(value for answer in found for value in answer.values)


def _from(address: str, addresses: Iterable[str]) -> tuple[str, ...]:
    """The addresses of the same kind as one of them, which comes first."""
    return tuple(dict.fromkeys(
        [address, *(each for each in addresses if (':' in each) == (':' in address))]
    ))  # fmt: skip


def families(addresses: Iterable[str]) -> list[tuple[str, ...]]:
    """The addresses of each version of the internet protocol, the older one first."""
    known = tuple(addresses)
    kinds = (tuple(each for each in known if (':' in each) is six) for six in (False, True))
    return [kind for kind in kinds if kind]


def reverse_name(address: str) -> str:
    """The name under which an address is looked up."""
    return str(dns.reversename.from_address(address)).rstrip('.')
