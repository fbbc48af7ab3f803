# SPDX-License-Identifier: AGPL-3.0-or-later
r"""Have a program elsewhere write records into a zone: a web address that takes changes.

For hosters no library knows, and for own scripts. The zone is read by DNS, at the resolver of this
box; the program gets what to remove and what to add, and answers with a status of 2xx when all
of it is done.

    POST URL
    Authorization: Bearer SECRET
    {"zone": "example.org", "changes": [{"name": "_dmarc.example.org", "type": "TXT", "ttl": 3600,
     "remove": [], "add": ["\"v=DMARC1; p=none\""]}]}
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..directory.address import parse_domain
from ..errors import MailError
from .answer import Question, Status
from .ask import Asker, resolvers
from .changes import Values, ZoneChange
from .hoster import HosterApi, check_token
from .records import TTL

LONGEST_URL = 500


@dataclass(frozen=True)
class Webhook:
    """A web address that takes the changes of a zone, and the secret it knows us by."""

    zone: str
    url: str
    secret: str

    def __post_init__(self) -> None:
        """Refuse settings that cannot be used."""
        if parse_domain(self.zone) != self.zone:
            raise MailError('zone-invalid')
        check_token(self.secret)
        self._check_url()

    def _check_url(self) -> None:
        """Refuse an address that is no plain one, or that would send the secret in the clear."""
        invalid = MailError('url-invalid')
        if len(self.url) > LONGEST_URL or not self.url.isascii() or not self.url.isprintable():
            raise invalid
        try:
            parts = urlsplit(self.url)
            is_here = parts.hostname in {'localhost', '127.0.0.1', '::1'}
            port_is_right = parts.port is None or parts.port > 0
        except ValueError as error:
            raise invalid from error
        if not parts.hostname or parts.username or parts.password or not port_is_right:
            raise invalid
        if parts.scheme != 'https' and not (parts.scheme == 'http' and is_here):
            raise invalid

    @property
    def server(self) -> str:
        """The host of the web address."""
        return urlsplit(self.url).hostname or ''

    def read(self, questions: Iterable[Question]) -> dict[Question, tuple[Status, Values]]:
        """The values in the zone, as the resolver sees them."""
        return asyncio.run(self._read(list(questions)))

    async def _read(self, questions: list[Question]) -> dict[Question, tuple[Status, Values]]:
        asker = Asker(resolvers())
        answers = await asyncio.gather(*(asker.recurse(*question) for question in questions))
        return {
            question: (answer.status, () if answer.via else answer.values)
            for question, answer in zip(questions, answers, strict=True)
        }

    def change(self, changes: Iterable[ZoneChange]) -> None:
        """Have all changes made."""
        body = {
            'zone': self.zone,
            'changes': [
                {'name': each.name, 'type': each.kind, 'ttl': TTL, 'remove': list(each.removed),
                 'add': list(each.added)}
                for each in changes
            ],
        }  # fmt: skip
        HosterApi(self.url, f'Bearer {self.secret}').ask('POST', '', body)
