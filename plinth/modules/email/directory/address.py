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
_REASONS = {
    '+': 'Leave out the + part: mail to alice+shop@example.org already reaches alice@example.org.',
    '*': "An email address can't contain the wildcard *.",
}
_PLAIN = re.compile(r'[a-z0-9_]+(?:[.-][a-z0-9_]+)*')
_LABEL = re.compile(r'[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?')


def _address_error(sentence: str, detail: str = '') -> MailError:
    return MailError('address-invalid', sentence, detail)


def _domain_error(sentence: str, detail: str = '') -> MailError:
    return MailError('domain-invalid', sentence, detail)


def fold(text: str) -> str:
    """Return the form in which two spellings of the same text are equal."""
    return unicodedata.normalize('NFC', unicodedata.normalize('NFD', text).casefold())


def _is_invisible(character: str) -> bool:
    """Tell whether a character shows nothing or changes how others show."""
    return unicodedata.category(character)[0] in 'CZ'


def _check_characters(local: str, signs: frozenset[str]) -> None:
    """Refuse what may not stand before the @."""
    for character in local:
        if _is_invisible(character):
            raise _address_error(
                "An address can't contain spaces, control characters or invisible characters."
            )
        if character.isascii() and not (character.isalnum() or character in signs | {'.'}):
            other = f"The character {character} can't be used before the @."
            raise _address_error(_REASONS.get(character, other))


def _parse_local(text: str, signs: frozenset[str]) -> str:
    """Return the normal form of the part before the @."""
    if len(text) <= LONGEST_LOCAL and _PLAIN.fullmatch(text):
        return text  # as nearly all are, and lists have thousands
    local = fold(text)
    if not local:
        raise _address_error('Missing name before the @.')
    if len(local.encode(errors='replace')) > LONGEST_LOCAL:
        raise _address_error(f'The part before the @ is too long (at most {LONGEST_LOCAL} bytes).')
    _check_characters(local, signs)
    if local.startswith('.') or local.endswith('.') or '..' in local:
        raise _address_error(
            "The name before the @ can't start or end with a dot or have two dots in a row."
        )
    if local.startswith('-'):
        raise _address_error("An address can't start with a hyphen.")
    return local


def _to_a_labels(text: str) -> str:
    """Return an international domain as A-labels."""
    import idna  # kept out of the start of programs that never meet such a domain

    try:
        encoded: bytes = idna.encode(text, uts46=True, std3_rules=True)
    except idna.IDNAError as error:
        raise _domain_error(
            f'“{_shown(text)}” is not a valid domain name. Enter a domain like example.org.',
            str(error),
        ) from error
    except UnicodeError as error:
        raise _domain_error(
            'This is not a valid domain name. Enter a domain like example.org.', str(error)
        ) from error
    return encoded.decode()


def _shown(text: str) -> str:
    """Return a short text that is safe to print in a sentence."""
    visible = ''.join('?' if _is_invisible(sign) and sign != ' ' else sign for sign in text)
    return visible if len(visible) <= 80 else visible[:79] + '…'


@lru_cache(maxsize=1000)
def parse_domain(text: str) -> str:
    """Return a domain as lower-case A-labels or say why it is none."""
    if len(text) > LONGEST_INPUT:
        raise _domain_error(f'The domain name is too long (at most {LONGEST_DOMAIN} characters).')
    name = text.lower()
    if not name.isascii() or 'xn--' in name:
        name = _to_a_labels(text).lower()
    name = name.removesuffix('.')  # the root, as tools for DNS write it
    if len(name) > LONGEST_DOMAIN:
        raise _domain_error(f'The domain name is too long (at most {LONGEST_DOMAIN} characters).')
    labels = name.split('.')
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise _domain_error(
            f'“{_shown(text)}” is not a valid domain name. Enter a domain like example.org.'
        )
    if len(labels) < 2 or labels[-1].isdigit():
        raise _domain_error(
            f'“{_shown(text)}” is not a full domain name. Enter a domain like example.org.'
        )
    return name


def unicode_domain(name: str) -> str:
    """Return a domain as people write it; `name` is in the form of `parse_domain`."""
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
            raise _domain_error('Enter a domain like example.org.', self.domain)
        if _parse_local(self.local, _ATOM_SIGNS) != self.local:
            raise _address_error('Enter an address like alice@example.org.', self.local)
        if len(str(self).encode()) > LONGEST_ADDRESS:
            raise _address_error(f'The address is too long (at most {LONGEST_ADDRESS} bytes).')

    def __str__(self) -> str:
        return f'{self.local}@{self.domain}'

    @classmethod
    def make(cls, text: str, signs: frozenset[str]) -> Self:
        """Take an address apart, allowing `signs` before the @ besides letters and digits."""
        if len(text) > LONGEST_INPUT:
            raise _address_error(f'The address is too long (at most {LONGEST_ADDRESS} bytes).')
        local, at, domain = text.rpartition('@')
        if not at:
            raise _address_error(
                f'“{_shown(text)}” is not an email address. Enter an address like '
                'alice@example.org.'
            )
        if not domain:
            raise _domain_error('Missing domain after the @.')
        return cls(_parse_local(local, signs), parse_domain(domain))


def parse(text: str) -> Address:
    """Return any address mail can be sent to, or say why it is none."""
    return Address.make(text, _ATOM_SIGNS)


def parse_own(text: str) -> Address:
    """Return an address this box may hold itself, or say why it may not."""
    return Address.make(text, _OWN_SIGNS)
