# SPDX-License-Identifier: AGPL-3.0-or-later
"""States and verdicts: one vocabulary for all pages, notifications and the command."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from .words.text import Text


class State(enum.StrEnum):
    """The four states every page of this app uses, from bad to good."""

    BROKEN = 'broken'
    UNKNOWN = 'unknown'
    LOOK = 'look'
    WORKS = 'works'

    @property
    def word(self) -> Text:
        """The word for this state; it must do without colour or icon."""
        return _WORDS[self]

    @property
    def style(self) -> str:
        """Bootstrap's name for the color of this state."""
        return _STYLES[self]


_WORDS = {
    State.BROKEN: _('Broken'),
    State.UNKNOWN: _('Unknown'),
    State.LOOK: _('Warning'),
    State.WORKS: _('Works'),
}
_STYLES = {
    State.BROKEN: 'danger',
    State.UNKNOWN: 'secondary',
    State.LOOK: 'warning',
    State.WORKS: 'success',
}


@dataclass(frozen=True)
class Verdict:
    """A state, a code that words/ has a sentence for, the values in it, and findings."""

    state: State
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    found: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {'state': self.state, 'code': self.code, 'params': dict(self.params),
                'found': list(self.found)}  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The value `to_json` was made of."""
        return cls(State(data['state']), str(data['code']), _texts(data['params'].items()),
                   tuple(map(str, data['found'])))  # fmt: skip


def _texts(pairs: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    return {str(key): str(value) for key, value in pairs}
