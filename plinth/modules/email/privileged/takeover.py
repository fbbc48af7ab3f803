# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take the place of the mail app that comes with FreedomBox.

NAME
    takeover - remove the links by which that app is in force

DESCRIPTION
    FreedomBox puts its files in force by links from /etc to /usr/share/freedombox/etc and
    takes them away again when the app is disabled. Once this app is enabled in its place
    nobody does that any more, so it is done here. Only links to FreedomBox's own files are
    removed: a file somebody has put there instead stays.

DIAGNOSTICS
    None: what is not there is fine.
"""

import pathlib

from freedombox.actions import privileged

SHIPPED = pathlib.Path('/usr/share/freedombox/etc')
ETC = pathlib.Path('/etc')
LINKS = (
    'apache2/conf-enabled/email-freedombox.conf',
    'apache2/conf-available/email-freedombox.conf',
    'fail2ban/jail.d/dovecot-freedombox.conf',
)


def _is_shipped(link: pathlib.Path) -> bool:
    """Return whether a path is a link that leads to one of FreedomBox's files."""
    return link.is_symlink() and link.resolve().is_relative_to(SHIPPED)


def remove_links(etc: pathlib.Path, names: tuple[str, ...]) -> list[str]:
    """Remove links to FreedomBox's files; return those that were there."""
    found = [name for name in names if _is_shipped(etc / name)]
    for name in found:
        (etc / name).unlink()
    return found


@privileged
def built_in_remove() -> list[str]:
    """Remove what keeps the built-in app in force."""
    return remove_links(ETC, LINKS)
