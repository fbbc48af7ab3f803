# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which of FreedomBox's names are mail domains."""

from collections.abc import Iterable

from ..errors import MailError
from .address import parse_domain

_PRIVATE = ('.local', '.onion')
_HELPERS = ('mta-sts.', 'autoconfig.', 'autodiscover.')
"""Names a box has for the sake of a mail domain, so that they get a certificate."""


def is_public(name: str) -> bool:
    """Whether others on the internet could write to this domain."""
    return not name.endswith(_PRIVATE)


def is_mail_domain(name: str) -> bool:
    """Whether a name has the form addresses can end with."""
    try:
        return parse_domain(name) == name.lower()
    except MailError:
        return False


def mail_domains(names: Iterable[str]) -> list[str]:
    """The mail domains among FreedomBox's names, most important first.

    Names that only this house or the Tor network knows count when there is no other, so
    that mail can be tried out before a domain is bought.
    """
    known = [name.lower() for name in names if is_mail_domain(name)]
    helpers = {f'{prefix}{name}' for name in known for prefix in _HELPERS}
    usable = [name for name in known if name not in helpers]
    return [name for name in usable if is_public(name)] or usable
