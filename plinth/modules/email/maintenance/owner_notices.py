# SPDX-License-Identifier: AGPL-3.0-or-later
"""The program that tells people what services without rights have noted for them."""

import logging

from ..errors import MailError
from ..sending import held_notice
from . import login_notices, quota_warnings

logger = logging.getLogger(__name__)


def main() -> None:
    """Tell of held mail, logins and full mailboxes; one kind that fails keeps no other back."""
    for tell_all in (login_notices.tell_all, held_notice.tell_all, quota_warnings.tell_all):
        try:
            tell_all()
        except (MailError, OSError) as error:
            logger.warning('Notices were not sent (%s): %s', tell_all.__module__, error)
