# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where mail to an address would go, by the look-ups Postfix makes itself.

NAME
    delivery_path - Postfix's own tables, asked with Postfix's own tool

DESCRIPTION
    The tables are those main.cf names at this moment, in its order, and each answer is taken
    for a new question as cleanup(8) does. That is compared with the path worked out from the
    directory: should they ever differ, what Postfix says is what happens.
    The tables are asked directly, without proxymap, so that Postfix need not run, and each for
    all addresses of a step at once.

DIAGNOSTICS
    lookup-failed    a table could not be asked; the detail holds Postfix's words
    The errors of `directory.address` for text that is no address.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..config.tables import READER
from ..directory.address import parse
from ..directory.resolve import Path, who_may_send
from ..directory.resolve import resolve as resolve_in
from ..directory.store import Store
from ..directory.view import StoreView
from ..errors import MailError
from ..system import programs
from ..system.json_value import JsonValue

_SECONDS = 5
"""A page waits for the answer, and the first table that is silent ends it."""
_MOST = 1000
"""Addresses one may lead to; Postfix itself puts mail off that leads to more."""
_FATAL = re.compile(r'\b(?:fatal|panic): ')
_PARTIAL = ('virtual_alias_maps',)
"""Settings whose tables are also asked for a whole domain."""


def split_tables(text: str) -> list[str]:
    """The tables of a list in main.cf; commas inside braces belong to a table."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign == '{') - (sign == '}')
        if depth == 0 and sign in ', ':
            found.append(text[start:place])
            start = place + 1
    return [table for table in (*found, text[start:]) if table]


def _run(command: list[str], stdin: str = '') -> programs.Ran:
    with programs.failing_as('lookup-failed.postfix'):
        return programs.run(command, stdin=stdin, seconds=_SECONDS)


def _are_safe(keys: Iterable[str]) -> list[str]:
    """The keys that are one line each; postmap(1) could not tell others apart."""
    return sorted(key for key in keys if key and key.isprintable())


def read_answers(text: str) -> dict[str, str]:
    """The answers of `postmap -q -`, a key and a value on each line."""
    return dict(line.split('\t', 1) for line in text.splitlines() if '\t' in line)


def _ask(table: str, keys: list[str]) -> dict[str, str]:
    """The answers of one table to the keys it knows; warnings are no answers and no failures."""
    done = _run(['postmap', '-q', '-', table], ''.join(f'{key}\n' for key in keys))
    fatal = [line for line in done.errors.splitlines() if _FATAL.search(line)]
    if fatal:
        raise MailError('lookup-failed.directory', '\n'.join(fatal))
    return read_answers(done.output)


def _forms(address: str) -> tuple[str, str, str]:
    """An address, the same without its label, and its domain alone, as tables know them."""
    local, _, domain = address.rpartition('@')
    return address, f'{local.partition("+")[0]}@{domain}', f'@{domain}'


@dataclass(frozen=True)
class PostfixAnswer(JsonValue):
    """The way of mail to an address by Postfix's own look-ups.

    A refusal in its words, else the addresses that stay: those with a mailbox here, without one,
    and elsewhere. `most` is how many were looked at when there were more, else 0.
    """

    refusal: str = ''
    mailboxes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    remote: tuple[str, ...] = ()
    most: int = 0


@dataclass(frozen=True)
class Resolved(JsonValue):
    """The path of an address by the directory, its allowed senders, and Postfix's own answer."""

    path: Path
    senders: tuple[str, ...]
    postfix: PostfixAnswer

    @property
    def agrees(self) -> bool | None:
        """Whether Postfix says the same as the directory; None when it was not asked for all."""
        if self.postfix.most:
            return None
        is_taken = not self.postfix.refusal
        is_same = set(self.path.remote) == set(self.postfix.remote)
        return is_taken == self.path.accepted and is_same


