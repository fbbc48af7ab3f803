# SPDX-License-Identifier: AGPL-3.0-or-later
"""A filter: what is done with mail that meets its conditions.

DIAGNOSTICS
    filter-invalid      a part can't be used; the variant says which
    text-invalid        a text has control characters, or is too long
    list-too-long       there are too many filters or conditions
    address-invalid, domain-invalid   a forward leads to no address
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from ..errors import MailError
from ..system import json_value
from ..system.json_value import JsonValue
from .address import parse
from .entry import check_text
from .entry_text import EntryText

Field = Literal['from', 'to', 'subject', 'list', 'label', 'larger', 'smaller']
FIELDS: tuple[Field, ...] = get_args(Field)
SIZES: tuple[Field, ...] = ('larger', 'smaller')
Comparison = Literal['contains', 'is']
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
Flag = Literal['', 'flagged', 'seen']
FLAGS: tuple[Flag, ...] = get_args(Flag)
Match = Literal['all', 'any']

LONGEST_NAME = 80
LONGEST_VALUE = 200
LONGEST_FOLDER = 200
MOST_CONDITIONS = 10
MOST_FILTERS = 50
KB = 1000
"""Bytes in a kilobyte, as in quotas."""
MOST_KB = 1_000_000
_SIZE = re.compile('[1-9][0-9]{0,6}')
_NO_FOLDER_SIGNS = frozenset('%*~\\')
_HIDDEN = 'freedombox-'
"""The beginning of folders that no mail app shows: mail that was deleted, or waits."""


@dataclass(frozen=True)
class FilterCondition(JsonValue):
    """One condition: a field of a message compared with a value; sizes are in kB.

    `label` is the part of the recipient's address behind a plus sign.
    """

    field: Field
    value: str
    comparison: Comparison = 'contains'

    def __post_init__(self) -> None:
        """Refuse a condition no message could meet."""
        if self.field not in FIELDS or self.comparison not in COMPARISONS:
            raise MailError('filter-invalid')
        if not self.value.strip():
            raise MailError('filter-invalid.value')
        check_text(self.value, LONGEST_VALUE)
        if self.field in SIZES and not (_SIZE.fullmatch(self.value) and int(self.value) <= MOST_KB):
            raise MailError('filter-invalid.size', most=MOST_KB)


def check_folder(name: str) -> None:
    """Refuse text that is no name of a folder."""
    check_text(name, LONGEST_FOLDER)
    parts = name.split('/')
    if any(not part.strip() or part.startswith('.') or part != part.strip() for part in parts):
        raise MailError('filter-invalid.folder', folder=name[:80])
    if _NO_FOLDER_SIGNS & set(name) or name.lower().startswith(_HIDDEN):
        raise MailError('filter-invalid.folder', folder=name[:80])


@dataclass(frozen=True)
class MailFilter(EntryText):
    """One filter: conditions and actions; without conditions it is for all mail.

    A message is put into `folder`, gets a flag, a copy of it is sent to `forward`, or it is
    discarded. With `stop`, no later filter sees the message.
    """

    name: str
    conditions: tuple[FilterCondition, ...] = ()
    match: Match = 'all'
    folder: str = ''
    flag: Flag = ''
    forward: str = ''
    discard: bool = False
    stop: bool = True
    enabled: bool = True

    def __post_init__(self) -> None:
        """Refuse a filter that does nothing, or two things that exclude each other."""
        check_text(self.name, LONGEST_NAME)
        if not self.name.strip() or set(self.name) & set('[]'):
            raise MailError('filter-invalid.name')
        if len(self.conditions) > MOST_CONDITIONS:
            raise MailError('list-too-long', most=MOST_CONDITIONS)
        if self.match not in get_args(Match) or self.flag not in FLAGS:
            raise MailError('filter-invalid')
        if self.folder:
            check_folder(self.folder)
        if self.forward and str(parse(self.forward)) != self.forward:
            raise MailError('address-invalid')
        if self.discard and (self.folder or self.flag):
            raise MailError('filter-invalid.discard')
        if not (self.folder or self.flag or self.forward or self.discard or self.stop):
            raise MailError('filter-invalid.nothing')


Filters = tuple[MailFilter, ...]


def check_filters(filters: Collection[MailFilter]) -> None:
    """Refuse too many filters, and two of one name."""
    if len(filters) > MOST_FILTERS:
        raise MailError('list-too-long', most=MOST_FILTERS)
    names = {each.name.casefold() for each in filters}
    if len(names) < len(filters):
        raise MailError('filter-invalid.name-used')


def parse_filters(text: str) -> Filters:
    """The filters an entry holds, in their order. Raises MailError if they are none."""
    if not text:
        return ()
    try:
        found: Filters = json_value.read(Filters, json.loads(text))
    except ValueError as error:
        raise MailError('entry-invalid', text[:200]) from error
    check_filters(found)
    return found


def filters_text(filters: Filters) -> str:
    """Filters as an entry holds them, '' for none."""
    if not filters:
        return ''
    return json.dumps([each.to_json() for each in filters], ensure_ascii=False)
