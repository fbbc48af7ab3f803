# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which other FreedomBox tests our port 25 from outside, and whether this one tests others.

Root keeps both (`privileged/reach.py`) in a file the web interface may read. Without it no box
is asked, and none is answered.

DIAGNOSTICS
    domain-invalid   this is no host name
    And the errors of `files` about a file that cannot be written.
"""

import json
import pathlib
from dataclasses import dataclass

from ..directory.address import parse_domain
from ..errors import MailError
from ..system import files
from ..system.json_value import JsonValue

PATH = pathlib.Path('/var/lib/freedombox-email/reach.json')
_BIGGEST = 10_000


@dataclass(frozen=True)
class OtherBox(JsonValue):
    """The host name of another box, '' for none; and whether others may have us test them."""

    host: str = ''
    answers: bool = False

    def __post_init__(self) -> None:
        """Refuse a host name that is not in its normal form."""
        if self.host and parse_domain(self.host) != self.host:
            raise ValueError(f'Not in its normal form: {self.host!r}')


def load(path: pathlib.Path = PATH) -> OtherBox:
    """The choice kept; no box and no answers when it cannot be read."""
    try:
        with path.open(encoding='utf-8') as file:
            return OtherBox.from_json(json.loads(file.read(_BIGGEST)))
    except (OSError, ValueError, MailError):
        return OtherBox()


def choose(host: str, answers: bool) -> None:
    """Keep the name of another box, '' for none, and whether others may have us test them."""
    files.tell_web(PATH, OtherBox(parse_domain(host) if host else '', answers).to_json())
