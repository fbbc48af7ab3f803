# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root action on Roundcube.

DIAGNOSTICS
    The errors of `clients.webmail_package`, unchanged.
"""

from freedombox.actions import privileged

from ..clients import webmail_package


@privileged
def webmail_complete() -> None:
    """Install the filters page of a Roundcube that lacks it; it goes when Roundcube goes."""
    webmail_package.complete()
