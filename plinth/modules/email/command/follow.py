# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has the mail services follow a change of the directory that they do not see themselves."""

from ..errors import MailError
from .who import who


def follow() -> None:
    """Bring the mail services in line with the domains."""
    from ..maintenance.setup import refresh  # slow to import, and only few verbs need it

    try:
        refresh(who())
    except MailError as error:
        raise MailError(f'{error.code}.follow', error.detail, why=error.reason.to_json()) from error
