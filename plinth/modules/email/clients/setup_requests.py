# SPDX-License-Identifier: AGPL-3.0-or-later
"""Requests of mail apps for settings, and the answers they got.

One entry is what one app of one household asked about one domain; when it asks again the entry
counts. So it is the newest 200 of these that are kept, and an app that asks without end has one.
The part before the @ of an address is never kept. What apps say about themselves is shown only.
"""

import dataclasses
import enum
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..directory.entry import now
from ..errors import MailError
from ..system import files
from ..system.json_value import JsonValue

PATH = Path('/var/lib/freedombox-email-clients/requests.json')
MOST = 200
LONGEST_PROGRAM = 120
_LONGEST_FILE = 500_000
_SECONDS = 0.5
"""A request for settings never waits longer for the note of another one."""

logger = logging.getLogger(__name__)


class Protocol(enum.StrEnum):
    """The way of asking."""

    AUTOCONFIG = 'autoconfig'
    AUTODISCOVER = 'autodiscover'
    AUTODISCOVER_V2 = 'autodiscover-v2'
    PROFILE = 'profile'


class Given(enum.StrEnum):
    """The answer."""

    SETTINGS = 'settings'
    REFERRAL = 'referral'
    UNKNOWN = 'unknown'
    """The domain is none of this box, or none was named."""
    INVALID = 'invalid'
    """The request could not be read, or wanted what is not here."""
    FAILED = 'failed'
    """The directory did not answer."""


@dataclass(frozen=True)
class SetupRequest(JsonValue):
    """A request of an app of a household (`client`) about a domain, how often, and since when."""

    protocol: Protocol
    domain: str
    client: str
    program: str
    given: Given
    first: datetime
    last: datetime
    count: int = 1

    @property
    def same(self) -> tuple[str, ...]:
        """The values that are the same when an app asks again."""
        return self.protocol.value, self.domain, self.client, self.program, self.given.value


def plain_program(text: str) -> str:
    """The name an app gives itself, as one short line that shows as it is."""
    shown = ''.join(sign if sign.isprintable() else ' ' for sign in text[: 4 * LONGEST_PROGRAM])
    return ' '.join(shown.split())[:LONGEST_PROGRAM].rstrip()


def _counted(found: Iterable[SetupRequest], new: SetupRequest) -> list[SetupRequest]:
    """The requests with one more, the newest first."""
    before = list(found)
    for each in before:
        if each.same == new.same:
            again = dataclasses.replace(each, last=new.last, count=each.count + 1)
            return [again, *(other for other in before if other is not each)]
    return [new, *before][:MOST]


@dataclass(frozen=True)
class SetupRequests:
    """The requests kept in a file, which the web process writes."""

    path: Path = PATH

    def recent(self) -> tuple[SetupRequest, ...]:
        """The requests, the newest first; none where the file cannot be read."""
        try:
            with self.path.open(encoding='utf-8') as file:
                found = json.loads(file.read(_LONGEST_FILE))
            return tuple(SetupRequest.from_json(each) for each in found)
        except (OSError, ValueError, TypeError):
            return ()

    def note(
        self, protocol: Protocol, domain: str, client: str, program: str, given: Given
    ) -> None:
        """Note one request. What goes wrong is logged: the app gets its answer all the same."""
        moment = now()
        new = SetupRequest(protocol, domain, client, plain_program(program), given, moment, moment)
        try:
            with files.locked(self.path.with_suffix('.lock'), _SECONDS):
                kept = [each.to_json() for each in _counted(self.recent(), new)]
                files.put(self.path, json.dumps(kept).encode(), 0o640)
        except (MailError, OSError) as error:
            logger.warning('A request for settings was not noted: %s', error)
