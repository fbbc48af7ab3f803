# SPDX-License-Identifier: AGPL-3.0-or-later
"""The next step, possible because all was right for long enough. Pure.

Both steps can lock mail out when taken too early: asking other servers to require encryption
(MTA-STS), and showing a certificate with another key while mail servers that check it (DANE)
know the old one only.
"""

from datetime import datetime, timedelta

from .records import Site
from .report import DnsReport

QUIET = timedelta(days=14)
"""So long all must have been right before the page proposes to require encryption."""
KNOWN = timedelta(days=1)
"""So long a record must have been seen by all until no cache holds its absence any more."""
LAST = timedelta(days=5)
"""So long before its end a certificate is replaced, whatever other servers have seen."""
_FOR_POLICY = ('mx', 'mta-sts', 'mta-sts-host', 'policy', 'certificate')


def may_enforce(site: Site, told: DnsReport | None, now: datetime, *, some_failed: bool) -> bool:
    """Whether to propose that other servers require encrypted delivery.

    Not while `some_failed` to deliver encrypted, as they reported: they know better than what
    can be seen from here.
    """
    if told is None or site.is_hidden or site.mta_sts_mode != 'testing' or some_failed:
        return False
    right = all(
        role in told.verdicts and told.verdicts[role].code == 'right' for role in _FOR_POLICY
    )
    return right and all(now - told.since.get(role, now) >= QUIET for role in _FOR_POLICY)


def _roles_of_key(told: DnsReport, key: str) -> list[str]:
    """The known records that are about a certificate's key."""
    return [
        role
        for role, value in told.values.items()
        if role.startswith('tlsa-')
        and value == f'3 1 1 {key}'
        and role in told.verdicts
        and told.verdicts[role].code in ('right', 'tlsa-more')
    ]


def must_wait(
    told: DnsReport | None, shown: str, following: str, ends: datetime, now: datetime
) -> bool:
    """Whether a new certificate must not be shown yet.

    `shown` and `following` are the keys of the present certificate and of the new one, `ends`
    is when the present one runs out. Where no server checks keys, there is no need to wait.
    """
    if told is None or following in ('', shown) or ends - now <= LAST:
        return False
    dnssec = told.verdicts.get('dnssec')
    if not dnssec or dnssec.code != 'dnssec-signed' or not _roles_of_key(told, shown):
        return False
    return not any(
        now - told.since.get(role, now) >= KNOWN for role in _roles_of_key(told, following)
    )
