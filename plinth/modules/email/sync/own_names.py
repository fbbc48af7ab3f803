# SPDX-License-Identifier: AGPL-3.0-or-later
"""A domain added to FreedomBox's names from a page of this app, as its own page does."""

import threading

from freedombox.modules import names
from freedombox.signals import domain_added

from . import signals

_REGULAR_TYPE = 'domain-type-static'


def add(domain: str) -> None:
    """Add a domain, and follow it soon.

    The other apps are told in the background: one of them asks for a certificate before it
    answers, which takes up to a minute.
    """
    names.domain_add(domain)
    signals.on_domain_added('names', name=domain)
    threading.Thread(target=_tell, args=[domain], name='own-names', daemon=True).start()


def _tell(domain: str) -> None:
    domain_added.send_robust(
        sender='names', domain_type=_REGULAR_TYPE, name=domain, services='__all__'
    )


def listed() -> list[str]:
    """The domains entered in FreedomBox, in lower case."""
    return [name.lower() for name in names.domains_list()]
