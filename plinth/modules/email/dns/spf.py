# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules by which receivers decide who may send (SPF, RFC 7208).

`parse` is pure. `evaluate` goes through the rules for one address as a receiver would, so
that a record which lets this box send in its own way counts as right.
"""

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .answer import Answer, Status

if TYPE_CHECKING:
    from .ask import Asker

VERSION = 'v=spf1'
MOST_LOOKUPS = 10
MOST_HOSTS = 10
_RESULTS = {'+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral'}
_MECHANISMS = {'all', 'include', 'a', 'mx', 'ip4', 'ip6', 'exists', 'ptr'}


@dataclass(frozen=True)
class Term:
    """One rule: what follows when it matches, its kind, and what it is about."""

    result: str
    kind: str
    target: str = ''
    prefix: str = ''


class PermanentError(ValueError):
    """The rules are not rules; receivers then ignore all of them."""


def is_spf(text: str) -> bool:
    """Return whether a text is meant to be SPF."""
    return text.lower() == VERSION or text.lower().startswith(VERSION + ' ')


def parse(text: str) -> tuple[Term, ...]:
    """Return the rules of a record; PermanentError when they cannot be understood."""
    if not is_spf(text):
        raise PermanentError(text)
    return tuple(map(_term, text.split()[1:]))


def _term(word: str) -> Term:
    name, equals, value = word.partition('=')
    if equals and ':' not in name and '/' not in name:
        return Term('', name.lower(), value)
    sign = word[0] if word[0] in _RESULTS else '+'
    rest = word[1:] if word[0] in _RESULTS else word
    rest, slash, prefix = rest.partition('/')
    kind, colon, target = rest.partition(':')
    kind = kind.lower()
    if kind == 'ip6':  # its value holds colons; the prefix is cut off already
        target = rest.partition(':')[2]
    if kind not in _MECHANISMS or (colon and not target):
        raise PermanentError(word)
    if kind in ('ip4', 'ip6', 'include', 'exists') and not target:
        raise PermanentError(word)
    return Term(_RESULTS[sign], kind, target, slash + prefix)


def _network_holds(address: str, network: str, prefix: str) -> bool:
    """Return whether an address is in a network; PermanentError if it is no network."""
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network + prefix, strict=False)
    except ValueError as error:
        raise PermanentError(network + prefix) from error


def _prefix_for(address: str, prefix: str) -> str:
    """Return the part of `/24//64` that counts for this address."""
    four, _, six = prefix.partition('//')
    chosen = f'/{six}' if ':' in address and six else '' if ':' in address else four
    return chosen if chosen != '/' else ''


@dataclass
class Evaluation:
    """One walk through the rules for one address; it counts look-ups as receivers do."""

    asker: 'Asker'
    address: str
    lookups: int = 0

    async def check(self, domain: str, answer: Answer | None = None) -> str:
        """Return pass, fail, softfail, neutral, none, permerror or temperror.

        `answer` holds the domain's texts where they are known already.
        """
        answer = answer or await self.asker.recurse(domain, 'TXT')
        if not (answer.status.is_answer or answer.values):
            return 'temperror'
        texts = [text for text in answer.values if is_spf(text)]
        if not texts:
            return 'none'
        if len(texts) > 1:
            return 'permerror'
        try:
            return await self._rules(parse(texts[0]), domain)
        except PermanentError:
            return 'permerror'

    async def _rules(self, terms: tuple[Term, ...], domain: str) -> str:
        for term in terms:
            if term.result and await self._matches(term, domain):
                return term.result
        for term in terms:
            if term.kind == 'redirect':
                self._count()
                result = await self.check(term.target)
                return 'permerror' if result == 'none' else result
        return 'neutral'

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise PermanentError('too many look-ups')

    async def _matches(self, term: Term, domain: str) -> bool:
        if term.kind == 'all':
            return True
        if term.kind in ('ip4', 'ip6'):
            return (term.kind == 'ip6') == (':' in self.address) and _network_holds(
                self.address, term.target, term.prefix
            )
        self._count()
        target = term.target or domain
        if '%' in target or term.kind in ('exists', 'ptr'):
            return False  # rules made of macros cannot be about a fixed address of ours
        if term.kind == 'include':
            return await self._included(target)
        names = [target] if term.kind == 'a' else await self._mail_hosts(target)
        return await self._is_of(names, term.prefix)

    async def _included(self, target: str) -> bool:
        result = await self.check(target)
        if result in ('none', 'permerror'):
            raise PermanentError(target)
        return result == 'pass'

    async def _mail_hosts(self, domain: str) -> list[str]:
        answer = await self.asker.recurse(domain, 'MX')
        return [value.split()[-1].rstrip('.') for value in answer.values[:MOST_HOSTS]]

    async def _is_of(self, names: list[str], prefix: str) -> bool:
        kind = 'AAAA' if ':' in self.address else 'A'
        for name in names:
            answer = await self.asker.recurse(name, kind) if name else None
            if answer and answer.status is Status.FOUND:
                cut = _prefix_for(self.address, prefix)
                if any(_network_holds(self.address, value, cut) for value in answer.values):
                    return True
        return False
