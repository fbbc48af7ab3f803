# SPDX-License-Identifier: AGPL-3.0-or-later
"""The DNS records a mail domain needs."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST_STRING = 255
"""Bytes one string of a TXT record can hold (RFC 1035); longer values are several strings."""


@dataclass(frozen=True)
class Record:
    """One record, and in plain words what it is for."""

    name: str
    kind: str
    value: str
    title: str | Promise
    purpose: str | Promise

    @property
    def text(self) -> str:
        """Return the value as zone files spell it."""
        if self.kind != 'TXT':
            return self.value
        starts = range(0, len(self.value), LONGEST_STRING)
        return ' '.join(f'"{self.value[start : start + LONGEST_STRING]}"' for start in starts)


def wanted(
    domain: str, host: str, signature: str = '', selector: str = 'dkim'
) -> tuple[Record, ...]:
    """Return the records of a domain whose mail the machine called `host` takes.

    `signature` is the public key mail is signed with; without one there is no such record.
    """
    records = [
        Record(
            domain,
            'MX',
            f'10 {host}.',
            _('Where to deliver (MX)'),
            _('Tells other mail servers that this box takes mail for the domain.'),
        ),
        Record(
            domain,
            'TXT',
            'v=spf1 mx ~all',
            _('Who may send (SPF)'),
            _('Tells other mail servers that mail of the domain comes from this box only.'),
        ),
        Record(
            f'_dmarc.{domain}',
            'TXT',
            f'v=DMARC1; p=none; rua=mailto:postmaster@{domain}',
            _('What to do with forgeries (DMARC)'),
            _('Asks other mail servers to report mail that pretends to come from the domain.'),
        ),
    ]
    if signature:
        records.insert(
            2,
            Record(
                f'{selector}._domainkey.{domain}',
                'TXT',
                f'v=DKIM1; k=rsa; p={signature}',
                _('Signature key (DKIM)'),
                _('Lets others check that a message is from you and was not changed.'),
            ),
        )
    return tuple(records)
