# SPDX-License-Identifier: AGPL-3.0-or-later
"""Texts in the language of the reader, with values and the product's name in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeAlias

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


def _shown(value: object) -> object:
    """A value as the reader writes it."""
    return date_format(value) if isinstance(value, datetime) else value


def say(phrase: Phrase, params: Mapping[str, Any]) -> str:
    """A phrase in the language of the reader, with its values and the product's name."""
    said = gettext(phrase) if isinstance(phrase, str) else ngettext(*phrase, params['count'])
    values = {name: _shown(value) for name, value in params.items()}
    return str(said).format(box_name=gettext(cfg.box_name), **values)
