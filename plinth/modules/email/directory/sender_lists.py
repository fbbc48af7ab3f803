# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of senders that are always or never accepted, and the score from which mail is junk.

A sender is an address, or a domain, which stands for all names below it too. A mailbox has lists of
its own, and there are some for all; Rspamd decides what they mean for a message (`lists.lua`).
As text a list has one sender on each line; what follows a # is a comment.

DIAGNOSTICS
    sender-invalid        text that is neither an address nor a domain
    list-invalid.line     a line of a list that is none, with its number
    list-too-long         more senders than a list may have
    junk-score-invalid    a score out of bounds
"""

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol, Self, get_args

from ..errors import MailError
from ..system.json_value import JsonValue
from .address import parse, parse_domain
from .entry import Attributes, check_number
from .guard import written_forms

SenderList = Literal['allowed', 'denied']
SENDER_LISTS: tuple[SenderList, ...] = ('allowed', 'denied')
MOST_SENDERS = 500
MOST_TEXT = 100_000
LEAST_SCORE, MOST_SCORE = 2, 14
USUAL_SCORE = 6
LEVELS: Mapping[str, int] = MappingProxyType({'strict': 4, 'usual': 0, 'lenient': 10})
"""Scores by the names they are chosen by; 0 leaves it to the choice for all."""
MOST_LET_IN = 50
LET_IN_SECONDS = 5 * 24 * 3600
LIST_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        'allowed': 'fbxMailAllowedSender',
        'denied': 'fbxMailDeniedSender',
        'junk_score': 'fbxMailJunkScore',
    }
)
"""The fields of a mailbox and of the settings for all, and their LDAP attributes."""


class HasLists(Protocol):
    """A mailbox, or the settings for all, as far as lists are concerned."""

    @property
    def allowed(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def denied(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def junk_score(self) -> int: ...  # noqa: D102


def sender(text: str) -> str:
    """The normal form of a sender; `@example.org` and `*@example.org` are domains too."""
    plain = text.strip().removeprefix('*')
    local, _at, domain = plain.rpartition('@')
    if not local and '.' not in domain.strip('.'):
        # A list with a whole top-level domain is a slip more often than it is meant.
        raise MailError('sender-invalid', text[:200])
    try:
        return str(parse(plain)) if local else parse_domain(domain)
    except MailError as error:
        raise MailError('sender-invalid', text[:200]) from error


def senders(texts: Collection[str]) -> tuple[str, ...]:
    """The normal forms of senders, in order and each once."""
    return tuple(sorted({sender(each) for each in texts}))


def parse_list(text: str) -> tuple[str, ...]:
    """The senders in a text, or say which line has none."""
    if len(text) > MOST_TEXT:
        raise MailError('list-too-long', most=MOST_SENDERS)
    found = set[str]()
    for number, line in enumerate(text.lstrip('\ufeff').splitlines(), 1):
        plain = line.partition('#')[0].strip()
        try:
            found.update({sender(plain)} if plain else ())
        except MailError as error:
            raise MailError('list-invalid.line', number=number, text=plain[:80]) from error
    check_number(found, MOST_SENDERS)
    return tuple(sorted(found))


def list_text(values: Collection[str]) -> str:
    """The text of a list, which `parse_list` reads."""
    return ''.join(f'{each}\n' for each in values)


def stored_forms(values: Collection[str]) -> tuple[str, ...]:
    """Senders as the directory has them: those with letters such as ü in both ways of writing.

    Rspamd compares them to what a message says, and cannot turn one form into the other.
    """
    forms = (form for each in values for form in written_forms(each if '@' in each else f'@{each}'))
    return tuple(sorted({form.removeprefix('@') for form in forms}))


def stored_lists(entry: HasLists) -> Attributes:
    """The LDAP attributes of the lists of an entry."""
    found = {name: stored_forms(getattr(entry, name)) for name in SENDER_LISTS}
    return {LIST_ATTRIBUTES[name]: values for name, values in found.items() if values}


def check_junk_score(score: int) -> None:
    """Refuse a score that would make all mail junk, or none."""
    if score and not LEAST_SCORE <= score <= MOST_SCORE:
        raise MailError('junk-score-invalid', least=LEAST_SCORE, most=MOST_SCORE)


@dataclass(frozen=True)
class SenderLists(JsonValue):
    """The lists of a mailbox or for all, each sender in one of them, and the score for junk."""

    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    junk_score: int = 0

    def __post_init__(self) -> None:
        """Refuse lists that are none, and put them in one order."""
        for name in SENDER_LISTS:
            object.__setattr__(self, name, senders(getattr(self, name)))
            check_number(getattr(self, name), MOST_SENDERS)
        check_junk_score(self.junk_score)

    @classmethod
    def of(cls, entry: HasLists) -> Self:
        """The lists of an entry."""
        return cls(entry.allowed, entry.denied, entry.junk_score)

    @property
    def mark(self) -> str:
        """A mark of these lists, by which a change names those that were seen."""
        return hashlib.blake2b(repr(self).encode(), digest_size=16).hexdigest()

    def with_list(self, which: SenderList, values: Collection[str]) -> Self:
        """The same with other senders in a list, which are then in no other one."""
        wanted = senders(values)
        if which == 'allowed':
            denied = tuple(each for each in self.denied if each not in wanted)
            return dataclasses.replace(self, allowed=wanted, denied=denied)
        allowed = tuple(each for each in self.allowed if each not in wanted)
        return dataclasses.replace(self, allowed=allowed, denied=wanted)

    def with_senders(self, which: SenderList, values: Collection[str]) -> Self:
        """The same with more senders in a list."""
        return self.with_list(which, (*getattr(self, which), *values))

    def without(self, which: SenderList, values: Collection[str]) -> Self:
        """The same with fewer senders in a list."""
        gone = senders(values)
        return self.with_list(which, [each for each in getattr(self, which) if each not in gone])


def let_in_value(address: str, now: float | None = None) -> str:
    """The value by which a sender is not held off for some days."""
    ending = int(time.time() if now is None else now) + LET_IN_SECONDS
    return f'{parse(address)} {ending}'


def with_let_in(values: Collection[str], address: str, now: float | None = None) -> tuple[str, ...]:
    """The values of a mailbox with one more sender, and without those that have ended."""
    moment = time.time() if now is None else now
    wanted = let_in_value(address, now)
    name = wanted.partition(' ')[0]
    kept = [each for each in values if float(each.partition(' ')[2]) > moment]
    others = [each for each in kept if each.partition(' ')[0] != name]
    return (*others[-MOST_LET_IN + 1 :], wanted)


def is_let_in(values: Collection[str], address: str, now: float | None = None) -> bool:
    """Whether a sender is not held off at present."""
    moment = time.time() if now is None else now
    pairs = (each.partition(' ') for each in values)
    return any(name == address.lower() and float(ending) > moment for name, _, ending in pairs)


def check_let_in(values: Collection[str]) -> None:
    """Refuse values that are none."""
    check_number(values, MOST_LET_IN)
    for each in values:
        address, _, ending = each.partition(' ')
        if not ending.isdecimal() or str(parse(address)) != address:
            raise MailError('sender-invalid', each[:200])


ListAct = Literal['add-allowed', 'add-denied', 'remove-allowed', 'remove-denied',
                  'set-allowed', 'set-denied', 'score', 'all']  # fmt: skip
LIST_ACTS: tuple[ListAct, ...] = get_args(ListAct)


def made_change(act: str, text: str) -> Callable[[SenderLists], SenderLists]:
    """A change of lists by its name, with the text of a list, a score, or for `all` the lists."""
    if act not in LIST_ACTS:
        raise MailError('choice-invalid.list')
    if act == 'all':
        wanted_lists = parse_lists(text)
        return lambda _lists: wanted_lists
    if act == 'score':
        score = parse_score(text)
        return lambda lists: dataclasses.replace(lists, junk_score=score)
    verb, _, name = act.partition('-')
    which: SenderList = 'allowed' if name == 'allowed' else 'denied'
    wanted = parse_list(text)
    verbs = {'add': SenderLists.with_senders, 'remove': SenderLists.without}
    make = verbs.get(verb, SenderLists.with_list)
    return lambda lists: make(lists, which, wanted)


def parse_score(text: str) -> int:
    """A score, by its name or as a number; 0 for the usual one."""
    if text in LEVELS:
        return LEVELS[text]
    if not text.isdecimal() or len(text) > 3:
        raise MailError('junk-score-invalid', least=LEAST_SCORE, most=MOST_SCORE)
    check_junk_score(int(text))
    return int(text)


def parse_lists(text: str) -> SenderLists:
    """The lists and the score of a JSON text."""
    try:
        return SenderLists.from_json(json.loads(text))
    except ValueError as error:
        raise MailError('choice-invalid.list') from error
