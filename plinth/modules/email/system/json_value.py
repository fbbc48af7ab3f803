# SPDX-License-Identifier: AGPL-3.0-or-later
"""Values that cross the pipe between root's service and the web process, as JSON.

A `JsonValue` is a frozen dataclass. `to_json` makes plain values of it; `from_json` takes those
and nothing else: each field must be there and be what its annotation says. Fields are text,
numbers, truths, moments, days, times (in seconds), choices, other values with `to_json` and
`from_json`, and tuples and mappings of these.

DIAGNOSTICS
    ValueError   the plain values are not those of this class; the message names the field, and
                 never holds a value, which may be a password
"""

import dataclasses
import enum
import functools
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, Self, cast


def _plain(value: Any) -> Any:
    """A value of a field as JSON knows it."""
    if hasattr(value, 'to_json'):
        return value.to_json()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, enum.Enum) else value


def _one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    """A value of one of several kinds, which differ in their plain form."""
    for kind in kinds:
        try:
            return read(kind, value)
        except ValueError:
            continue
    raise ValueError('of no kind it may be')


def _items(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    """A tuple of one kind, or of several at fixed places."""
    if not isinstance(value, list | tuple):
        raise ValueError('no list')
    if kinds[-1] is Ellipsis:
        return tuple(read(kinds[0], each) for each in value)
    return tuple(read(kind, each) for kind, each in zip(kinds, value, strict=True))


def _mapping(kinds: tuple[Any, ...], value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError('no mapping by names')
    return {key: read(kinds[1], each) for key, each in value.items()}


def _literal(kinds: tuple[Any, ...], value: Any) -> Any:
    if not isinstance(value, str) or value not in kinds:
        raise ValueError(f'none of {kinds}')
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError('without a time zone')
    return moment


def _exactly(kind: type, value: Any) -> Any:
    """Text, a number, a truth or nothing; a truth is no number."""
    if kind is types.NoneType and value is None:
        return None
    fitting = (int, float) if kind is float else (kind,)
    if type(value) not in fitting:
        raise ValueError(f'no {kind.__name__}')
    return kind(value)


def _made(kind: type, value: Any) -> Any:
    """A moment, a day, a time or a choice."""
    try:
        if kind is datetime:
            return _moment(value)
        if kind is date:
            return date.fromisoformat(value)
        return timedelta(seconds=value) if kind is timedelta else kind(value)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f'no {kind.__name__}') from None


_READERS: Mapping[Any, Callable[[tuple[Any, ...], Any], Any]] = {
    typing.Union: _one_of,
    types.UnionType: _one_of,
    tuple: _items,
    Mapping: _mapping,
    Literal: _literal,
}


def read(kind: Any, value: Any) -> Any:
    """The value of a kind that plain values stand for; ValueError for any other."""
    if reader := _READERS.get(typing.get_origin(kind)):
        return reader(typing.get_args(kind), value)
    if issubclass(kind, date | timedelta | enum.Enum):
        return _made(kind, value)
    if not hasattr(kind, 'from_json'):
        return _exactly(kind, value)
    try:
        return kind.from_json(value)
    except (KeyError, TypeError, AttributeError, OverflowError):
        raise ValueError(f'no {kind.__name__}') from None


@functools.cache
def _kinds(cls: Any) -> Mapping[str, Any]:
    """The fields of a class and their kinds."""
    hints = typing.get_type_hints(cls)
    return {each.name: hints[each.name] for each in dataclasses.fields(cls)}


@dataclasses.dataclass(frozen=True)
class JsonValue:
    """Base of the values that cross as JSON: dataclasses whose fields say what they hold."""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {each.name: _plain(getattr(self, each.name)) for each in dataclasses.fields(self)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """The value `to_json` was made of; ValueError for anything else."""
        if not isinstance(data, Mapping):
            raise ValueError(f'no {cls.__name__}')
        values, itself = {}, cast(Hashable, cls)
        for name, kind in _kinds(itself).items():
            if name not in data:
                raise ValueError(f'{cls.__name__} without {name}')
            try:
                values[name] = read(kind, data[name])
            except ValueError as error:
                raise ValueError(f'{cls.__name__}.{name}: {error}') from error
        return cls(**values)
