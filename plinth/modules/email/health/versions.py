# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs that strangers talk to, and the oldest version of each that is safe.

Debian mends faults without a new version of the program, so what counts is the version of the
package. An update that is held back, or was never fetched, is told to the administrator. For
a release of Debian that is not listed, nothing is known.

    dovecot-core    CVE-2026-24031, -27860: names of logins reached LDAP filters as they were
    postfix         MX patterns of MTA-STS policies were not obeyed wholly
    others          the security updates of Debian as of November 2026
"""

import pathlib
from collections.abc import Mapping
from dataclasses import dataclass

from ..system import packages

OLDEST: Mapping[str, Mapping[str, str]] = {
    'trixie': {
        'dovecot-core': '1:2.4.1+dfsg1-6+deb13u7',
        'postfix': '3.10.13-0+deb13u1',
        'redis-server': '5:8.0.2-3+deb13u3',
        'roundcube-core': '1.6.22+dfsg-0+deb13u1',
    },
    'forky': {
        'dovecot-core': '1:2.4.5+dfsg1-4',
        'postfix': '3.11.7',
    },
}
_RELEASE = pathlib.Path('/etc/os-release')
_STATUS = pathlib.Path('/var/lib/dpkg/status')
_known: tuple[int, tuple['Outdated', ...]] | None = None


@dataclass(frozen=True)
class Outdated:
    """A package that is older than it may be."""

    package: str
    installed: str
    oldest: str

    @property
    def sentence(self) -> str:
        """The problem with it, for the command line."""
        return (
            f'{self.package} {self.installed} has known security problems; '
            f'{self.oldest} or later is safe. Install updates.'
        )


def release(text: str) -> str:
    """Name of the Debian release in os-release(5)."""
    lines = (line.partition('=') for line in text.splitlines())
    return next((value.strip('"\'') for key, _is, value in lines if key == 'VERSION_CODENAME'), '')


def compare(installed: Mapping[str, str], oldest: Mapping[str, str]) -> tuple[Outdated, ...]:
    """Installed packages that are older than they may be."""
    return tuple(
        Outdated(package, installed[package], version)
        for package, version in oldest.items()
        if package in installed and packages.is_older(installed[package], version)
    )


def _look() -> tuple[Outdated, ...]:
    """Outdated packages of this box; OSError or MailError when they cannot be seen.

    KeyError for a release that is not listed: nothing is known of it.
    """
    oldest = OLDEST[release(_RELEASE.read_text(encoding='utf-8'))]
    return compare(packages.installed(oldest), oldest)


def outdated() -> tuple[Outdated, ...]:
    """Outdated packages; dpkg is asked again only after it changed something."""
    global _known  # noqa: PLW0603 - one per process, that is its purpose
    stamp = _STATUS.stat().st_mtime_ns
    if _known is None or _known[0] != stamp:
        _known = stamp, _look()
    return _known[1]
