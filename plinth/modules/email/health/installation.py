# SPDX-License-Identifier: AGPL-3.0-or-later
"""An installation that was cut short, and its reason as far as that is known.

With too little memory the kernel ends programs: one the installation needs, so that it fails, or
FreedomBox's web interface itself, so that nothing is left to say so. Thus a mark is set when an
installation begins and removed when it ends; a mark of an earlier process tells of one that did
not end.
"""

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_noop

from ..errors import MailError, Reason
from ..sync import synchronize
from ..sync.signals import guarded
from ..system import packages
from ..words import notices as words
from ..words.text import Sentence
from . import ram

_KEY = 'email_installation'
_NOTICE = 'email-operation'
"""FreedomBox's own notification of the operation, which otherwise says for ever that it runs."""
_PROCESS = uuid.uuid4().hex
MEMORY = words.OUT_OF_MEMORY
RESTART = words.CUT_SHORT

logger = logging.getLogger(__name__)


def sentence(text: str) -> Sentence:
    """The sentence of a text, with the memory there is."""
    there = ram.there_mb()
    return Sentence(text, {'there': '?' if there is None else there})


class OutOfMemoryError(Exception):
    """The end of an installation for which the kernel ended a program."""

    def __str__(self) -> str:
        return str(sentence(MEMORY))


class NoRoomError(Exception):
    """The end of an installation there is no room for, before it changed anything."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return self.reason.sentence


def check_room(names: Sequence[str]) -> None:
    """Refuse an installation that would fill the disk; one of unknown size is tried."""
    try:
        found = packages.look(names)
    except MailError as error:
        logger.info('The size of the installation is unknown: %s', error.detailed)
        return
    if found.lacking:
        raise NoRoomError(Reason('no-space.install', found.lacking))


@dataclass(frozen=True)
class Mark:
    """An installation that began: in which process, since which start, after how many kills."""

    process: str
    boot: str
    kills: int | None

    @property
    def ran_out(self) -> bool:
        """Whether the kernel ended a program for want of memory since then."""
        now = ram.kills()
        is_told = None not in (now, self.kills) and self.boot == ram.boot()
        return is_told and now != self.kills


def _kept() -> Mark | None:
    """The mark of an installation that has not ended."""
    from freedombox import kvstore  # needs the database, which root's service has not

    found: Any = kvstore.get_default(_KEY, None)
    try:
        return Mark(**found) if found else None
    except TypeError:
        return None


@contextmanager
def watched() -> Iterator[None]:
    """Remember that an installation is under way, and say why it failed if memory ran out."""
    from freedombox import kvstore

    mark = Mark(_PROCESS, ram.boot(), ram.kills())
    kvstore.set(_KEY, asdict(mark))
    try:
        yield
    except Exception as error:
        if mark.ran_out:
            raise OutOfMemoryError from error
        raise
    finally:
        kvstore.delete(_KEY, ignore_missing=True)


def cut_short() -> str:
    """The text about the last installation if its process ended before it did, else ''."""
    mark = _kept()
    if mark is None or mark.process == _PROCESS:
        return ''
    return str(MEMORY if mark.ran_out else RESTART)


@guarded
def on_all_loaded(**_arguments: Any) -> None:
    """Notify of an installation that was cut short, once FreedomBox has started."""
    from . import announce  # needs the database

    if not synchronize.is_set_up() and (text := cut_short()):
        announce.show(
            _NOTICE,
            text,
            {},
            severity='error',
            title=gettext_noop('Email was not installed'),
            said=[sentence(text)],
            link=Sentence(gettext_noop('Show installation')),
        )
