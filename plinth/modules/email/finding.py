# SPDX-License-Identifier: AGPL-3.0-or-later
"""A finding: one thing that needs the administrator, and what can be done about it."""

from dataclasses import dataclass

from .status import State, Text


@dataclass(frozen=True)
class Remedy:
    """What a person can do about a finding: follow a link or press a button.

    A link has the name of a page, a button the name of a repair.
    """

    label: Text
    page: str = ''
    repair: str = ''
    about: str = ''
    """What the page or the button is about, where there are many of them."""

    def __post_init__(self) -> None:
        if bool(self.page) == bool(self.repair):
            raise ValueError('A remedy is either a page or a repair.')


@dataclass(frozen=True)
class Finding:
    """One thing that needs attention."""

    code: str
    state: State
    title: Text
    advice: Text
    remedy: Remedy | None = None
    other: Remedy | None = None
    """What can be done instead."""

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What can be done, the first one first."""
        return tuple(each for each in (self.remedy, self.other) if each)
