# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root action on the certificates the box makes itself.

DIAGNOSTICS
    The errors of `maintenance.self_made`, unchanged.
"""

from freedombox.actions import privileged

from ..directory.store import Store
from ..maintenance import self_made


@privileged
def certificate_make(domain: str) -> None:
    """Make the certificate of a mail domain, unless a good one is there."""
    with Store() as store:
        self_made.ensure(store, domain)
