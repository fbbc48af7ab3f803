# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules by which receivers decide who may send (SPF, RFC 7208): their grammar.

`parse` is pure. `spf_walk` goes through the rules for one address.
"""

import ipaddress
import re
from dataclasses import dataclass

from . import spf_macro

VERSION = 'v=spf1'
PASS, UNKNOWN, LIMIT = 'pass', 'unknown', 'limit'
_LONGEST = 1000
"""Characters of a rule; a host name has 253, and macros take little more."""
_RESULTS = {'+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral'}
_NEEDED = frozenset({'include', 'exists'})
_ALLOWED = frozenset({'a', 'mx', 'ptr'})
_NETWORKS = frozenset({'ip4', 'ip6'})
_WITH_PREFIX = frozenset({'a', 'mx'})
_ONCE = ('redirect', 'exp')
_MODIFIER = re.compile(r'([a-z][a-z0-9_.-]*)=(.*)', re.IGNORECASE | re.ASCII)
_MECHANISM = re.compile(r'([+?~-]?)([a-z0-9]+)(?::(.*?))?(/[0-9/]*)?', re.IGNORECASE | re.ASCII)
_PREFIX = re.compile(r'(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?')
_MEANT = re.compile(r'[\W_]*v\s*=\s*spf1', re.IGNORECASE)


class PermanentError(ValueError):
    """The rules are not rules; receivers then ignore all of them."""


class LimitError(PermanentError):
    """The rules need more questions than receivers ask (section 4.6.4)."""


@dataclass(frozen=True)
class Term:
    """One rule: the result when it matches, its kind, and its subject."""

    result: str
    kind: str
    target: str = ''
    prefix: str = ''

    def prefix_for(self, address: str) -> str:
        """The part of `/24//64` that counts for this address."""
        found = _PREFIX.fullmatch(self.prefix)
        number = found and found[2 if ':' in address else 1]
        return f'/{number}' if number else ''


def is_spf(text: str) -> bool:
    """Whether receivers take a text for SPF (section 4.5)."""
    return text.lower() == VERSION or text.lower().startswith(f'{VERSION} ')


def is_meant(text: str) -> bool:
    """Whether a text is meant to be SPF, even if receivers don't take it for that."""
    return _MEANT.match(text) is not None


def parse(text: str) -> tuple[Term, ...]:
    """The rules of a record; PermanentError when they cannot be understood."""
    if not is_spf(text) or not text.isascii():
        raise PermanentError(text)
    terms = tuple(_term(word) for word in text.split(' ')[1:] if word)
    kinds = [term.kind for term in terms]
    if any(kinds.count(kind) > 1 for kind in _ONCE):
        raise PermanentError(text)
    return terms


def _term(word: str) -> Term:
    found = _MODIFIER.fullmatch(word)
    return _modifier(found[1].lower(), found[2]) if found else _mechanism(word)


def _modifier(name: str, value: str) -> Term:
    """A rule that says where to go on, and others that receivers ignore (section 6)."""
    is_right = spf_macro.is_domain if name in _ONCE else spf_macro.is_text
    if not is_right(value):
        raise PermanentError(value)
    return Term('', name, value)


def _mechanism(word: str) -> Term:
    found = _MECHANISM.fullmatch(word) if len(word) <= _LONGEST else None
    kind = found[2].lower() if found else ''
    if found is None or kind not in {'all'} | _NEEDED | _ALLOWED | _NETWORKS:
        raise PermanentError(word)
    term = Term(_RESULTS[found[1] or '+'], kind, found[3] or '', found[4] or '')
    if not _fits(term, is_given=found[3] is not None):
        raise PermanentError(word)
    return term


def _fits(term: Term, is_given: bool) -> bool:
    """Whether a mechanism has the parts it needs, and no others (section 5)."""
    if term.kind in _NETWORKS:
        return _is_network(term)
    if term.prefix and (term.kind not in _WITH_PREFIX or not _is_prefix(term.prefix)):
        return False
    if term.kind == 'all':
        return not is_given
    if not is_given:
        return term.kind not in _NEEDED
    return spf_macro.is_domain(term.target)


def _is_prefix(text: str) -> bool:
    found = _PREFIX.fullmatch(text)
    return found is not None and int(found[1] or 0) <= 32 and int(found[2] or 0) <= 128


def _is_network(term: Term) -> bool:
    kind = ipaddress.IPv6Network if term.kind == 'ip6' else ipaddress.IPv4Network
    try:
        kind(f'{term.target}{term.prefix}', strict=False)
    except ValueError:
        return False
    return re.fullmatch(r'(/(0|[1-9][0-9]*))?', term.prefix) is not None


def holds(network: str, prefix: str, address: str) -> bool:
    """Whether an address is in a network; PermanentError if it is no network."""
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network + prefix, strict=False)
    except ValueError as error:
        raise PermanentError(network + prefix) from error
