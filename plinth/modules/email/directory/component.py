# SPDX-License-Identifier: AGPL-3.0-or-later
"""Optional parts of the mail system, which an administrator installs and removes.

The directory says which are installed (`Settings.components`); the settings of the daemons follow
from that. A new one is an entry in `COMPONENTS`, its words in `words/components.py`, and its
settings in `config/`.

DIAGNOSTICS
    component-missing   there is no optional part of that name
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import MailError

_NAME = re.compile('[a-z]{1,30}')
MOST = 20


@dataclass(frozen=True)
class Component:
    """An optional part: its packages and programs, and the memory and disk space it needs."""

    name: str
    packages: tuple[str, ...]
    units: tuple[str, ...]
    """Units of ours that run only while it is installed."""
    replaced: tuple[str, ...]
    """Units of the packages in whose place those run."""
    memory_mb: int
    disk_mb: int

    def __post_init__(self) -> None:
        """Refuse what can be no name, and needs that can't be."""
        if not _NAME.fullmatch(self.name):
            raise ValueError('The name of an optional part is one word of small letters.')
        if not self.packages or min(self.memory_mb, self.disk_mb) < 0:
            raise ValueError('An optional part has packages, and needs no less than nothing.')


ANTIVIRUS = Component(
    'antivirus',
    ('clamav-daemon', 'clamav-freshclam'),
    ('freedombox-email-clamd.socket', 'freedombox-email-clamd.service'),
    ('clamav-daemon.socket', 'clamav-daemon.service'),
    memory_mb=1400,
    disk_mb=1000,
)
COMPONENTS = {each.name: each for each in (ANTIVIRUS,)}


def get_component(name: str) -> Component:
    """The optional part of that name."""
    if name not in COMPONENTS:
        raise MailError('component-missing', name=name[:30])
    return COMPONENTS[name]


def check_components(names: Iterable[str]) -> None:
    """Refuse what can be no names; those of later versions of this app are kept."""
    found = tuple(names)
    if len(found) > MOST or not all(_NAME.fullmatch(each) for each in found):
        raise MailError('component-missing', name=' '.join(found)[:30])
