# SPDX-License-Identifier: AGPL-3.0-or-later
"""The latest report on each domain, kept so that no page has to wait for DNS.

Each domain has two files: `DOMAIN.json`, the latest report, and `DOMAIN.told.json`, what
its owner was told of last. `addresses` is where others see this box, if somebody asked.
They can be thrown away: the next check makes new ones. The web interface and the daily check
write as `plinth`, the command as root.
"""

import ipaddress
import json
import os
import pathlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..directory.address import parse_domain
from ..errors import MailError
from .report import DnsReport

FOLDER = pathlib.Path('/var/lib/freedombox-email-dns')
_BIGGEST = 1_000_000
_ADDRESSES = 'addresses'


@dataclass(frozen=True)
class Memory:
    """Reports in a folder."""

    folder: pathlib.Path = FOLDER

    def _path(self, domain: str, ending: str) -> pathlib.Path:
        return self.folder / f'{parse_domain(domain)}{ending}'

    def _read(self, path: pathlib.Path) -> DnsReport | None:
        try:
            with path.open(encoding='utf-8') as file:
                return DnsReport.from_json(json.loads(file.read(_BIGGEST)))
        except (OSError, ValueError):
            return None

    def _write(self, path: pathlib.Path, data: Any) -> None:
        """Put a file in the place of another in one step, for readers never wait."""
        handle, name = tempfile.mkstemp(dir=self.folder, prefix='.new-')
        unfinished = pathlib.Path(name)
        try:
            with os.fdopen(handle, 'w', encoding='utf-8') as file:
                json.dump(data, file)
                os.fchmod(file.fileno(), 0o644)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def latest(self, domain: str) -> DnsReport | None:
        """The latest report on a domain, None when there is none that can be read."""
        return self._read(self._path(domain, '.json'))

    def keep(self, report: DnsReport) -> None:
        """Keep a report as the latest."""
        self._write(self._path(report.domain, '.json'), report.to_json())

    def told(self, domain: str) -> DnsReport | None:
        """Return what the owner was told last."""
        return self._read(self._path(domain, '.told.json'))

    def keep_told(self, report: DnsReport) -> None:
        """Remember what the owner was told."""
        self._write(self._path(report.domain, '.told.json'), report.to_json())

    def addresses(self) -> tuple[str, ...]:
        """Return at which addresses others saw this box last."""
        try:
            text = (self.folder / _ADDRESSES).read_text(encoding='utf-8')
            return tuple(str(ipaddress.ip_address(each)) for each in json.loads(text))
        except (OSError, ValueError, TypeError):
            return ()

    def keep_addresses(self, addresses: Iterable[str]) -> None:
        """Remember at which addresses others see this box."""
        try:
            self._write(self.folder / _ADDRESSES, list(addresses))
        except OSError as error:
            raise MailError('report-failed.address', str(error)) from error

    def forget_others(self, domains: list[str]) -> None:
        """Forget domains that are no longer ours."""
        kept = {f'{domain}{ending}' for domain in domains for ending in ('.json', '.told.json')}
        for path in self.folder.glob('*.json'):
            if path.name not in kept:
                path.unlink(missing_ok=True)
