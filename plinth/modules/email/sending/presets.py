# SPDX-License-Identifier: AGPL-3.0-or-later
"""Well-known relays: what a form needs to know of each, as data.

They change without us: `/usr/share/freedombox-email/relays.json`. An administrator's own
`/etc/freedombox-email/relays.json` takes its place.

DIAGNOSTICS
    presets-invalid   the file cannot be understood; the detail says where
    preset-missing    there is no relay of this name in it
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..directory.relay import Relay
from ..errors import MailError

FILES = ('/etc/freedombox-email/relays.json', '/usr/share/freedombox-email/relays.json')
DKIM = ('own', 'records')
"""Whether a relay leaves our signature alone, or signs too and needs records for that."""


@dataclass(frozen=True)
class Preset:
    """A well-known relay."""

    title: str
    relay: Relay
    dkim: str

    def __post_init__(self) -> None:
        """Refuse what no sentence says."""
        if not self.title or self.dkim not in DKIM:
            raise ValueError(f'Not a preset: {self.title!r}')

    @property
    def name(self) -> str:
        """The name by which it is chosen."""
        return self.relay.name


def _read(each: Mapping[str, Any]) -> Preset:
    relay = Relay(
        str(each['name']), str(each['host']), int(each['port']), str(each['tls']),
        spf=str(each['spf']),
    )  # fmt: skip
    return Preset(str(each['title']), relay, str(each['dkim']))


def parse(text: str) -> tuple[Preset, ...]:
    """The presets in a file's text; ValueError when it is not understood."""
    try:
        return tuple(map(_read, json.loads(text)['relays']))
    except (AttributeError, KeyError, TypeError, MailError) as error:
        raise ValueError(f'Not a file of relays: {error}') from error


def load(files: tuple[str, ...] = FILES) -> tuple[Preset, ...]:
    """The administrator's presets, or ours."""
    for name in files:
        path = Path(name)
        if path.exists():
            try:
                return parse(path.read_text(encoding='utf-8'))
            except (OSError, ValueError) as error:
                raise MailError('presets-invalid', str(error), name=name) from error
    return ()


def get(name: str) -> Preset:
    """The preset of this name."""
    found = next((each for each in load() if each.name == name), None)
    if found is None:
        raise MailError('preset-missing', name=name[:80])
    return found


def of_host(host: str) -> Preset | None:
    """The preset a relay was made from, by its host."""
    return next((each for each in load() if each.relay.host == host), None)
