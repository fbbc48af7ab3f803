# SPDX-License-Identifier: AGPL-3.0-or-later
"""The common part of all kinds of directory entries.

An entry is a frozen dataclass. Its class says where its kind lives and which LDAP
attribute holds which field; this module turns one into the other. Values are text,
booleans, numbers, moments in UTC and tuples of text, with '', 0, None and () for "not there".

An entry that was read has a `version`, made of its attributes and of slapd's name for it. It says
what a person saw who wants to change the entry, and is no part of the entry's content. slapd's
own `stamp` (entryCSN) changes with each login too, so it counts within one act alone.
"""

import dataclasses
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Sized
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Literal, Self

from ..errors import MailError
from ..system.json_value import JsonValue

Origin = Literal['admin', 'user', 'freedombox', 'role']
ORIGINS: tuple[Origin, ...] = ('admin', 'user', 'freedombox', 'role')
LONGEST_NOTE = 500
STAMP, IDENTITY, MADE = 'entryCSN', 'entryUUID', 'createTimestamp'
_TIME = '%Y%m%d%H%M%SZ'
_DAY = re.compile(r'[0-9]{4}-[0-9]{2}-[0-9]{2}')

Attributes = dict[str, tuple[str, ...]]


def check_text(text: str, longest: int = LONGEST_NOTE) -> None:
    """Refuse text that is too long or would not show as one plain line."""
    if len(text) > longest:
        raise MailError('text-invalid.too-long', most=longest)
    if any(unicodedata.category(character)[0] == 'C' for character in text):
        raise MailError('text-invalid')


def check_number(values: Sized, most: int) -> None:
    """Refuse more values than there may be, before work is done for each."""
    if len(values) > most:
        raise MailError('list-too-long', most=most)


def check_user_name(name: str) -> None:
    """Refuse text that cannot be the name of a FreedomBox user."""
    allowed = all(character.isalnum() or character in '_.@-' for character in name)
    if not name or len(name) > 150 or not allowed:
        raise MailError('user-invalid', name[:80])


def check_origin(origin: str) -> None:
    """Refuse an origin that is none of `ORIGINS`."""
    if origin not in ORIGINS:
        raise MailError('origin-invalid', origin)


def to_time_value(moment: datetime) -> str:
    """A moment as the directory writes it."""
    return moment.astimezone(UTC).strftime(_TIME)


def from_time_value(text: str) -> datetime:
    """A moment the directory wrote."""
    return datetime.strptime(text[:14] + 'Z', _TIME).replace(tzinfo=UTC)


def parse_time(text: str | None) -> datetime | None:
    """The end that is meant by ISO 8601 text, in local time unless it says else.

    No text is no end; a date alone is a last day, which holds until midnight.
    """
    if not text:
        return None
    try:
        if _DAY.fullmatch(text.strip()):
            following = date.fromisoformat(text.strip()) + timedelta(days=1)
            return datetime.combine(following, time()).astimezone(UTC)
        return datetime.fromisoformat(text.strip()).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise MailError('time-invalid') from error


def last_day(end: datetime) -> date:
    """The last whole or begun day before an end, in local time."""
    return (end - timedelta(seconds=1)).astimezone().date()


def now() -> datetime:
    """The present moment as an entry can hold it."""
    return datetime.now(UTC).replace(microsecond=0)


def _to_values(value: object) -> tuple[str, ...]:
    """The attribute values of a field."""
    if isinstance(value, bool):
        return ('TRUE' if value else 'FALSE',)
    if not value:
        return ()
    if isinstance(value, datetime):
        return (to_time_value(value),)
    if isinstance(value, tuple):
        return tuple(str(item) for item in value)
    return (str(value),)


def _from_values(values: Sequence[bytes], kind: object) -> object:
    """A field of type `kind` from the values of its attribute."""
    texts = [value.decode() for value in values]
    if kind == tuple[str, ...]:
        return tuple(texts)
    if kind in (bool, bool | None):
        return texts[0] == 'TRUE'
    if kind is int:
        return int(texts[0])
    if kind in (datetime, datetime | None):
        return from_time_value(texts[0])
    return texts[0]


def _version(raw: Mapping[str, Sequence[bytes]], names: Iterable[str]) -> str:
    """The version of an entry as slapd gives it, '' if it was not asked for."""
    if not raw.get(IDENTITY):
        return ''
    content = [(name, sorted(raw.get(name, ()))) for name in (IDENTITY, *sorted(names))]
    return hashlib.blake2b(repr(content).encode(), digest_size=16).hexdigest()


@dataclasses.dataclass(frozen=True)
class Entry(JsonValue):
    """Base of the kinds of entries; subclasses add fields and check them."""

    OBJECT_CLASS: ClassVar[str]
    BRANCH: ClassVar[str]
    KEY: ClassVar[str]
    NOUN: ClassVar[str]
    ATTRIBUTES: ClassVar[Mapping[str, str]]
    SEARCHED: ClassVar[tuple[str, ...]]

    version: str = dataclasses.field(default='', compare=False, kw_only=True)
    stamp: str = dataclasses.field(default='', compare=False, kw_only=True, repr=False)

    @property
    def key(self) -> str:
        """The name of the entry among its kind."""
        return str(getattr(self, self.KEY))

    @classmethod
    def normal_key(cls, text: str) -> str:
        """The key `text` stands for; MailError where it cannot be one."""
        raise NotImplementedError

    def to_attributes(self) -> Attributes:
        """The LDAP attributes that have a value."""
        pairs = (
            (name, _to_values(getattr(self, field))) for field, name in self.ATTRIBUTES.items()
        )
        return {name: values for name, values in pairs if values}

    @classmethod
    def from_attributes(cls, raw: Mapping[str, Sequence[bytes]]) -> Self:
        """The entry an LDAP search found."""
        types = {field.name: field.type for field in dataclasses.fields(cls)}
        fields: dict[str, Any] = {
            field: _from_values(raw[name], types[field])
            for field, name in (*cls.ATTRIBUTES.items(), ('stamp', STAMP))
            if raw.get(name)
        }
        return cls(**fields, version=_version(raw, cls.ATTRIBUTES.values()))

    def to_json(self) -> dict[str, Any]:
        """The entry as plain values, moments as ISO 8601 text."""
        values = dataclasses.asdict(self)
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
            if name != 'stamp'
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """The entry of these plain values, which have no stamp."""
        return super().from_json({'stamp': '', **data} if isinstance(data, Mapping) else data)
