# SPDX-License-Identifier: AGPL-3.0-or-later
"""Relays that waiting mail waits for: a refused login or sender, or no connection.

Postfix's queue has the reason of every message that was put off. It names the host, and holds
the host's own sentence, which a stranger may have written: it is shown and never believed.

DIAGNOSTICS
    OSError, TimeoutError   the queue could not be listed
"""

import itertools
import json
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from ..directory.relay import Relay
from ..directory.routing import Decision, decider, relays_of
from ..directory.store import Store
from ..errors import MailError
from ..system import files, programs
from ..system.json_value import JsonValue

PATH = pathlib.Path('/var/lib/freedombox-email/relay-troubles.json')
"""The last look, for the notifications of the web interface."""
LISTING_SECONDS = 10
MOST_LISTED = 2000
LONGEST_WORDS = 300
Decider = Callable[[str, str], Decision]
TroubleKind = Literal['login', 'sender', 'certificate', 'encryption', 'unreachable', 'other']
_LOGIN = re.compile(r'SASL .*authentication|\b53[0458][ -]|authentication required', re.IGNORECASE)
_ENCRYPTION = re.compile(r'TLS|SSL|certificate', re.IGNORECASE)
_UNREACHABLE = re.compile(
    r'^connect to|Name service error|Host or domain name|lost connection|timed out', re.IGNORECASE
)
_NAMELESS = re.compile(r'Server certificate not |Cannot start TLS: ')
_SENDER = re.compile(r'MAIL FROM|sender|not owned|send as|verified', re.IGNORECASE)
_SAID = re.compile(r'(?: said| to me): (.*)', re.DOTALL)
_SUSPENDED = 'delivery temporarily suspended: '


@dataclass(frozen=True)
class RelayTrouble(JsonValue):
    """A relay, how many messages wait for it, and why, in its own words."""

    relay: str
    kind: TroubleKind
    count: int
    said: str


@dataclass(frozen=True)
class RelayTroubles(JsonValue):
    """All troubles with relays, the one with most messages first."""

    found: tuple[RelayTrouble, ...] = ()


def _own(reason: str) -> str:
    """Postfix's own words in a reason; what the other side said may lie."""
    return re.split(r' said: | to me: ', reason)[0]


def kind_of(reason: str) -> TroubleKind:
    """The kind of trouble a reason tells of."""
    own = _own(reason)
    if _UNREACHABLE.search(own):
        return 'unreachable'
    if _LOGIN.search(reason):
        return 'login'
    if own == reason and _ENCRYPTION.search(own):
        return 'certificate' if 'certificate' in own else 'encryption'
    return 'sender' if _SENDER.search(reason) else 'other'


def sentence(reason: str) -> str:
    """The relay's own sentence in a reason, or the whole reason where it said nothing."""
    found = _SAID.search(reason)
    text = found[1] if found else reason
    shown = ''.join(sign if sign.isprintable() else '?' for sign in text)
    return shown[:LONGEST_WORDS]


@dataclass(frozen=True)
class _Waiting:
    """A message that waits: from whom, to which domain, and why."""

    sender: str
    place: str
    reason: str


def _waiting(lines: Iterable[str]) -> Iterator[_Waiting]:
    """Yield each message that waits, with the first reason of many."""
    for line in lines:
        entry: Mapping[str, Any] = json.loads(line)
        for each in entry.get('recipients', ()):
            if reason := str(each.get('delay_reason', '')):
                place = str(each.get('address', '')).rpartition('@')[2]
                sender = str(entry.get('sender', ''))
                yield _Waiting(sender, place, reason.removeprefix(_SUSPENDED))
                break


def _relay_of(each: _Waiting, hosts: Mapping[str, str], decide: Decider) -> str:
    """The name of the relay a message waits for; '' for any other place.

    Postfix names no host where the encryption failed; then it is the one the mail has to take.
    """
    named = next((name for host, name in hosts.items() if _names(host, each.reason)), '')
    if named or not _NAMELESS.match(each.reason):
        return named
    try:
        return decide(each.sender if '@' in each.sender else '', each.place).route.relay
    except MailError:  # an address of others that is none of ours
        return decide('', each.place).route.relay


def read(lines: Iterable[str], relays: Iterable[Relay], decide: Decider) -> RelayTroubles:
    """The troubles in a listing of the queue; `decide` gives the way of a message."""
    hosts = {relay.host: relay.name for relay in relays}
    reasons: dict[str, list[str]] = {}
    for each in _waiting(lines):
        if name := _relay_of(each, hosts, decide):
            reasons.setdefault(name, []).append(each.reason)
    found = [
        RelayTrouble(name, kind_of(words[0]), len(words), sentence(words[0]))
        for name, words in sorted(reasons.items(), key=lambda pair: -len(pair[1]))
    ]
    return RelayTroubles(tuple(found))


def _names(host: str, reason: str) -> bool:
    """Whether Postfix's own words in a reason name a host."""
    return re.search(rf'(?<![\w.-]){re.escape(host)}(?![\w.-]*\w)', _own(reason)) is not None


def look() -> RelayTroubles:
    """The troubles in the queue of now; without a relay the queue is not listed."""
    with Store() as store:
        relays = relays_of(store)
        if not relays:
            return RelayTroubles()
        decide = decider(store)
    with closing(programs.lines(['postqueue', '-j'], LISTING_SECONDS)) as found:
        return read(itertools.islice(found, MOST_LISTED), relays.values(), decide)


def watch() -> None:
    """Look, and keep what was seen for the web interface."""
    files.tell_web(PATH, look().to_json())


def forget(name: str) -> None:
    """Keep no trouble with a relay that is gone."""
    left = tuple(each for each in kept() or () if each.relay != name)
    files.tell_web(PATH, RelayTroubles(left).to_json())


def kept(path: pathlib.Path = PATH) -> tuple[RelayTrouble, ...] | None:
    """The troubles of the last look that was kept; None when there was none."""
    try:
        return RelayTroubles.from_json(json.loads(path.read_text(encoding='utf-8'))).found
    except (OSError, ValueError):
        return None
