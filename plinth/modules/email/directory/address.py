# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail addresses and mail domains in the one form we store and compare.

A domain is kept as lower-case A-labels (RFC 5890), the part before the @ as NFC and
case-folded UTF-8 (RFC 6531): two spellings of an address that reach the same person are
the same text. Only dot-atoms are taken (RFC 5321 `Dot-string`), never quoted strings.

`parse` takes any address mail can be sent to. `parse_own` takes fewer: what this box may
hold itself, where the part before the @ becomes a folder name, a login and a look-up key.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from ..errors import MailError

LONGEST_LOCAL = 64
LONGEST_ADDRESS = 254
LONGEST_DOMAIN = 253
LONGEST_INPUT = 1000

_ATOM_SIGNS = frozenset("!#$%&'*+-=?^_`{|}~")
_OWN_SIGNS = frozenset("#&'-=?^_~")
_VARIANTS = {'+': 'plus', '*': 'star'}
_PLAIN = re.compile(r'[a-z0-9_]+(?:[.-][a-z0-9_]+)*')
_LABEL = re.compile(r'[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?')


def fold(text: str) -> str:
    """The form in which two spellings of the same text are equal."""
    return unicodedata.normalize('NFC', unicodedata.normalize('NFD', text).casefold())


def _is_invisible(character: str) -> bool:
    """Whether a character shows nothing or changes how others show."""
    return unicodedata.category(character)[0] in 'CZ'


def _check_characters(local: str, signs: frozenset[str]) -> None:
    """Refuse characters that may not stand before the @."""
    for character in local:
        if _is_invisible(character):
            raise MailError('address-invalid.invisible')
        if character.isascii() and not (character.isalnum() or character in signs | {'.'}):
            variant = _VARIANTS.get(character, 'character')
            raise MailError(f'address-invalid.{variant}', character=character)


def _parse_local(text: str, signs: frozenset[str]) -> str:
    """The normal form of the part before the @."""
    if len(text) <= LONGEST_LOCAL and _PLAIN.fullmatch(text):
        return text  # as nearly all are, and lists have thousands
    local = fold(text)
    if not local:
        raise MailError('address-invalid.no-name')
    if len(local.encode(errors='replace')) > LONGEST_LOCAL:
        raise MailError('address-invalid.long-name', most=LONGEST_LOCAL)
    _check_characters(local, signs)
    if local.startswith('.') or local.endswith('.') or '..' in local:
        raise MailError('address-invalid.dots')
    if local.startswith('-'):
        raise MailError('address-invalid.hyphen')
    return local


def _to_a_labels(text: str) -> str:
    """An international domain as A-labels."""
    import idna  # kept out of the start of programs that never meet such a domain

    try:
        encoded: bytes = idna.encode(text, uts46=True, std3_rules=True)
    except idna.IDNAError as error:
        raise MailError('domain-invalid.named', str(error), domain=_shown(text)) from error
    except UnicodeError as error:
        raise MailError('domain-invalid.unnamed', str(error)) from error
    return encoded.decode()


def _shown(text: str) -> str:
    """A short text that is safe to print in a sentence."""
    visible = ''.join('?' if _is_invisible(sign) and sign != ' ' else sign for sign in text)
    return visible if len(visible) <= 80 else visible[:79] + '…'


@lru_cache(maxsize=1000)
def parse_domain(text: str) -> str:
    """A domain as lower-case A-labels or say why it is none."""
    if len(text) > LONGEST_INPUT:
        raise MailError('domain-invalid.too-long', most=LONGEST_DOMAIN)
    name = text.lower()
    if not name.isascii() or 'xn--' in name:
        name = _to_a_labels(text).lower()
    name = name.removesuffix('.')  # the root, as tools for DNS write it
    if len(name) > LONGEST_DOMAIN:
        raise MailError('domain-invalid.too-long', most=LONGEST_DOMAIN)
    labels = name.split('.')
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise MailError('domain-invalid.named', domain=_shown(text))
    if len(labels) < 2 or labels[-1].isdigit():
        raise MailError('domain-invalid.not-full', domain=_shown(text))
    return name


def unicode_domain(name: str) -> str:
    """A domain as people write it; `name` is in the form of `parse_domain`."""
    if 'xn--' not in name:
        return name
    import idna

    decoded: str = idna.decode(name)
    return decoded


@dataclass(frozen=True, order=True)
class Address:
    """An address in its normal form; make it by `parse` or `parse_own`."""

    local: str
    domain: str

    def __post_init__(self) -> None:
        """Refuse an address that is not in its normal form."""
        if parse_domain(self.domain) != self.domain:
            raise MailError('domain-invalid', self.domain)
        if _parse_local(self.local, _ATOM_SIGNS) != self.local:
            raise MailError('address-invalid', self.local)
        if len(str(self).encode()) > LONGEST_ADDRESS:
            raise MailError('address-invalid.too-long', most=LONGEST_ADDRESS)

    def __str__(self) -> str:
        return f'{self.local}@{self.domain}'

    @classmethod
    def make(cls, text: str, signs: frozenset[str]) -> Self:
        """Take an address apart, allowing `signs` before the @ besides letters and digits."""
        if len(text) > LONGEST_INPUT:
            raise MailError('address-invalid.too-long', most=LONGEST_ADDRESS)
        local, at, domain = text.rpartition('@')
        if not at:
            raise MailError('address-invalid.named', address=_shown(text))
        if not domain:
            raise MailError('domain-invalid.missing')
        return cls(_parse_local(local, signs), parse_domain(domain))


def parse(text: str) -> Address:
    """An address mail can be sent to; MailError for any other text."""
    return Address.make(text, _ATOM_SIGNS)


def parse_own(text: str) -> Address:
    """An address this box may hold itself, or say why it may not."""
    return Address.make(text, _OWN_SIGNS)
