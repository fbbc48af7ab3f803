# SPDX-License-Identifier: AGPL-3.0-or-later
"""The country of an address, where Debian's `python3-geoip` is installed.

It brings a database (`geoip-database`). Nothing is downloaded, and without the package every
country is ''.
"""

import functools
import ipaddress
import re
from importlib import import_module
from pathlib import Path
from typing import Any

FILES = {4: Path('/usr/share/GeoIP/GeoIP.dat'), 6: Path('/usr/share/GeoIP/GeoIPv6.dat')}
_LETTERS = re.compile('[A-Z]{2}')
_OF_NONE = frozenset({'AP', 'EU', 'A1', 'A2', 'O1'})
"""Codes of the database that stand for no country."""


@functools.cache
def _database(version: int) -> Any:
    """The database for one kind of address, None where there is none."""
    try:
        module: Any = import_module('GeoIP')
        return module.open(str(FILES[version]), module.GEOIP_STANDARD)
    except Exception:  # noqa: BLE001 - a binding of C code with errors of its own
        return None


def of(address: str) -> str:
    """The two letters of the country of an address, '' where it is unknown."""
    try:
        found = ipaddress.ip_address(address.partition('%')[0])
    except ValueError:
        return ''
    found = getattr(found, 'ipv4_mapped', None) or found
    database = _database(found.version)
    if database is None:
        return ''
    ask = database.country_code_by_addr if found.version == 4 else database.country_code_by_addr_v6
    code = str(ask(str(found)) or '')
    return code if _LETTERS.fullmatch(code) and code not in _OF_NONE else ''
