# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where to look in the world: block lists, mail servers to try port 25 with, a clock.

They change without us, so they are data: `/usr/share/freedombox-email/places.json`. An
administrator's own `/etc/freedombox-email/places.json` takes its place.
"""

import ipaddress
import json
import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import MailError

FILES = ('/etc/freedombox-email/places.json', '/usr/share/freedombox-email/places.json')

LISTED, HOME, REFUSED = 'listed', 'home', 'refused'
"""Meanings of an answer: a sender of spam, a line of homes, and no answer to this question."""
ODD = 'odd'
"""An answer this list is not known to give."""
_MEANINGS = (LISTED, HOME, REFUSED)
_GRAVEST = (LISTED, HOME, ODD, REFUSED)
_USUAL: Mapping[str, Sequence[str]] = {
    REFUSED: ('127.0.0.1', '127.255.255.0/24'),
    LISTED: ('127.0.0.0/8',),
}
"""RFC 5782: 127.0.0.2 and others of that network list, 127.0.0.1 never does."""


@dataclass(frozen=True)
class BlockList:
    """A list of addresses or domains others take no mail from.

    `kind` is `ip4`, `all` (both kinds of addresses) or `domain`. `answers` are the networks of
    127.0.0.0/8 it answers with, by meaning; the smallest network an answer lies in counts.
    `codes` are the names the list's own pages have for answers.
    """

    zone: str
    title: str
    page: str
    kind: str = 'ip4'
    answers: Mapping[str, Sequence[str]] = field(default_factory=lambda: _USUAL, hash=False)
    codes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse places that cannot be asked."""
        if not set(self.answers) <= set(_MEANINGS):
            raise ValueError(f'Not meanings of answers: {self.answers}')
        self._networks()
        if self.kind not in ('ip4', 'all', 'domain') or not self.zone:
            raise ValueError(f'Not a block list: {self}')
        if not self.page.startswith('https://'):
            raise ValueError(f'Not a web page: {self.page}')

    def _networks(self) -> list[tuple[ipaddress.IPv4Network, str]]:
        """Networks of answers and their meaning, the smallest first."""
        found = [(ipaddress.IPv4Network(text), meaning)
                 for meaning, texts in self.answers.items() for text in texts]  # fmt: skip
        return sorted(found, key=lambda each: -each[0].prefixlen)

    def meaning(self, answers: Sequence[str]) -> str:
        """The gravest meaning of some answers."""
        networks = self._networks()
        found = {
            next((what for net, what in networks if address in net), ODD)
            for address in map(ipaddress.IPv4Address, answers)
        }
        return next((each for each in _GRAVEST if each in found), ODD)

    def named(self, answer: str) -> str:
        """An answer as people can look it up: the code, and the list's name for it."""
        name = self.codes.get(answer)
        return f'{answer} ({name})' if name else answer


@dataclass(frozen=True)
class Places:
    """All of them."""

    block_lists: tuple[BlockList, ...] = ()
    mail_hosts: tuple[str, ...] = ()
    clock: str = ''
    other_box: str = ''
    """Another FreedomBox that looks at our port 25; an administrator chooses it."""


def parse(text: str) -> Places:
    """The places in a file's text; ValueError when it is not understood."""
    data: dict[str, Any] = json.loads(text)
    try:
        lists = tuple(BlockList(**each) for each in data['block_lists'])
        return Places(lists, tuple(map(str, data['mail_hosts'])), str(data['clock']))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f'Not a file of places: {error}') from error


def load(files: tuple[str, ...] = FILES) -> Places:
    """The administrator's places, or ours."""
    for name in files:
        path = pathlib.Path(name)
        if path.exists():
            try:
                return parse(path.read_text(encoding='utf-8'))
            except (OSError, ValueError) as error:
                raise MailError('places-invalid', str(error), name=name) from error
    return Places()
