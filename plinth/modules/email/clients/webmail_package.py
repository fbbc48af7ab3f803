# SPDX-License-Identifier: AGPL-3.0-or-later
"""Debian's package with Roundcube's filters page.

DIAGNOSTICS
    webmail-incomplete   the package could not be installed; apt has said why in the journal
"""

from freedombox import action_utils

from ..errors import MailError
from .webmail import PACKAGE, lacks_filters

_WAIT = 'DPkg::Lock::Timeout=120'


def complete() -> None:
    """Install the filters page of a Roundcube that lacks it; it goes when Roundcube goes."""
    if not lacks_filters():
        return
    with action_utils.apt_hold_freedombox():
        words = ['-o', _WAIT, 'install', '--no-install-recommends', PACKAGE]
        failed = action_utils.run_apt_command(words)
    if failed or lacks_filters():
        raise MailError('webmail-incomplete')
    # It was not asked for by name; apt keeps it as long as Roundcube, which suggests it.
    action_utils.run(['apt-mark', 'auto', PACKAGE], check=False)
