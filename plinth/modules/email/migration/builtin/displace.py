# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take the place of the mail app that comes with FreedomBox.

NAME
    displace - remove what keeps that app in force

DESCRIPTION
    FreedomBox puts its files in force by links from /etc to /usr/share/freedombox/etc and
    takes them away again when the app is disabled. Once this app is enabled in its place
    FreedomBox no longer does that, so it is done here. Only links to FreedomBox's own files are
    removed: a file that was put there instead stays.
    Into four files of Rspamd that app writes a line that includes a file of its own, and
    Rspamd refuses to start without that file. So before the file goes, the line is made to
    bear its absence, and afterwards the line goes too. Other lines stay. In between, either
    app finds what it needs: a take-over that fails leaves the built-in app working.

    These lines are also how root itself knows that the built-in app was set up, or that a
    backup it made was just restored: only that app writes them, only root can, and they go
    last of all when its place is taken. As long as they are there a take-over is due; what
    belongs to one is refused at any other time.

DIAGNOSTICS
    builtin-not-due    there is no earlier app to take over from; nothing was changed
"""

import dataclasses
import pathlib
from collections.abc import Callable

from ...config.dovecot import PATH
from ...errors import MailError
from ...system import files

SHIPPED = pathlib.Path('/usr/share/freedombox/etc')
ETC = pathlib.Path('/etc')
LINKS = (
    'apache2/conf-enabled/email-freedombox.conf',
    'apache2/conf-available/email-freedombox.conf',
    'fail2ban/jail.d/dovecot-freedombox.conf',
)


RSPAMD_FILES = ('dkim_signing.conf', 'logging.inc', 'milter_headers.conf', 'redis.conf')
OUR_CONFIGURATION = pathlib.Path(PATH)
_INCLUDE = '.include('
_BEARING = '.include(try=true; '


def _is_shipped(link: pathlib.Path) -> bool:
    """Whether a path is a link that leads to one of FreedomBox's files."""
    return link.is_symlink() and link.resolve().is_relative_to(SHIPPED)


def remove_links(etc: pathlib.Path, names: tuple[str, ...]) -> list[str]:
    """Remove links to FreedomBox's files; return those that were there."""
    found = [name for name in names if _is_shipped(etc / name)]
    for name in found:
        (etc / name).unlink()
    return found


def _is_built_in(line: str) -> bool:
    """Whether a line of Rspamd's configuration includes a file of the built-in app."""
    return line.startswith(_INCLUDE) and '/local.d/freedombox-' in line


def bearing(line: str) -> str:
    """The line in a form that bears the absence of the file it includes."""
    if not _is_built_in(line) or 'try=' in line:
        return line
    return _BEARING + line.removeprefix(_INCLUDE)


def gone(line: str) -> str:
    """Nothing for a line of the built-in app, any other line as it is."""
    return '' if _is_built_in(line) else line


def rewrite(path: pathlib.Path, change: Callable[[str], str]) -> None:
    """Change a file line by line, at once; remove it when nothing is left of it."""
    before = files.read(str(path))
    if before.kind != 'file':
        return
    after = ''.join(map(change, before.text.splitlines(keepends=True)))
    if not after:
        files.write(str(path), files.ABSENT)
    elif after != before.text:
        content = after.encode('utf-8', 'surrogateescape')
        files.write(str(path), dataclasses.replace(before, content=content))


def _rewrite_all(change: Callable[[str], str]) -> None:
    for name in RSPAMD_FILES:
        rewrite(ETC / 'rspamd/local.d' / name, change)


def is_due() -> bool:
    """Whether the built-in app is set up, or a backup that it made was restored."""
    files = [ETC / 'rspamd/local.d' / name for name in RSPAMD_FILES]
    texts = [path.read_text(encoding='utf-8', errors='replace') for path in files if path.is_file()]
    return any(_is_built_in(line) for text in texts for line in text.splitlines())


def is_over() -> bool:
    """Whether all was taken over, though FreedomBox may not have noted that yet."""
    return OUR_CONFIGURATION.exists() and not is_due()


def check_due() -> None:
    """Refuse the steps of a take-over while there is nothing to take over."""
    if not is_due():
        raise MailError('builtin-not-due')


def builtin_prepare() -> None:
    """Let the built-in app's files go without harm."""
    check_due()
    _rewrite_all(bearing)


def builtin_remove() -> list[str]:
    """Remove links and lines that keep the built-in app in force, once ours is in its place."""
    check_due()
    if not OUR_CONFIGURATION.exists():
        raise MailError('builtin-not-due.in-use')
    removed = remove_links(ETC, LINKS)
    _rewrite_all(gone)
    return removed
