# SPDX-License-Identifier: AGPL-3.0-or-later
"""Values that stand in an attribute of an entry as JSON."""

import json
from typing import Self

from ..errors import MailError
from ..system.json_value import JsonValue


class EntryText(JsonValue):
    """A value that is written as its JSON."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The value that JSON stands for. Raises MailError if it is none."""
        try:
            return cls.from_json(json.loads(text))
        except ValueError as error:
            raise MailError('entry-invalid', text[:200]) from error

    def __str__(self) -> str:
        return json.dumps(self.to_json(), ensure_ascii=False)
