# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers of DNS servers: plain values, made by `ask` and judged by `compare`."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Question(NamedTuple):
    """A name and the kind of record asked for."""

    name: str
    kind: str


class Status(enum.Enum):
    """How a question ended."""

    FOUND = 'found'
    EMPTY = 'empty'
    """The name is there, with no such record."""
    NONE = 'none'
    """There is no such name."""
    LOOP = 'loop'
    """Aliases lead in a circle."""
    REFUSED = 'refused'
    """The server does not speak for this name."""
    FAILED = 'failed'
    BOGUS = 'bogus'
    """The resolver finds a signature wrong (DNSSEC)."""
    GARBAGE = 'garbage'
    SILENT = 'silent'

    @property
    def is_answer(self) -> bool:
        """Whether this is an answer, be it that there is nothing."""
        return self in (Status.FOUND, Status.EMPTY, Status.NONE, Status.LOOP)


@dataclass(frozen=True)
class Answer:
    """The answer of one server to one question; `via` are the aliases it led through."""

    status: Status
    values: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    ttl: int = 0
    server: str = ''


SILENCE = Answer(Status.SILENT)


@dataclass(frozen=True)
class DnsView:
    """The answers of the domain's own servers, and of the resolver others would use."""

    own: tuple[Answer, ...] = ()
    resolver: Answer = SILENCE

    @property
    def best(self) -> Answer:
        """The most telling answer: that of the own servers comes first."""
        for answer in (*self.own, self.resolver):
            if answer.status.is_answer:
                return answer
        return next((each for each in (*self.own, self.resolver) if each != SILENCE), SILENCE)


class Dnssec(enum.Enum):
    """Whether the zone is signed."""

    UNSIGNED = 'unsigned'
    SIGNED = 'signed'
    BROKEN = 'broken'
    UNKNOWN = 'unknown'


@dataclass(frozen=True)
class Fetched:
    """The policy file as fetched; `problem` is a code, '' when all is well."""

    text: str = ''
    problem: str = ''


@dataclass(frozen=True)
class Setup:
    """The settings a mail app gets at one place.

    `host` is where it is told to read mail; without one, `problem` says why: `absent` (no
    such name), `unreachable`, `untrusted` (its certificate) or `missing` (no settings).
    """

    url: str
    problem: str = ''
    host: str = ''
    outside: bool = False
    """Whether another box asked there, and not this one."""


class PortFound(NamedTuple):
    """Another box's finding at a port: '' for a connection, else why there is none."""

    port: int
    problem: str = ''


@dataclass(frozen=True)
class Reached:
    """Another box's finding at port 25 of one of our addresses, the one it was asked from.

    Without a greeting, `problem` says why there is none; `reached` knows the codes.
    """

    address: str = ''
    problem: str = ''
    greeting: str = ''
    ports: tuple[PortFound, ...] = ()
    """The ports of mail apps; none when the other box did not look."""


@dataclass(frozen=True)
class BlockListing:
    """A block list that has, or cannot be asked about, one of our names and numbers."""

    title: str
    subject: str
    page: str
    problem: str = ''
    """'' when listed, `home` when as a line of homes, `odd` for an unknown answer, else why
    the list gave no answer."""
    codes: tuple[str, ...] = ()
    """The answers of the list."""


@dataclass(frozen=True)
class Seen:
    """The findings of one look; None or silence stands for those that could not be made."""

    zone: str | None = None
    servers: tuple[str, ...] = ()
    lost_servers: tuple[str, ...] = ()
    """Name servers of the zone that have no address."""
    resolver_answers: bool = False
    views: Mapping[Question, DnsView] = field(default_factory=dict)
    spf: Mapping[str, str] = field(default_factory=dict)
    """The result of the SPF rules for each address mail may come from."""
    spf_strangers: Mapping[str, str] = field(default_factory=dict)
    """The same for addresses without a host."""
    reverse: Mapping[str, Answer] = field(default_factory=dict)
    dnssec: Dnssec = Dnssec.UNKNOWN
    dnssec_of_host: Dnssec = Dnssec.UNKNOWN
    """Whether the zone is signed that the mail host is in, often the same."""
    validates: bool | None = None
    """Whether this box checks the signatures of others."""
    port_25: bool | None = None
    port_25_by: Mapping[str, bool] = field(default_factory=dict)
    """Whether a mail server was reached, by the versions of the internet protocol."""
    reached: tuple[Reached, ...] | None = None
    """The finding of another box at our port 25; None when none is chosen."""
    listings: tuple[BlockListing, ...] | None = None
    clock_offset: float | None = None
    policy: Fetched | None = None
    setups: Mapping[str, Setup] | None = None
    """The settings mail apps get, by the places they ask."""
    seconds: float = 0.0

    def view(self, name: str, kind: str) -> DnsView:
        """The answers about a name."""
        return self.views.get(Question(name, kind), DnsView())

    def addresses(self, name: str) -> tuple[str, ...]:
        """The addresses a name has."""
        return tuple(value for kind in ('A', 'AAAA') for value in self.view(name, kind).best.values)
