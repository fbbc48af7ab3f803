# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's notification that mail of previous owners waits for a decision.

Root touches a file when other mail is kept than before, so that nothing is asked otherwise.
A dismissed one stays dismissed until there is other mail.
"""

import hashlib
from collections.abc import Collection

from django.utils.translation import gettext_noop

from .. import privileged
from ..mailstore.aside import NEWS
from ..mailstore.kept_mail import KeptMail
from ..system import systemd
from ..words import notices as words
from ..words.text import Sentence
from . import announce

ID = 'email-kept-mail'
_asked: int | None = None


def follow() -> None:
    """Show the kept mail if it changed; while the directory is stopped its owners are unknown."""
    global _asked  # noqa: PLW0603 - one per process, that is its purpose
    stamp = NEWS.stat().st_mtime_ns if NEWS.exists() else 0
    if stamp != _asked and systemd.running(['slapd'])['slapd']:
        kept = map(KeptMail.from_json, privileged.mail_kept())
        show([each.id for each in kept if each.taken_by])
        _asked = stamp


def show(ids: Collection[str]) -> None:
    """Notify of kept mail, or take the notification back."""
    news = hashlib.sha256(' '.join(sorted(ids)).encode()).hexdigest() if ids else ''
    announce.show(
        ID,
        news,
        announce.shown(ID),
        title=gettext_noop('Mail of previous owners is kept'),
        said=[Sentence(words.NEW_OWNER)],
        link=Sentence(gettext_noop('Review kept mail')),
    )
