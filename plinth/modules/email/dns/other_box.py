# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which other FreedomBox tests our port 25 from outside, and whether this one tests others.

Root keeps both (`privileged/reach.py`) in a file the web interface may read. Without it no box
is asked, and none is answered.
"""

import json
import pathlib
from dataclasses import asdict, dataclass
from typing import Any, Self

from ..directory.address import parse_domain
from ..errors import MailError

PATH = pathlib.Path('/var/lib/freedombox-email/reach.json')
_BIGGEST = 10_000


@dataclass(frozen=True)
class OtherBox:
    """The host name of another box, '' for none; and whether others may have us test them."""

    host: str = ''
    answers: bool = False

    def __post_init__(self) -> None:
        """Refuse a host name that is not in its normal form."""
        if self.host and parse_domain(self.host) != self.host:
            raise ValueError(f'Not in its normal form: {self.host!r}')

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """The choice `to_json` was made of; ValueError or TypeError for anything else."""
        host, answers = data['host'], data['answers']
        if not isinstance(host, str) or not isinstance(answers, bool):
            raise TypeError('Not what is kept of another box.')
        return cls(host, answers)


def load(path: pathlib.Path = PATH) -> OtherBox:
    """The choice kept; no box and no answers when it cannot be read."""
    try:
        with path.open(encoding='utf-8') as file:
            return OtherBox.from_json(json.loads(file.read(_BIGGEST)))
    except (OSError, ValueError, TypeError, KeyError, MailError):
        return OtherBox()
