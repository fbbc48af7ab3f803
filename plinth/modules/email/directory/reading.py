# SPDX-License-Identifier: AGPL-3.0-or-later
"""Entries from the answers of slapd."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..errors import MailError
from .accounts import RawAttributes
from .entry import IDENTITY, STAMP, Entry

EntryType = TypeVar('EntryType', bound=Entry)
_CLASS = 'objectClass'
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EntryPage(Generic[EntryType]):
    """A part of a sorted list, and how long the whole list is."""

    entries: tuple[EntryType, ...]
    total: int


def names_of(*kinds: type[Entry]) -> list[str]:
    """The attributes to ask for."""
    names = {name: None for kind in kinds for name in kind.ATTRIBUTES.values()}
    return [*names, STAMP, IDENTITY, *([_CLASS] if len(kinds) > 1 else [])]


def attributes_of(found: Iterable[Mapping[str, Any]] | None) -> Iterator[RawAttributes]:
    """The attributes of the entries in a search's answer."""
    for item in found or ():
        if item['type'] == 'searchResEntry':
            yield item['raw_attributes']


def read(found: Iterable[RawAttributes], *kinds: type[EntryType]) -> Iterator[EntryType]:
    """Entries of one kind, or of several; one damaged by hand must not hide all the others."""
    for raw in found:
        kind = kinds[0] if len(kinds) == 1 else _kind_of(raw, kinds)
        try:
            yield kind.from_attributes(raw)
        except (MailError, TypeError, ValueError) as error:
            logger.warning('Skipping a damaged %s %s: %s', kind.NOUN, dict(raw), error)


def _kind_of(raw: RawAttributes, kinds: tuple[type[EntryType], ...]) -> type[EntryType]:
    """The kind of an entry that is of one of several."""
    classes = {value.decode().lower() for value in raw[_CLASS]}
    return next(kind for kind in kinds if kind.OBJECT_CLASS.lower() in classes)
