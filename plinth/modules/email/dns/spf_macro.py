# SPDX-License-Identifier: AGPL-3.0-or-later
"""Macros in the rules for senders (SPF, RFC 7208 section 7): `%{i}._spf.%{d}`.

What depends on the part of the sender's address before the @ (`l`, `s`) is not known here, for
each of our addresses has another.
"""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import quote

LONGEST = 253
_LONGEST_SPEC = 1000
_MACRO = re.compile(r'%\{([a-z])([0-9]{0,3})(r?)([.+,/_=-]*)\}|%%|%_|%-', re.IGNORECASE)
_PLAIN = {'%%': '%', '%_': ' ', '%-': '%20'}
_LETTERS = frozenset('slodiphv')
_FOR_PEOPLE = frozenset('crt')
"""Macros of the text shown to a sender, which are errors elsewhere."""
_END = re.compile(r'.*\.([a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9])\.?', re.IGNORECASE)


class UnknownError(ValueError):
    """A macro that only the message can answer."""


def _is_known(found: re.Match[str], letters: frozenset[str]) -> bool:
    if found[1] is None:
        return True
    return found[1].lower() in letters and (not found[2] or int(found[2]) > 0)


def is_text(text: str, letters: frozenset[str] = _LETTERS | _FOR_PEOPLE) -> bool:
    """Whether a text is printable and each percent sign in it begins a macro."""
    if any(not '!' <= character <= '~' for character in text):
        return False
    rest = _MACRO.sub('', text)
    return '%' not in rest and all(_is_known(each, letters) for each in _MACRO.finditer(text))


def is_domain(text: str) -> bool:
    """Whether a text is a domain-spec: a name of two labels or more, or one that macros make."""
    if not text or len(text) > _LONGEST_SPEC or not is_text(text, _LETTERS):
        return False
    ends = [each.end() for each in _MACRO.finditer(text)]
    end = ends[-1] if ends else 0
    if end == len(text):
        return not text.endswith(('%%', '%_', '%-'))
    return _END.fullmatch(text[end:]) is not None


def letters(text: str) -> set[str]:
    """The macros of a text."""
    return {each[1].lower() for each in _MACRO.finditer(text) if each[1]}


def values(address: str, domain: str, helo: str) -> dict[str, str]:
    """The values of macros that follow from an address and its domain."""
    number = ipaddress.ip_address(address)
    dotted = str(number) if number.version == 4 else '.'.join(number.exploded.replace(':', ''))
    version = 'in-addr' if number.version == 4 else 'ip6'
    return {'i': dotted, 'd': domain, 'o': domain, 'h': helo, 'v': version}


def expand(text: str, known: Mapping[str, str]) -> str:
    """The name a domain-spec stands for; UnknownError where a macro is not known."""

    def one(found: re.Match[str]) -> str:
        if found[1] is None:
            return _PLAIN[found[0]]
        if found[1].lower() not in known:
            raise UnknownError(found[0])
        value = _chosen(known[found[1].lower()], found)
        return quote(value, safe='') if found[1].isupper() else value

    return _cut(_MACRO.sub(one, text).removesuffix('.'))


def _chosen(value: str, found: re.Match[str]) -> str:
    """The parts of a value that a macro asks for, turned round with `r`."""
    parts = re.split(f'[{re.escape(found[4] or ".")}]', value)
    if found[3]:
        parts.reverse()
    return '.'.join(parts[-int(found[2]) :] if found[2] else parts)


def _cut(name: str) -> str:
    """A name no longer than DNS has them: labels are left out from the front."""
    while len(name) > LONGEST and '.' in name:
        name = name.partition('.')[2]
    return name
