# SPDX-License-Identifier: AGPL-3.0-or-later
"""Texts in the language of the reader, with values and the product's name in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, Self, TypeAlias

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from freedombox import cfg
from freedombox.utils import format_lazy

Text: TypeAlias = 'str | Promise'
Phrase: TypeAlias = 'str | tuple[str, str]'
"""A text that is marked for translation; a pair is singular and plural, by the value of `count`."""


class Coded(Protocol):
    """A verdict, as far as its sentence goes: a code and the values in it."""

    @property
    def code(self) -> str: ...  # noqa: D102

    @property
    def params(self) -> Mapping[str, Any]: ...  # noqa: D102


def with_box_name(text: Text, **params: object) -> Text:
    """A text with the product's name, which distributors may change, in it."""
    return format_lazy(text, box_name=_(cfg.box_name), **params)


@dataclass(frozen=True)
class Sentence:
    """A phrase and its values, put into words when the language of the reader is known.

    A value may be another sentence, a moment, a day, or a tuple of values, shown as a list.
    """

    phrase: Phrase
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return say(self.phrase, self.params)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for FreedomBox's database."""
        return {'phrase': self.phrase, 'params': _plain(dict(self.params))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The sentence `to_json` was made of."""
        phrase = data['phrase']
        if not isinstance(phrase, str):
            one, more = phrase
            phrase = (str(one), str(more))
        return cls(phrase, {str(name): _value(each) for name, each in data['params'].items()})


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Sentence):
        return value.to_json()
    if isinstance(value, datetime):
        return {'moment': value.isoformat()}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Promise):
        return str(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _value(plain: Any) -> Any:
    """The value that JSON stands for."""
    if isinstance(plain, Mapping):
        moment = plain.get('moment')
        return datetime.fromisoformat(moment) if moment else Sentence.from_json(plain)
    return tuple(map(_value, plain)) if isinstance(plain, list) else plain


def _shown(value: object) -> object:
    """A value as the reader writes it."""
    if isinstance(value, tuple):
        return ', '.join(str(_shown(each)) for each in value)
    return date_format(value) if isinstance(value, date) else value


def say(phrase: Phrase, params: Mapping[str, Any]) -> str:
    """A phrase in the language of the reader, with its values and the product's name."""
    said = gettext(phrase) if isinstance(phrase, str) else ngettext(*phrase, params['count'])
    values = {name: _shown(value) for name, value in params.items()}
    return str(said).format(**{'box_name': gettext(cfg.box_name), **values})
