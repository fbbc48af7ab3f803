# SPDX-License-Identifier: AGPL-3.0-or-later
"""Obtaining a certificate from Let's Encrypt, which takes up to a minute.

FreedomBox's own app does it (`letsencrypt.certificate_obtain`), as an operation of this one. How
it ended is kept until the next attempt, and forgotten when the web interface starts again.
"""

import logging
import threading
import time
from dataclasses import dataclass
from functools import partial

from freedombox.modules import letsencrypt

from ..errors import Reason
from ..sync import signals

LONGEST_DETAIL = 4000
"""Characters of the client's output; the reason is at its end."""
TAKEN_OVER_SECONDS = 60
"""The time in which Dovecot and Postfix have the certificate."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """An attempt for a domain: under way while `ended` is 0, a moment of `time.monotonic`."""

    domain: str
    ended: float = 0
    problem: Reason | None = None
    detail: str = ''

    @property
    def is_under_way(self) -> bool:
        """Whether it runs, or the mail services take the certificate over."""
        if not self.ended:
            return signals.is_obtaining()
        return not self.problem and time.monotonic() - self.ended < TAKEN_OVER_SECONDS


_latest: list[Attempt] = []
"""The latest attempt, if there was one; guarded by the lock."""
_lock = threading.Lock()


def latest(domain: str) -> Attempt | None:
    """The latest attempt, if it was for this domain."""
    return next((each for each in _latest if each.domain == domain), None)


def start(domain: str) -> None:
    """Begin in the background; while another attempt is under way, that one goes on."""
    with _lock:
        if signals.start_obtaining(partial(_run, domain)):
            _latest[:] = [Attempt(domain)]


def _run(domain: str) -> None:
    """Obtain the certificate, and note how that ended."""
    problem, detail = None, ''
    try:
        letsencrypt.certificate_obtain(domain)
    except Exception as error:  # noqa: BLE001 (FreedomBox raises whatever its action did)
        problem, detail = Reason('certificate-refused', {'domain': domain}), _said(error)
        logger.warning('No certificate for %s: %s', domain, detail)
    with _lock:
        _latest[:] = [Attempt(domain, time.monotonic(), problem, detail)]


def _said(error: Exception) -> str:
    """The output of the client, or the error itself."""
    streams = (getattr(error, name, b'') or b'' for name in ('stdout', 'stderr'))
    output = '\n'.join(each.decode(errors='replace').strip() for each in streams)
    return (output.strip() or str(error))[-LONGEST_DETAIL:]
