# SPDX-License-Identifier: AGPL-3.0-or-later
"""The states every page of this app uses, in words and colours."""

import enum
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from freedombox import cfg
from freedombox.utils import format_lazy

Text: TypeAlias = 'str | Promise'


def with_box_name(text: Text, **params: object) -> Text:
    """Return a text with the product's name, which distributors may change, in it."""
    return format_lazy(text, box_name=_(cfg.box_name), **params)


class State(enum.Enum):
    """The four states every page of this app uses, from bad to good."""

    BROKEN = 'broken'
    UNKNOWN = 'unknown'
    LOOK = 'look'
    WORKS = 'works'

    @property
    def word(self) -> Text:
        """Return the word for this state; it must do without colour or icon."""
        return _WORDS[self]

    @property
    def style(self) -> str:
        """Return Bootstrap's name for the colour of this state."""
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
