# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where to look in the world: block lists, mail servers to try port 25 with, a clock.

They change without us, so they are data: `/usr/share/freedombox-email/places.json`. An
administrator's own `/etc/freedombox-email/places.json` takes its place.
"""

import json
import pathlib
from dataclasses import dataclass

from ..errors import MailError

FILES = ('/etc/freedombox-email/places.json', '/usr/share/freedombox-email/places.json')


@dataclass(frozen=True)
class BlockList:
    """A list of addresses or domains others take no mail from.

    `kind` is `ip4`, `all` (both kinds of addresses) or `domain`.
    """

    zone: str
    title: str
    page: str
    kind: str = 'ip4'

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        if self.kind not in ('ip4', 'all', 'domain') or not self.zone:
            raise ValueError(f'Not a block list: {self}')
        if not self.page.startswith('https://'):
            raise ValueError(f'Not a web page: {self.page}')


@dataclass(frozen=True)
class Places:
    """All of them."""

    block_lists: tuple[BlockList, ...] = ()
    mail_hosts: tuple[str, ...] = ()
    clock: str = ''


def parse(text: str) -> Places:
    """Return the places in a file's text; ValueError when it is not understood."""
    data = json.loads(text)
    try:
        lists = tuple(BlockList(**each) for each in data['block_lists'])
        return Places(lists, tuple(map(str, data['mail_hosts'])), str(data['clock']))
    except (KeyError, TypeError) as error:
        raise ValueError(f'Not a file of places: {error}') from error


def load(files: tuple[str, ...] = FILES) -> Places:
    """Return the administrator's places, or ours."""
    for name in files:
        path = pathlib.Path(name)
        if path.exists():
            try:
                return parse(path.read_text(encoding='utf-8'))
            except (OSError, ValueError) as error:
                raise MailError(
                    'places-invalid', f'The file {name} is not as it should be.', str(error)
                ) from error
    return Places()
