# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quotas: how much mail a mailbox, or all mailboxes of a domain, may hold.

A quota is stored as it was entered, so that forms show just that, and beside it in bytes, which the
daemons read. Units mean what they say: 1 MB is a million bytes (SI), 1 MiB is 2^20 (IEC 80000-13).
A unit of one letter is refused, because programs differ about it.

DIAGNOSTICS
    quota-invalid          the text is no size like `500 MB`
    quota-invalid.range    the size is smaller or larger than a quota can be
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from ..errors import MailError

UNITS: Mapping[str, int] = MappingProxyType(
    {
        'MB': 10**6, 'GB': 10**9, 'TB': 10**12,
        'MiB': 2**20, 'GiB': 2**30, 'TiB': 2**40,
    }
)  # fmt: skip
UNLIMITED = 'unlimited'
LEAST, MOST = 10**6, 2**50
QUOTA_BYTES = 'fbxMailQuotaBytes'
"""The attribute with the bytes of a quota, which follows from the entered text; 0 is no limit."""
TOTAL_QUOTA = 'fbxMailTotalQuota'
"""The attribute with the quota of all mailboxes of a domain, as it was entered."""
_UNIT_OF = {unit.lower(): unit for unit in UNITS}
_SIZE = re.compile(r'([0-9]{1,16}) ?([A-Za-z]{2,3})')


@dataclass(frozen=True)
class Quota:
    """An amount of a unit, or no limit at all."""

    amount: int
    unit: str = ''

    def __post_init__(self) -> None:
        """Refuse what is no size, or none a mailbox could have."""
        if (self.amount, self.unit) == (0, ''):
            return
        if self.unit not in UNITS:
            raise MailError('quota-invalid')
        if not LEAST <= self.bytes <= MOST:
            raise MailError('quota-invalid.range')

    @classmethod
    def parse(cls, text: str) -> Self:
        """The quota that is meant by `500 MB`, `2 GiB` or `unlimited`."""
        words = ' '.join(text.split())
        if words.lower() == UNLIMITED:
            return cls(0)
        found = _SIZE.fullmatch(words)
        if found is None or found[2].lower() not in _UNIT_OF:
            raise MailError('quota-invalid')
        return cls(int(found[1]), _UNIT_OF[found[2].lower()])

    @property
    def bytes(self) -> int:
        """The quota in bytes, 0 for no limit."""
        return self.amount * UNITS[self.unit] if self.unit else 0

    def __str__(self) -> str:
        return f'{self.amount} {self.unit}' if self.unit else UNLIMITED


def normal(text: str) -> str:
    """A quota as it is stored, '' for none of its own."""
    return str(Quota.parse(text)) if text.strip() else ''


def check(*texts: str) -> None:
    """Refuse a stored text that is no quota."""
    for text in texts:
        if normal(text) != text:
            raise MailError('quota-invalid')


def bytes_of(text: str) -> tuple[str, ...]:
    """The values of `QUOTA_BYTES` for a stored quota."""
    return (str(Quota.parse(text).bytes),) if text else ()


def effective(own: str, usual: str) -> Quota:
    """The quota that holds: a mailbox's own, else that of its domain, else none."""
    text = own or usual
    return Quota.parse(text) if text else Quota(0)
