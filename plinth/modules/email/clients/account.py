# SPDX-License-Identifier: AGPL-3.0-or-later
"""An account as a mail app is given it, with a password of its own."""

from dataclasses import dataclass

from ..directory.address import parse_own
from .servers import ClientSettings


@dataclass(frozen=True)
class ClientAccount:
    """The account of an address: `name` is the sender's name, '' if there is none."""

    settings: ClientSettings
    address: str
    password: str
    name: str = ''

    def __post_init__(self) -> None:
        """Refuse an address that is not in its normal form, and a text of several lines."""
        if str(parse_own(self.address)) != self.address:
            raise ValueError('Not in normal form')
        if not (self.password + self.name).isprintable():
            raise ValueError('Not printable')

    @property
    def is_ascii(self) -> bool:
        """Whether apps that know ASCII addresses alone can have it."""
        return self.address.isascii()
