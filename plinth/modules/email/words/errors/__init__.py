# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for the keys of reasons, one file for each room they come from.

A pair of sentences is singular and plural, by the value of `count`. A value that is a mapping is
another reason, whose sentence is put in its place.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from . import (
    activity,
    app,
    bans,
    clients,
    command,
    directory,
    dkim,
    dns,
    guards,
    mailstore,
    maintenance,
    migration,
    misuse,
    queue,
    reports,
    routes,
    rules,
    sending,
    system,
    transaction,
)

if TYPE_CHECKING:
    from ..text import Sentence

Value: TypeAlias = 'str | int | float | Mapping[str, Any]'
Params: TypeAlias = Mapping[str, Value]
Text: TypeAlias = 'str | tuple[str, str]'

_ROOMS: tuple[Mapping[str, Text], ...] = (
    activity.SENTENCES,
    app.SENTENCES,
    bans.SENTENCES,
    clients.SENTENCES,
    command.SENTENCES,
    directory.SENTENCES,
    dkim.SENTENCES,
    dns.SENTENCES,
    guards.SENTENCES,
    mailstore.SENTENCES,
    maintenance.SENTENCES,
    migration.SENTENCES,
    misuse.SENTENCES,
    queue.SENTENCES,
    reports.SENTENCES,
    routes.SENTENCES,
    rules.SENTENCES,
    sending.SENTENCES,
    system.SENTENCES,
    transaction.SENTENCES,
)
SENTENCES: Mapping[str, Text] = MappingProxyType(
    {key: text for room in _ROOMS for key, text in room.items()}
)
_FOLLOW = '.follow'
"""The variant of any code for a change that was made, but not followed by the mail services."""


class _Values(dict[str, Any]):
    """Values by their names; a name without one stands for itself, for an error must be told."""

    def __missing__(self, name: str) -> str:
        return f'({name})'


def _same(text: str) -> str:
    return text


def _one_or_more(one: str, more: str, count: int) -> str:
    return one if count == 1 else more


def english(
    key: str,
    params: Params,
    say: Callable[[str], str] = _same,
    choose: Callable[[str, str, int], str] = _one_or_more,
) -> str:
    """The sentence in English, or in the language that two functions of gettext stand for."""
    text = SENTENCES.get('follow' if key.endswith(_FOLLOW) else key)
    if text is None:  # of another version, while an upgrade is under way
        return f'{key} {dict(params)}'
    said = say(text) if isinstance(text, str) else choose(*text, int(str(params['count'])))
    values = _Values({
        name: english(value['key'], value['params'], say, choose)
        if isinstance(value, Mapping)
        else value
        for name, value in params.items()
    })  # fmt: skip
    return said.format_map(values)


def said(key: str, params: Params) -> 'Sentence':
    """The sentence for a reader whose language is not known yet."""
    from ..text import Sentence  # needs Django

    text = SENTENCES.get('follow' if key.endswith(_FOLLOW) else key)
    if text is None:
        return Sentence('{text}', {'text': english(key, params)})
    return Sentence(text, {
        name: said(value['key'], value['params']) if isinstance(value, Mapping) else value
        for name, value in params.items()
    })  # fmt: skip


def translated(key: str, params: Params) -> str:
    """The sentence in the language of the reader; programs without Django speak English."""
    from django.conf import settings
    from django.utils.translation import gettext, ngettext

    return english(key, params, gettext, ngettext) if settings.configured else english(key, params)
