# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first check of a new domain's DNS records, in the background.

The daily check would leave a new domain Unknown for up to a day.
"""

import logging
import threading

from ..directory.box_names import is_public
from ..dns import check, local_facts
from ..dns.memory import Memory
from ..errors import MailError
from . import dns_facts

logger = logging.getLogger(__name__)
_running = threading.Lock()


def unchecked() -> list[str]:
    """The domains of which there is no report, and that the internet can know."""
    names, _primary = local_facts.domains()
    memory = Memory()
    memory.forget_others(names)  # one that is added again is new
    return [name for name in names if is_public(name) and memory.latest(name) is None]


def check_unchecked() -> None:
    """Check these domains one after the other; failed ones are left to the daily check."""
    with _running:
        try:
            for name in unchecked():
                check.check(name, dns_facts.of)
        except MailError as error:
            logger.info('Cannot check the records of a new domain: %s', error)


def start() -> None:
    """Check them in the background."""
    threading.Thread(target=check_unchecked, name='email-first-check', daemon=True).start()
