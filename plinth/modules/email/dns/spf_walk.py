# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way through the rules for senders (SPF) for one address, as receivers go it (RFC 7208).

python3-spf would do the same, but one question after the other and in a thread that waits; the
rules are asked about on a page that has a few seconds for everything.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from . import spf, spf_macro
from .answer import Answer, Question, Status
from .ask import reverse_name
from .spf import LIMIT, PASS, UNKNOWN, LimitError, PermanentError, Term

MOST_LOOKUPS = 10
MOST_VOID = 2
MOST_HOSTS = 10
_LONGEST_LABEL = 63


class Resolver(Protocol):
    """Asks the resolver others would use."""

    async def recurse(self, name: str, kind: str) -> Answer:
        """Its result."""


class TemporaryError(Exception):
    """A name server did not answer."""


def _is_name(domain: str) -> bool:
    """Whether a domain can be asked for (section 4.3)."""
    name = domain.removesuffix('.')
    labels = name.split('.')
    return (
        len(name) <= spf_macro.LONGEST
        and len(labels) > 1
        and all(0 < len(each) <= _LONGEST_LABEL for each in labels)
    )


@dataclass
class Evaluation:
    """One walk through the rules for one address; it counts look-ups as receivers do.

    `heard` can be shared by walks through the same rules. `local` is the part before the @ of
    the sender, where it is known.
    """

    asker: Resolver
    address: str
    helo: str = ''
    local: str = ''
    heard: dict[Question, Answer] = field(default_factory=dict)
    lookups: int = 0
    void: int = 0
    origin: str = ''

    async def check(self, domain: str, answer: Answer | None = None) -> str:
        """The result: pass, fail, softfail, neutral, none, permerror or temperror.

        Or `limit`, a permerror of rules that need too many questions, and `unknown` where it
        depends on the sender. `answer` holds the domain's texts where they are known already.
        """
        self.origin = domain
        try:
            return await self._evaluate(domain, answer)
        except LimitError:
            return LIMIT
        except PermanentError:
            return 'permerror'
        except TemporaryError:
            return 'temperror'
        except spf_macro.UnknownError:
            return UNKNOWN

    async def _evaluate(self, domain: str, answer: Answer | None = None) -> str:
        if not _is_name(domain):
            return 'none'
        answer = answer or await self._ask(domain, 'TXT')
        if not (answer.status.is_answer or answer.values):
            raise TemporaryError(domain)
        texts = [text for text in answer.values if spf.is_spf(text)]
        if len(texts) > 1:
            raise PermanentError(domain)
        return await self._rules(spf.parse(texts[0]), domain) if texts else 'none'

    async def _rules(self, terms: tuple[Term, ...], domain: str) -> str:
        for term in terms:
            if term.result and await self._matches(term, domain):
                return term.result
        for term in terms:
            if term.kind == 'redirect' and not any(each.kind == 'all' for each in terms):
                return await self._redirected(term, domain)
        return 'neutral'

    async def _redirected(self, term: Term, domain: str) -> str:
        self._count()
        result = await self._evaluate(await self._target(term, domain))
        if result == 'none':
            raise PermanentError(term.target)
        return result

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise LimitError('too many look-ups')

    async def _ask(self, name: str, kind: str) -> Answer:
        """Ask a question once for all walks."""
        question = Question(name.removesuffix('.').lower(), kind)
        if question not in self.heard:
            self.heard[question] = await self.asker.recurse(*question)
        return self.heard[question]

    async def _look_up(self, name: str, kind: str) -> tuple[str, ...]:
        """The values of a name that a rule asks for; few may have none (section 4.6.4)."""
        answer = await self._ask(name, kind) if _is_name(name) else Answer(Status.NONE)
        if not answer.status.is_answer:
            raise TemporaryError(name)
        if answer.status is not Status.FOUND:
            self.void += 1
            if self.void > MOST_VOID:
                raise LimitError('too many names without an answer')
        return answer.values

    @property
    def _kind(self) -> str:
        return 'AAAA' if ':' in self.address else 'A'

    async def _matches(self, term: Term, domain: str) -> bool:
        if term.kind == 'all':
            return True
        if term.kind in ('ip4', 'ip6'):
            same = (term.kind == 'ip6') == (':' in self.address)
            return same and spf.holds(term.target, term.prefix, self.address)
        self._count()
        target = await self._target(term, domain)
        if term.kind == 'include':
            return await self._included(target)
        if term.kind == 'exists':
            return bool(await self._look_up(target, 'A'))
        if term.kind == 'ptr':
            return any(_is_below(name, target) for name in await self._names())
        return await self._is_of(await self._hosts(term, target), term)

    async def _target(self, term: Term, domain: str) -> str:
        """The name a rule is about, its macros expanded."""
        if '%' not in term.target:
            return (term.target or domain).removesuffix('.')
        known = spf_macro.values(self.address, domain, self.helo) | {'o': self.origin}
        if self.local:
            known |= {'l': self.local, 's': f'{self.local}@{self.origin}'}
        if 'p' in spf_macro.letters(term.target):
            known['p'] = _named(await self._names(), domain)
        return spf_macro.expand(term.target, known)

    async def _included(self, target: str) -> bool:
        result = await self._evaluate(target)
        if result == 'none':
            raise PermanentError(target)
        return result == PASS

    async def _hosts(self, term: Term, target: str) -> list[str]:
        """The hosts whose addresses match: the name itself, or those that take its mail."""
        if term.kind == 'a':
            return [target]
        hosts = [value.split()[-1] for value in await self._look_up(target, 'MX')]
        if len(hosts) > MOST_HOSTS:
            raise LimitError('too many mail servers')
        return [host for host in hosts if host != '.']

    async def _is_of(self, names: list[str], term: Term) -> bool:
        prefix = term.prefix_for(self.address)
        for name in names:
            values = await self._look_up(name, self._kind)
            if any(spf.holds(value, prefix, self.address) for value in values):
                return True
        return False

    async def _names(self) -> list[str]:
        """The names of the address that have the address in turn (section 5.5)."""
        answer = await self._ask(reverse_name(self.address), 'PTR')
        names = [value.removesuffix('.').lower() for value in answer.values[:MOST_HOSTS]]
        answers = await asyncio.gather(*(self._ask(name, self._kind) for name in names))
        return [
            name for name, each in zip(names, answers, strict=True)
            if any(spf.holds(value, '', self.address) for value in each.values)
        ]  # fmt: skip


def _is_below(name: str, domain: str) -> bool:
    return f'.{name}'.endswith(f'.{domain.lower()}')


def _named(names: list[str], domain: str) -> str:
    """The one of several names that a macro stands for (section 7.3)."""
    if domain.lower() in names:
        return domain
    below = [name for name in names if _is_below(name, domain)]
    return next(iter(below or names), 'unknown')
