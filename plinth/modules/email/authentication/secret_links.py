# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links that are used once: each has a random secret, of which root keeps the hash alone.

What a link is for stands beside its hash, as a value with an end (`expires`). So no one can make a
link, and no one who reads the file can use one.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

from ..directory.entry import now
from ..errors import MailError
from ..system import files

_SECONDS = 10


class LinkMatter(Protocol):
    """The matter of a link: a value that can be written down, and its end."""

    @property
    def expires(self) -> datetime:
        """Moment from which the link is no longer valid."""

    def to_json(self) -> dict[str, Any]:
        """The value as JSON."""

    @classmethod
    def from_json(cls, raw: Any) -> Self:
        """The value of JSON; ValueError when it is none."""


Matter = TypeVar('Matter', bound=LinkMatter)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors='replace')).hexdigest()


@dataclass(frozen=True)
class SecretLinks(Generic[Matter]):
    """All links of one kind, in one file; of more than `most` the newest are kept.

    `error` is the code of the error about a link that is unknown, used or too old.
    """

    kind: type[Matter]
    path: Path
    lock: Path
    error: str
    most: int

    def _read(self) -> dict[str, Matter]:
        """The links by their hashes, without those that are too old."""
        try:
            raw = json.loads(self.path.read_text(encoding='utf-8'))
            found = {str(key): self.kind.from_json(value) for key, value in raw.items()}
        except (OSError, ValueError, AttributeError):
            return {}
        return {key: matter for key, matter in found.items() if matter.expires > now()}

    def _write(self, links: dict[str, Matter]) -> None:
        newest = sorted(links.items(), key=lambda pair: pair[1].expires)[-self.most :]
        content = json.dumps({key: matter.to_json() for key, matter in newest})
        files.put(self.path, content.encode(), 0o600)

    def make(self, matter: Matter) -> str:
        """The secret of a new link."""
        secret = secrets.token_urlsafe(32)
        with files.locked(self.lock, _SECONDS):
            self._write({**self._read(), _hash(secret): matter})
        return secret

    def find(self, secret: str) -> Matter:
        """The matter of a link, or say that the link is not valid, without why."""
        matter = self._read().get(_hash(secret))
        if matter is None:
            raise MailError(self.error)
        return matter

    @contextmanager
    def used(self, secret: str) -> Iterator[Matter]:
        """The matter of a link, which is used up when all that is done with it succeeds."""
        with files.locked(self.lock, _SECONDS):
            links = self._read()
            matter = links.pop(_hash(secret), None)
            if matter is None:
                raise MailError(self.error)
            yield matter
            self._write(links)
