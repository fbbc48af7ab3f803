# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters for LDAP searches (RFC 4515), with all values escaped."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ldap3.utils.conv import escape_filter_chars

from .entry import Entry, to_time_value


def escape(value: str) -> str:
    """A value as it stands in a filter; the library would strip white space."""
    return ''.join(
        ''.join(f'\\{byte:02x}' for byte in sign.encode()) if sign.isspace() else sign
        for sign in escape_filter_chars(value)
    )


def equals(attribute: str, value: str) -> str:
    """The filter for an attribute with exactly this value."""
    return f'({attribute}={escape(value)})'


def contains(attributes: Iterable[str], text: str) -> str:
    """The filter for entries with `text` somewhere in one of the attributes."""
    escaped = escape(text)
    return '(|' + ''.join(f'({name}=*{escaped}*)' for name in attributes) + ')'


def condition(
    kind: type[Entry],
    text: str = '',
    where: Mapping[str, str] | None = None,
    unless: Mapping[str, str] | None = None,
    domain: str = '',
    off: datetime | None = None,
) -> str:
    """The filter for entries of a kind.

    `where` has exact values of fields, `unless` those an entry must not have; `domain` is the
    one its address is in. With `off` only those are meant that are off at that moment.
    """
    parts = [f'(objectClass={kind.OBJECT_CLASS})']
    if text:
        parts.append(contains(kind.SEARCHED, text))
    if domain:
        parts.append(f'({kind.ATTRIBUTES[kind.KEY]}=*{escape("@" + domain)})')
    for field, value in (where or {}).items():
        parts.append(equals(kind.ATTRIBUTES[field], value))
    for field, value in (unless or {}).items():
        parts.append(f'(!{equals(kind.ATTRIBUTES[field], value)})')
    if off:
        parts.append(_is_off(kind, off))
    return '(&' + ''.join(parts) + ')'


def _is_off(kind: type[Entry], moment: datetime) -> str:
    """The filter for entries that were turned off, or have expired at a moment."""
    ended = kind.ATTRIBUTES.get('expires')
    expired = f'({ended}<={to_time_value(moment)})' if ended else ''
    return f'(|({kind.ATTRIBUTES["enabled"]}=FALSE){expired})'
