# SPDX-License-Identifier: AGPL-3.0-or-later
"""The latest report on each domain, kept so that no page has to wait for DNS.

Each domain has two files: `DOMAIN.json`, the latest report, and `DOMAIN.told.json`, what
its owner was told of last. `addresses` is where others see this box, if that was asked for.
They can be thrown away: the next check makes new ones. The web interface and the daily check
write as `plinth`, the command as root.
"""

import ipaddress
import json
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass

from ..directory.address import parse_domain
from ..errors import MailError
from ..system import files
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

    def latest(self, domain: str) -> DnsReport | None:
        """The latest report on a domain, None when there is none that can be read."""
        return self._read(self._path(domain, '.json'))

    def keep(self, report: DnsReport) -> None:
        """Keep a report as the latest."""
        files.put(self._path(report.domain, '.json'), json.dumps(report.to_json()).encode(), 0o644)

    def told(self, domain: str) -> DnsReport | None:
        """The report the owner was told last."""
        return self._read(self._path(domain, '.told.json'))

    def keep_told(self, report: DnsReport) -> None:
        """Keep the report the owner was told."""
        files.put(
            self._path(report.domain, '.told.json'), json.dumps(report.to_json()).encode(), 0o644
        )

    def addresses(self) -> tuple[str, ...]:
        """The addresses at which others saw this box last."""
        try:
            text = (self.folder / _ADDRESSES).read_text(encoding='utf-8')
            return tuple(str(ipaddress.ip_address(each)) for each in json.loads(text))
        except (OSError, ValueError, TypeError):
            return ()

    def keep_addresses(self, addresses: Iterable[str]) -> None:
        """Remember at which addresses others see this box."""
        try:
            files.put(self.folder / _ADDRESSES, json.dumps(list(addresses)).encode(), 0o644)
        except OSError as error:
            raise MailError('report-failed.address', str(error)) from error

    def forget_others(self, domains: list[str]) -> None:
        """Forget domains that are no longer ours."""
        kept = {f'{domain}{ending}' for domain in domains for ending in ('.json', '.told.json')}
        for path in self.folder.glob('*.json'):
            if path.name not in kept:
                path.unlink(missing_ok=True)
