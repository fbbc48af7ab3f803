# SPDX-License-Identifier: AGPL-3.0-or-later
"""Texts in the language of the reader, with the product's name in them."""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from freedombox import cfg
from freedombox.utils import format_lazy

Text: TypeAlias = 'str | Promise'


def with_box_name(text: Text, **params: object) -> Text:
    """Return a text with the product's name, which distributors may change, in it."""
    return format_lazy(text, box_name=_(cfg.box_name), **params)


class Coded(Protocol):
    """A verdict, as far as its sentence goes: a code and the values in it."""

    @property
    def code(self) -> str: ...  # noqa: D102

    @property
    def params(self) -> Mapping[str, str]: ...  # noqa: D102
