# SPDX-License-Identifier: AGPL-3.0-or-later
"""Publishing of DNS records: public keys, the key of a name server, changes of a zone.

The key by which a domain's name server takes changes is in
`/var/lib/freedombox-email/dns/DOMAIN.json`, readable by root alone. It never leaves this
process but in signatures.

DIAGNOSTICS
    provider-missing   there is no name server to push to
    check-missing      the domain was never checked, so what is right already is not known
    ...-invalid        a value cannot be used
    provider-down, provider-refused   see dns.provider
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config.facts import check_name
from ..directory.address import parse_domain
from ..dkim import key_state, keystore
from ..dns import changes, local_facts
from ..dns.local_facts import DnsFacts
from ..dns.memory import Memory
from ..dns.records import Key, wanted
from ..dns.withdraw import question, withdrawals
from ..errors import MailError
from ..system import certificates, files
from ..system.json_value import JsonValue

if TYPE_CHECKING:
    from ..dns.provider import Provider

FOLDER = Path('/var/lib/freedombox-email/dns')
CERTBOT = Path('/etc/letsencrypt/live')


def live_keys(domain: str) -> tuple[Key, ...]:
    """Signing keys of a domain whose records must be there, also if a private half is lost."""
    known = key_state.load(domain)
    keys = {key.selector: key for key in keystore.keys_of(domain)}
    keys |= {key.selector: key for key in (known.published() if known else ())}
    return tuple(key for _selector, key in sorted(keys.items()))


def next_keys(host: str, folder: Path = CERTBOT) -> tuple[str, ...]:
    """The sums of keys whose certificate is here but not shown by mail services yet."""
    check_name(host)
    path = folder / host / 'cert.pem'
    return (certificates.read('', path.read_bytes()).key_sum,) if path.exists() else ()


def web_names(domain: str, folder: Path = CERTBOT) -> tuple[str, ...]:
    """Names in front of a domain where Outlook asks and the web server has a certificate."""
    check_name(domain)
    name = f'autodiscover.{domain}'
    return (name,) if (folder / name / 'privkey.pem').exists() else ()


def _facts(domain: str, host: str) -> DnsFacts:
    return DnsFacts(live_keys(domain), next_keys(host), web_names(domain))


def dns_facts(domain: str, host: str) -> DnsFacts:
    """Root's part of the facts on which a domain's records depend."""
    try:
        return _facts(domain, host)
    except (OSError, ValueError) as error:
        raise MailError('key-failed.one', str(error)) from error


def _path(domain: str) -> Path:
    return FOLDER / f'{parse_domain(domain)}.json'


def has_provider(domain: str) -> bool:
    """Whether there is a name server that takes changes of a domain."""
    return _path(domain).exists()


def _provider(data: Mapping[str, Any]) -> 'Provider':
    """The name server that takes changes, as it was kept; its library takes 0.3 s to load."""
    from ..dns.provider import from_json

    return from_json(data)


def provider_of(domain: str) -> 'Provider':
    """The name server that takes changes of a domain."""
    try:
        return _provider(_kept(domain))
    except (KeyError, ValueError, TypeError) as error:
        raise MailError('provider-invalid', str(error)) from error


def _kept(domain: str) -> dict[str, Any]:
    """The settings of a name server as they were kept."""
    try:
        return dict(json.loads(_path(domain).read_text(encoding='utf-8')))
    except FileNotFoundError as error:
        raise MailError('provider-missing', domain=domain) from error
    except (OSError, ValueError, TypeError) as error:
        raise MailError('provider-invalid', str(error)) from error


@dataclass(frozen=True)
class NameServer(JsonValue):
    """A name server or hoster (`kind`) that takes changes of a zone, without the secret.

    A hoster has no port, key name and algorithm. `address` is as it was given, `server` the host.
    """

    zone: str
    server: str
    port: int
    key_name: str
    algorithm: str
    kind: str = 'rfc2136'
    address: str = ''


def dns_provider(domain: str) -> NameServer | None:
    """The name server of a domain, None when there is none."""
    if not has_provider(domain):
        return None
    provider, kept = provider_of(domain), _kept(domain)
    return NameServer(
        provider.zone, provider.server, kept.get('port', 53), kept.get('key_name', ''),
        kept.get('algorithm', ''), kept.get('kind', 'rfc2136'), kept.get('server', ''),
    )  # fmt: skip


def dns_provider_set(
    domain: str, server: str, key_name: str, algorithm: str, zone: str, port: int,
    secret: str, kind: str = 'rfc2136',
) -> None:  # fmt: skip
    """Keep the name server or hoster of a domain and the secret it takes changes by."""
    name = local_facts.find(domain)[0].name
    kept = {'zone': zone, 'server': server, 'key_name': key_name, 'secret': str(secret),
            'algorithm': algorithm, 'port': port, 'kind': kind}  # fmt: skip
    try:
        _provider(kept)
    except ValueError as error:
        raise MailError('provider-invalid') from error
    if name != zone and not name.endswith(f'.{zone}'):
        raise MailError('zone-invalid.outside', name=name, zone=zone)
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = (os.geteuid(), os.getegid())
    files.write(str(_path(name)), files.File('file', json.dumps(kept).encode(), 0o600, *own))


def dns_provider_remove(domain: str) -> None:
    """Forget the name server of a domain."""
    _path(domain).unlink(missing_ok=True)


def plan(domain: str) -> tuple['Provider', tuple[changes.ZoneChange, ...]]:
    """The changes to make at a domain's name server, read from there just now."""
    entry, host = local_facts.find(domain)
    name = entry.name
    target = provider_of(name)
    report = Memory().latest(name)
    if report is None:
        raise MailError('check-missing', name=name)
    facts = _facts(name, host)
    records = wanted(local_facts.site(entry, host, facts))
    inside = [record for record in records if record.is_in(target.zone)]
    gone = key_state.given_up(name)
    found = target.read(changes.questions(inside) | {question(name, key) for key in gone})
    settled = {
        record.role: verdict.code for record in inside if (verdict := report.verdict(record))
    }
    planned = changes.plan(inside, settled, found, target.zone)
    return target, (*planned, *withdrawals(name, gone, found, target.zone))


def dns_push(domain: str, really: bool) -> tuple[changes.ZoneChange, ...]:
    """Make a domain's zone right and return the changes; or only return them."""
    target, planned = plan(domain)
    if really and planned:
        target.change(planned)
    return planned
