# SPDX-License-Identifier: AGPL-3.0-or-later
"""How strict a domain asks others to be, as its owner chose: DMARC and MTA-STS.

Each domain somebody chose for has a file `DOMAIN.json`, written by root
(`privileged.policy_set`). All others begin at the mildest.
"""

import json
import pathlib
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from ..directory.address import parse_domain

FOLDER = pathlib.Path('/var/lib/freedombox-email-policies')
DMARC = ('none', 'quarantine', 'reject')
MTA_STS = ('testing', 'enforce')
_BIGGEST = 10_000


@dataclass(frozen=True)
class Policy:
    """What a domain asks for, each since which day; None where nobody chose yet."""

    dmarc: str = DMARC[0]
    mta_sts: str = MTA_STS[0]
    dmarc_since: date | None = None
    mta_sts_since: date | None = None

    def __post_init__(self) -> None:
        """Refuse what does not exist."""
        if self.dmarc not in DMARC or self.mta_sts not in MTA_STS:
            raise ValueError(f'No such policy: {self}')

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            'dmarc': self.dmarc,
            'mta_sts': self.mta_sts,
            'dmarc_since': self.dmarc_since and self.dmarc_since.isoformat(),
            'mta_sts_since': self.mta_sts_since and self.mta_sts_since.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Return what `to_json` was made of; ValueError when it is something else."""
        try:
            since = (data['dmarc_since'], data['mta_sts_since'])
            days = (date.fromisoformat(day) if day else None for day in since)
            return cls(data['dmarc'], data['mta_sts'], *days)
        except (KeyError, TypeError) as error:
            raise ValueError(f'not a policy: {error}') from error


def path_of(domain: str, folder: pathlib.Path = FOLDER) -> pathlib.Path:
    """Return where the choice for a domain is kept."""
    return folder / f'{parse_domain(domain)}.json'


def read(domain: str, folder: pathlib.Path = FOLDER) -> Policy:
    """Return what was chosen for a domain; the mildest if nothing was or it cannot be read."""
    try:
        with path_of(domain, folder).open(encoding='utf-8') as file:
            return Policy.from_json(json.loads(file.read(_BIGGEST)))
    except (OSError, ValueError, RecursionError):
        return Policy()
