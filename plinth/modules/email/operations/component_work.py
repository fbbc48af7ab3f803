# SPDX-License-Identifier: AGPL-3.0-or-later
"""Installing and removing optional parts, which takes minutes.

It runs as an operation of FreedomBox. How the last one ended is kept until the next, and
forgotten when the web interface starts again.
"""

import logging
import threading
from dataclasses import dataclass
from functools import partial

from .. import privileged
from ..errors import MailError, Reason
from ..sync import signals

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ComponentAttempt:
    """The work on an optional part, and the problem it ended with."""

    name: str
    installed: bool
    over: bool = False
    problem: Reason | None = None
    detail: str = ''


_latest: list[ComponentAttempt] = []
"""The latest attempt, if there was one; guarded by the lock."""
_lock = threading.Lock()


def latest() -> ComponentAttempt | None:
    """The latest attempt."""
    return _latest[0] if _latest else None


def start(name: str, installed: bool, person: str) -> None:
    """Begin in the background; while other work on an optional part is under way, that goes on."""
    with _lock:
        if signals.start_component(partial(_run, name, installed, person)):
            _latest[:] = [ComponentAttempt(name, installed)]


def _run(name: str, installed: bool, person: str) -> None:
    """Do it, and note how that ended."""
    act = privileged.component_install if installed else privileged.component_remove
    problem, detail = None, ''
    try:
        act(name, [person], _log_error=False)
    except MailError as error:
        problem, detail = error.reason, error.detail
        logger.warning('The optional part %s: %s', name, error.detailed)
    with _lock:
        _latest[:] = [ComponentAttempt(name, installed, True, problem, detail)]
