# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take the place of the mail app that comes with FreedomBox.

NAME
    takeover - remove what keeps that app in force

DESCRIPTION
    FreedomBox puts its files in force by links from /etc to /usr/share/freedombox/etc and
    takes them away again when the app is disabled. Once this app is enabled in its place
    nobody does that any more, so it is done here. Only links to FreedomBox's own files are
    removed: a file somebody has put there instead stays.
    Into four files of Rspamd that app writes a line that includes a file of its own, and
    Rspamd refuses to start without that file. So before the file goes, the line is made to
    bear its absence, and afterwards the line goes too. Other lines stay. In between, either
    app finds what it needs: a take-over that fails leaves the built-in app working.

DIAGNOSTICS
    None: what is not there is fine.
"""

import pathlib
from collections.abc import Callable

from freedombox.actions import privileged

SHIPPED = pathlib.Path('/usr/share/freedombox/etc')
ETC = pathlib.Path('/etc')
LINKS = (
    'apache2/conf-enabled/email-freedombox.conf',
    'apache2/conf-available/email-freedombox.conf',
    'fail2ban/jail.d/dovecot-freedombox.conf',
)


RSPAMD_FILES = ('dkim_signing.conf', 'logging.inc', 'milter_headers.conf', 'redis.conf')
_INCLUDE = '.include('
_BEARING = '.include(try=true; '


def _is_shipped(link: pathlib.Path) -> bool:
    """Return whether a path is a link that leads to one of FreedomBox's files."""
    return link.is_symlink() and link.resolve().is_relative_to(SHIPPED)


def remove_links(etc: pathlib.Path, names: tuple[str, ...]) -> list[str]:
    """Remove links to FreedomBox's files; return those that were there."""
    found = [name for name in names if _is_shipped(etc / name)]
    for name in found:
        (etc / name).unlink()
    return found


def _is_built_in(line: str) -> bool:
    """Return whether a line of Rspamd's configuration includes a file of the built-in app."""
    return line.startswith(_INCLUDE) and '/local.d/freedombox-' in line


def bearing(line: str) -> str:
    """Return the line in a form that bears the absence of the file it includes."""
    if not _is_built_in(line) or 'try=' in line:
        return line
    return _BEARING + line.removeprefix(_INCLUDE)


def gone(line: str) -> str:
    """Return nothing for a line of the built-in app, any other line as it is."""
    return '' if _is_built_in(line) else line


def rewrite(path: pathlib.Path, change: Callable[[str], str]) -> None:
    """Change a file line by line, at once; remove it when nothing is left of it."""
    if not path.is_file():
        return
    before = path.read_text(encoding='utf-8', errors='surrogateescape')
    after = ''.join(map(change, before.splitlines(keepends=True)))
    if after == before:
        return
    if not after:
        path.unlink()
        return
    written = path.with_name(f'.{path.name}.freedombox-email')
    written.write_text(after, encoding='utf-8', errors='surrogateescape')
    written.chmod(path.stat().st_mode & 0o777)
    written.replace(path)


def _rewrite_all(change: Callable[[str], str]) -> None:
    for name in RSPAMD_FILES:
        rewrite(ETC / 'rspamd/local.d' / name, change)


@privileged
def built_in_prepare() -> None:
    """Let the built-in app's files go without harm."""
    _rewrite_all(bearing)


@privileged
def built_in_remove() -> list[str]:
    """Remove what keeps the built-in app in force."""
    _rewrite_all(gone)
    return remove_links(ETC, LINKS)
