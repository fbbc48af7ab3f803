# SPDX-License-Identifier: AGPL-3.0-or-later
"""Debian's package with Roundcube's filters page.

DIAGNOSTICS
    webmail-incomplete   the package is installed, and does not have that page
    What :mod:`..system.packages` raises passes through.
"""

from freedombox import action_utils

from ..errors import MailError
from ..system import packages
from .webmail import PACKAGE, lacks_filters


def complete() -> None:
    """Install the filters page of a Roundcube that lacks it; it goes when Roundcube goes."""
    if not lacks_filters():
        return
    with action_utils.apt_hold_freedombox():
        # It was not asked for by name; apt keeps it as long as Roundcube, which suggests it.
        packages.install([PACKAGE], automatic=True, recommends=False)
    if lacks_filters():
        raise MailError('webmail-incomplete')