@dataclass
class Postfix:
    """Postfix's tables and their answers so far."""

    settings: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    cut: bool = False
    """Whether there were more addresses than `_MOST`."""

    def __post_init__(self) -> None:
        """Read the settings that name the tables."""
        names = ('virtual_alias_maps', 'virtual_mailbox_maps', 'virtual_mailbox_domains',
                 'smtpd_recipient_restrictions')  # fmt: skip
        done = _run(['postconf', '-x', *names])
        lines = (line.partition(' = ') for line in done.output.splitlines())
        self.settings = {name: value for name, _, value in lines}

    def tables(self, name: str) -> list[str]:
        """The tables of a setting; of restrictions those asked about recipients."""
        words = split_tables(self.settings.get(name, ''))
        if name.endswith('_restrictions'):
            words = [
                table
                for word, table in itertools.pairwise(words)
                if word == 'check_recipient_access'
            ]
        return [word.replace('proxy:', '') for word in words if ':' in word]

    def prepare(self, name: str, keys: Iterable[str]) -> None:
        """Ask each table of a setting for all keys at once: to start a program takes longest."""
        for table in self.tables(name):
            known = self.answers[table]
            if missing := _are_safe({*keys} - known.keys()):
                known.update(dict.fromkeys(missing, '') | _ask(table, missing))

    def ask(self, name: str, key: str) -> str:
        """The first answer to a question, '' for none."""
        self.prepare(name, [key])
        answers = (self.answers[table].get(key, '') for table in self.tables(name))
        return next(filter(None, answers), '')

    def find(self, name: str, address: str) -> str:
        """The answers of the tables for an address, with its label, without, or for its domain."""
        forms = _forms(address)[: 3 if name in _PARTIAL else 2]
        return next(filter(None, (self.ask(name, form) for form in forms)), '')

    def ends(self, address: str) -> list[str]:
        """The addresses that stay when everything was looked up."""
        waiting, seen, ends = [address], {address}, []
        while waiting and not self.cut:
            self.prepare('virtual_alias_maps', [form for each in waiting for form in _forms(each)])
            following = []
            for current in waiting:
                answer = self.find('virtual_alias_maps', current).split(',')
                targets = [each for each in map(str.strip, answer) if each]
                if current in targets or not targets:
                    ends.append(current)
                following += [each for each in dict.fromkeys(targets) if each not in seen]
                seen.update(following)
            waiting, self.cut = following, len(seen) > _MOST
        return ends

    def is_ours(self, address: str) -> bool:
        """Whether an address is in a domain of ours."""
        return bool(self.ask('virtual_mailbox_domains', address.rpartition('@')[2]))

    def refusal(self, address: str) -> str:
        """The words with which an address is refused, '' if it is not."""
        answer = self.find('smtpd_recipient_restrictions', address)
        if answer.startswith('550 '):
            return answer.removeprefix('550 ')
        if self.is_ours(address) and not (
            self.find('virtual_alias_maps', address) or self.find('virtual_mailbox_maps', address)
        ):
            return '5.1.1 User unknown'
        return ''

    def answer(self, address: str) -> PostfixAnswer:
        """The way of mail to an address: refused, or the addresses that stay."""
        if refusal := self.refusal(address):
            return PostfixAnswer(refusal)
        ends = self.ends(address)
        self.prepare('virtual_mailbox_domains', [end.rpartition('@')[2] for end in ends])
        ours = [end for end in ends if self.is_ours(end)]
        self.prepare('virtual_mailbox_maps', [form for end in ours for form in _forms(end)[:2]])
        there = {end for end in ours if self.find('virtual_mailbox_maps', end)}
        return PostfixAnswer(
            mailboxes=tuple(end for end in ours if end in there),
            unknown=tuple(end for end in ours if end not in there),
            remote=tuple(end for end in ends if end not in ours and end != READER),
            most=_MOST if self.cut else 0,
        )


def resolve(address: str) -> Resolved:
    """The path of an address, its allowed senders, and Postfix's own answers."""
    normal = str(parse(address.strip()))
    with Store() as store:
        path = resolve_in(StoreView(store), normal)
        senders = who_may_send(store, normal)
    return Resolved(path, senders, Postfix().answer(normal))
