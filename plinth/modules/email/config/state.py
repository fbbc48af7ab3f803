# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wanted contents of the daemons' files, as plain values.

A *state* lists only what is ours: single keys in files that belong to the
administrator, and whole files that belong to us. The functions in
:mod:`.postfix`, :mod:`.dovecot` and :mod:`.rspamd` make states, the transaction in
:mod:`..transaction.transaction` makes them true. Nothing here reads or changes a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

Value = str | None
"""A value to set, or None for a key that must not be there."""


def _check_text(text: str) -> None:
    """Refuse text that no daemon's file can hold on one line."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError('A setting must be a single line without control characters.')


@dataclass(frozen=True)
class MainCf:
    """Keys of Postfix's main.cf, see postconf(5)."""

    values: Mapping[str, Value]
    path: str = '/etc/postfix/main.cf'

    def __post_init__(self) -> None:
        for key, value in self.values.items():
            if not key.replace('_', '').isalnum() or not key.isascii():
                raise ValueError(f'Not a Postfix parameter name: {key!r}')
            _check_text(value or '')
        object.__setattr__(self, 'values', MappingProxyType(dict(self.values)))


@dataclass(frozen=True)
class MasterService:
    """One service of Postfix's master.cf, see master(5).

    Of its options only these are ours; one with None must not be there.
    """

    name: str
    type: str
    command: str
    private: str = '-'
    unprivileged: str = '-'
    chroot: str = '-'
    wakeup: str = '-'
    limit: str = '-'
    options: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        columns = (
            self.name,
            self.type,
            self.command,
            self.private,
            self.unprivileged,
            self.chroot,
            self.wakeup,
            self.limit,
        )
        for column in columns:
            if not column or any(character.isspace() for character in column):
                raise ValueError(f'Not a column of master.cf: {column!r}')
        for key, value in self.options:
            _check_text(key + (value or ''))
        if len(dict(self.options)) < len(self.options):
            raise ValueError('An option of master.cf is there twice.')


@dataclass(frozen=True)
class MasterCf:
    """Services of Postfix's master.cf that are ours, and those that must not be there."""

    services: tuple[MasterService, ...]
    absent: tuple[tuple[str, str], ...] = ()
    path: str = '/etc/postfix/master.cf'


@dataclass(frozen=True)
class DovecotSetting:
    """One setting of Dovecot 2.4.

    `blocks` names the blocks around it from the outside in, each as (kind, name), the
    name empty where the block has none: ``(('protocol', 'imap'), ('mail_plugins', ''))``.
    """

    key: str
    value: Value
    blocks: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        names = [part for block in self.blocks for part in block]
        for text in (self.key, self.value or '', *names):
            _check_text(text)


@dataclass(frozen=True)
class DovecotConf:
    """Settings in one of Dovecot's files; `includes_absent` lists include lines to drop.

    With `whole` set the file is ours and holds nothing but these settings.
    """

    path: str
    settings: tuple[DovecotSetting, ...] = ()
    includes_absent: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class WholeFile:
    """A file that is ours from the first byte to the last."""

    path: str
    content: str
    mode: int = 0o644
    owner: str = 'root'
    group: str = 'root'


@dataclass(frozen=True)
class LastLine:
    """A line at the end of a file that belongs to the administrator, and may not be there yet."""

    path: str
    line: str

    def __post_init__(self) -> None:
        """Refuse more than one line."""
        _check_text(self.line)


MADE = 'Made by FreedomBox. Changes are overwritten.'


def made(path: str, text: str, sign: str = '#') -> WholeFile:
    """A whole file whose first line says whose it is; `sign` begins a comment in it."""
    return WholeFile(path, f'{sign} {MADE}\n{text}')


@dataclass(frozen=True)
class Port:
    """A port that must answer; `greeting` is how its first line starts, '' to only connect.

    With a `path` it is the local socket there, and the number means nothing. `ask` is said
    first, to a server that says nothing by itself.
    """

    number: int
    greeting: str = ''
    tls: bool = False
    path: str = ''
    ask: str = ''

    @property
    def name(self) -> str:
        """Its name in an error."""
        return self.path or f'Port {self.number}'


@dataclass(frozen=True)
class Unit:
    """A systemd unit that reads our files, and the ports it must answer on afterwards.

    `watches` are path prefixes: the unit is reloaded only when such a file changed.
    """

    name: str
    watches: tuple[str, ...]
    ports: tuple[Port, ...] = ()
    restart: bool = False


Edit = MainCf | MasterCf | DovecotConf | WholeFile | LastLine


@dataclass(frozen=True)
class WantedState:
    """Everything that should hold: edits of files, files to be gone, units to follow."""

    edits: tuple[Edit, ...] = ()
    absent: tuple[str, ...] = ()
    units: tuple[Unit, ...] = field(default=())

    def __add__(self, other: Self) -> 'WantedState':
        return WantedState(
            self.edits + other.edits, self.absent + other.absent, self.units + other.units
        )
