# SPDX-License-Identifier: AGPL-3.0-or-later
"""A daemon that cannot read its own files: it runs on, but does not start again.

Root asks each daemon's own checker (`maintenance/readable.py`), once a day and whenever a file
changed since, and keeps the answers in a file that the web interface can read.
"""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _
from freedombox.utils import format_lazy

from ..maintenance.checker_answers import FILTERS, Unreadable
from ..status import State
from .finding import Answer, Finding


def _faulty_filter(words: str) -> Finding:
    """A Sieve script of ours that Dovecot leaves out, with all of them that follow."""
    return Finding(
        'unreadable-sieve',
        State.BROKEN,
        _('A Sieve filter of the mail server has an error.'),
        format_lazy(_('Dovecot reports: “{words}”. Reinstall the package freedombox-email.'),
                    words=words),
        answer=Answer(State.LOOK, _('Spam is delivered to the inbox.')),
    )  # fmt: skip


def findings(found: Iterable[Unreadable]) -> Iterator[Finding]:
    """A problem for each daemon that would not start again; mail goes on until then."""
    for each in found:
        if each.daemon == FILTERS:
            yield _faulty_filter(each.words)
            continue
        yield Finding(
            f'unreadable-{each.daemon.lower()}',
            State.BROKEN,
            format_lazy(_("{name} can't read its settings and won't start again."),
                        name=each.daemon),
            format_lazy(_('{name} reports: “{words}”. Correct this before the next restart.'),
                        name=each.daemon, words=each.words),
            answer=Answer(State.LOOK, _('Mail will stop at the next restart.')),
        )  # fmt: skip
