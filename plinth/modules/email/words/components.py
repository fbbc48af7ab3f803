# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names and sentences of optional parts."""

from collections.abc import Mapping
from dataclasses import dataclass

from .mark import gettext_noop as _


@dataclass(frozen=True)
class ComponentWords:
    """Name, work and cost of an optional part."""

    title: str
    does: str
    costs: str


WORDS: Mapping[str, ComponentWords] = {
    'antivirus': ComponentWords(
        _('Antivirus (ClamAV)'),
        _(
            'Rejects incoming and outgoing messages with known viruses, also inside archives and '
            'attached messages.'
        ),
        _(
            'While the scanner is down, all mail waits. Virus signatures are downloaded several '
            'times a day.'
        ),
    ),
}
STEPS: Mapping[str, str] = {
    'waiting': _('Waiting for another installation to finish'),
    'download': _('Downloading software'),
    'install': _('Installing or removing software'),
    'signatures': _('Downloading virus signatures'),
    'settings': _('Configuring the mail services'),
    'start': _('Starting the scanner'),
}
NO_ROOM: Mapping[str, str] = {
    'memory': _('Needs {needed} MB of free memory. This system has {there} MB.'),
    'disk': _('Needs {needed} MB of free disk space. This system has {there} MB.'),
}
INSTALLED = _('{title} is installed.')
REMOVED = _('{title} is removed.')
