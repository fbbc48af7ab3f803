# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether each daemon could start with the files it has, by the word of its own checker.

Our Sieve scripts count as well: Dovecot goes on without one that has an error.

DESCRIPTION
    A daemon reads its files when it starts. One whose files were damaged since works on, until
    a reboot ends it. So each is asked once a day, and by the overview whenever something in its
    folder is not what it was at the last time: a checker takes up to a second.

DIAGNOSTICS
    check-failed  a checker could not be run or did not end
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..config.sieve_order import SIEVE
from ..rules import sieve
from ..system import files
from ..transaction import sandbox
from ..transaction.daemons import DOVECONF, POSTCONF, POSTFIX, RSPAMADM
from .checker_answers import FILTERS, PATH, CheckerAnswer, Unreadable, last, refusing

CHECKERS: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    'Postfix': ('/etc/postfix', ((POSTFIX, 'check'), (POSTCONF, '-M'))),
    'Dovecot': ('/etc/dovecot', ((DOVECONF, '-n'),)),
    'Rspamd': ('/etc/rspamd', ((RSPAMADM, 'configtest'),)),
    FILTERS: (SIEVE, sieve.commands()),
}
LONGEST = 500
"""Characters of a daemon's words that are shown."""
_TELLING = re.compile(r'.*(?:fatal|error|panic).*', re.IGNORECASE)


def _stamps(folder: str) -> Iterator[str]:
    """Stamps that change whenever a file in a folder does."""
    for place, _folders, names in os.walk(folder):
        for name in names:
            found = os.lstat(os.path.join(place, name))  # noqa: PTH118
            yield f'{place}/{name} {found.st_ino} {found.st_size} {found.st_mtime_ns}'


def stamp(folder: str) -> str:
    """A hash that differs when a file in a folder does."""
    return hashlib.sha256('\n'.join(sorted(_stamps(folder))).encode()).hexdigest()


def telling(text: str) -> str:
    """The lines with errors, else all, cut to the length that is shown."""
    lines = _TELLING.findall(text) or text.split('\n')
    return ' '.join(' '.join(dict.fromkeys(map(str.strip, lines))).split())[:LONGEST]


def words(commands: tuple[tuple[str, ...], ...]) -> str:
    """The words of the first checker that refuses the files in use; '' when all take them."""
    for command in commands:
        ran = sandbox.run(command)
        if ran.code:
            return telling(ran.errors or ran.output) or f'{command[0]}: {ran.code}'
    return ''


def _is_moot(daemon: str, found: list[CheckerAnswer]) -> bool:
    """Whether a checker cannot tell: that of Sieve reads Dovecot's settings first."""
    return daemon == FILTERS and any(each.daemon == 'Dovecot' and each.words for each in found)


def look(again: bool = False) -> tuple[Unreadable, ...]:
    """Ask the daemons whose files changed, all of them with `again`; return those that refuse."""
    before = {each.daemon: each for each in last(PATH) or ()}
    now: list[CheckerAnswer] = []
    for daemon, (folder, commands) in CHECKERS.items():
        if not Path(commands[0][0]).exists() or _is_moot(daemon, now):
            continue
        answer, mark = before.get(daemon), stamp(folder)
        if again or not answer or answer.stamp != mark:
            answer = CheckerAnswer(daemon, mark, words(commands))
        now.append(answer)
    if now != [*before.values()]:
        files.tell_web(PATH, [each.to_json() for each in now])
    return refusing(now)
