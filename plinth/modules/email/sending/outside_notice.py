# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages to an address outside the box that do not need its own mail server.

Each is handed to the other side at once, by the way Postfix would take: directly or by a relay,
encrypted where the other side can. So it arrives while Postfix is stopped or its queue is stuck.
While the directory does not answer, the direct way is taken. Nothing is queued: the caller tries
again.

DIAGNOSTICS
    notice-not-sent   the other side did not take it; the detail says why
"""

import email.policy
import time

from ..directory.store import Store
from ..errors import MailError
from . import box_notice, route_trial
from .route_trial import BrokenOffError, RouteTrial

SECONDS = 60.0


def tell(to: str, domain: str, subject: str, text: str) -> None:
    """Deliver a notice of the postmaster of a domain."""
    message = box_notice.compose(to, domain, subject, text)
    content = message.as_bytes(policy=email.policy.SMTP)
    trial = RouteTrial(f'postmaster@{domain}', to, domain, time.monotonic() + SECONDS, content)
    try:
        _go(trial)
    except BrokenOffError as error:
        raise MailError('notice-not-sent', _why(error), address=to) from error


def _go(trial: RouteTrial) -> None:
    """Take the way of a message."""
    try:
        with Store() as store:
            route_trial.go(store, trial)
    except MailError:
        trial.direct(trial.recipient.rpartition('@')[2], (), '')


def _why(error: BrokenOffError) -> str:
    """The words of the other side, or the kind of trouble."""
    return ' '.join((error.step.code, *error.step.found, *error.step.params.values()))
