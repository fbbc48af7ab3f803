# SPDX-License-Identifier: AGPL-3.0-or-later
"""Propagation of signing keys: the answers of every name server of a zone.

Stricter than `look`: a key counts as there only when each server of the zone, and not just the
first few, has it, alone under its name and fit to check signatures with.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .answer import Answer, Status
from .ask import Asker, find_zone, resolvers
from .keys import ABSENT, RIGHT, judge
from .records import Key

DEADLINE = 6.5
MOST_SERVERS = 32


@dataclass(frozen=True)
class Sight:
    """Which servers have a key, have nothing there, have something else, or said nothing."""

    right: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    ttl: int = 0

    @property
    def is_everywhere(self) -> bool:
        """Whether every server has it."""
        return bool(self.right) and not (self.absent or self.other or self.silent)

    @property
    def is_nowhere(self) -> bool:
        """Whether no server has anything there."""
        return bool(self.absent) and not (self.right or self.other or self.silent)

    def __str__(self) -> str:
        parts = (('right', self.right), ('not there', self.absent), ('wrong', self.other),
                 ('no answer', self.silent))  # fmt: skip
        said = [f'{word} at {", ".join(names)}' for word, names in parts if names]
        return '; '.join(said) or 'nothing was found out'

    @property
    def wrong(self) -> tuple[str, ...]:
        """The servers where others would not find the key."""
        return (*self.absent, *self.other)


@dataclass
class _Tally:
    """Answers about one key so far; servers not heard of yet count as silent."""

    servers: tuple[str, ...] = ()
    heard: dict[str, tuple[str, int]] = field(default_factory=dict)

    def note(self, server: str, answer: Answer, key: Key) -> None:
        """Note the answer of a server; of several addresses of one server the worst counts.

        One that is dead does no harm: resolvers turn to the next.
        """
        order = ('silent', 'right', 'absent', 'other')
        word, ttl = _judge(answer, key), answer.ttl
        if server in self.heard:
            former, former_ttl = self.heard[server]
            word, ttl = max(word, former, key=order.index), max(ttl, former_ttl)
        self.heard[server] = word, ttl

    def sight(self) -> Sight:
        """The sight so far."""
        words = {name: self.heard.get(name, ('silent', 0))[0] for name in self.servers}
        by_word = {
            wanted: tuple(sorted(name for name, word in words.items() if word == wanted))
            for wanted in ('right', 'absent', 'other', 'silent')
        }
        return Sight(**by_word, ttl=max((ttl for _word, ttl in self.heard.values()), default=0))


def _judge(answer: Answer, key: Key) -> str:
    if not answer.status.is_answer:
        return 'silent'
    if answer.status is not Status.FOUND:
        return 'absent'
    return {RIGHT: 'right', ABSENT: 'absent'}.get(judge(answer.values, key), 'other')


async def _addresses(asker: Asker, zone: str) -> dict[str, tuple[str, ...]]:
    """The addresses of all servers of a zone, of the kind by which they answer this box."""
    listed = await asker.recurse(zone, 'NS')
    names = [value.rstrip('.').lower() for value in listed.values]
    if len(names) > MOST_SERVERS:
        return {}
    return dict(
        zip(names, await asyncio.gather(*(_of(asker, zone, name) for name in names)), strict=True)
    )


async def _of(asker: Asker, zone: str, server: str) -> tuple[str, ...]:
    return await asker.heard(zone, await asker.addresses(server))


async def _ask(asker: Asker, domain: str, keys: Iterable[Key], tallies: dict[str, _Tally]) -> None:
    async def one(key: Key) -> None:
        name = f'{key.selector}._domainkey.{domain}'
        zone = await find_zone(asker, name)
        addresses = await _addresses(asker, zone.name) if zone else {}
        tally = tallies[key.selector]
        tally.servers = tuple(addresses)

        async def hear(server: str, address: str) -> None:
            tally.note(server, await asker.own(name, 'TXT', address), key)

        await asyncio.gather(*(hear(*pair) for pair in _pairs(addresses)))

    await asyncio.gather(*map(one, keys))


def _pairs(addresses: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    return ((server, address) for server, found in addresses.items() for address in found)


def look(
    domain: str, keys: Iterable[Key], servers: tuple[str, ...] | None = None
) -> dict[str, Sight]:
    """The sight of each key, by its selector; takes `DEADLINE` seconds at the most."""
    wanted = tuple(keys)
    tallies = {key.selector: _Tally() for key in wanted}

    async def run() -> None:
        asker = Asker(resolvers() if servers is None else servers)
        try:
            async with asyncio.timeout(DEADLINE):
                await _ask(asker, domain, wanted, tallies)
        except TimeoutError:
            return

    if wanted:
        asyncio.run(run())
    return {selector: tally.sight() for selector, tally in tallies.items()}
