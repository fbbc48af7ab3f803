# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters for all mailboxes: those before the rules of each, and those after.

DIAGNOSTICS
    filter-invalid.house   mail of all people can't be forwarded by a rule
"""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Literal, Self, get_args

from ..errors import MailError
from ..system.json_value import JsonValue
from .mail_filter import Filters, check_filters

HousePlace = Literal['before', 'after']
PLACES: tuple[HousePlace, ...] = get_args(HousePlace)


@dataclass(frozen=True)
class CommonFilters(JsonValue):
    """The filters before and after those of each mailbox, in their order."""

    before: Filters = ()
    after: Filters = ()

    def __post_init__(self) -> None:
        """Refuse filters that can't be for all."""
        for filters in (self.before, self.after):
            check_filters(filters)
            if any(each.forward for each in filters):
                raise MailError('filter-invalid.house')

    @classmethod
    def parse(cls, text: str) -> Self:
        """The rules the settings hold. Raises MailError if they are none."""
        try:
            return cls.from_json(json.loads(text)) if text else cls()
        except ValueError as error:
            raise MailError('entry-invalid', text[:200]) from error

    def __str__(self) -> str:
        if not self.before and not self.after:
            return ''
        return json.dumps(self.to_json(), ensure_ascii=False)

    @property
    def version(self) -> str:
        """A mark of these rules, by which a change names those that were seen."""
        return hashlib.blake2b(str(self).encode(), digest_size=16).hexdigest()

    def at(self, place: HousePlace) -> Filters:
        """The filters of a place."""
        return self.before if place == 'before' else self.after

    def changed(self, place: HousePlace, filters: Filters) -> Self:
        """The rules with other filters in a place."""
        return replace(self, before=filters) if place == 'before' else replace(self, after=filters)
