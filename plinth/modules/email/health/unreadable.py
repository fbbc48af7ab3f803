# SPDX-License-Identifier: AGPL-3.0-or-later
"""A daemon that cannot read its own files: it runs on, but does not start again.

Root asks each daemon's own checker (`maintenance/readable.py`), once a day and whenever a file
changed since, and keeps the answers in a file that the web interface can read.
"""

from collections.abc import Iterable, Iterator

from ..maintenance.checker_answers import FILTERS, Unreadable
from ..status import State, Verdict
from .finding import Finding

_SPAM = Verdict(State.LOOK, 'sieve')
_LATER = Verdict(State.LOOK, 'restart')


def findings(found: Iterable[Unreadable]) -> Iterator[Finding]:
    """A problem for each daemon that would not start again; mail goes on until then.

    A Sieve script of ours with an error Dovecot leaves out, with all of them that follow.
    """
    for each in found:
        params = {'name': each.daemon, 'words': each.words}
        if each.daemon == FILTERS:
            yield Finding(Verdict(State.BROKEN, 'unreadable-sieve', params), answer=_SPAM)
        else:
            verdict = Verdict(State.BROKEN, 'unreadable', params)
            yield Finding(verdict, each.daemon.lower(), answer=_LATER)
