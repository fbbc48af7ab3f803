# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lab's DNS: Knot on the machine `outside`, authoritative for everything there is.

It holds the three mail zones and the reverse zone, the package mirror's addresses as this
host sees them, and an otherwise empty root zone, so any other name is NXDOMAIN at once.
"""

import base64
import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import settings
from .container import execute, write
from .host import LabError, wait_for

_HEAD = """$TTL 300
@ SOA ns.outside.test. hostmaster.outside.test. {serial} 3600 600 86400 5
@ NS ns.outside.test.
"""

_CONFIG = """server:
  listen: [ {listen} ]
  user: knot:knot
log:
  - target: syslog
    any: warning
database:
  storage: /var/lib/knot
key:
  - id: {key}
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: changes
    key: {key}
    action: [update, transfer]
template:
  - id: default
    storage: /etc/knot/zones
    file: "%s.zone"
    semantic-checks: off
    zonefile-load: whole
    journal-content: none
zone:
{zones}
"""

UPDATE_KEY = 'box.test'
UPDATE_SECRET = base64.b64encode(b'a key of the lab, for tests only').decode()
CHANGEABLE = ('acl: changes', 'journal-content: changes')
"""Options of a zone that takes dynamic updates signed with the lab's key."""
SIGNED = ('dnssec-signing: on',)

_known_addresses: dict[str, list[str]] = {}
"""The mirror's addresses seen last, for a moment without this host's resolver."""

_REVERSE = '.'.join(reversed(settings.NETWORK.split('.')[:3])) + '.in-addr.arpa'


@dataclass(frozen=True)
class LabZone:
    """Any zone, as its file says it; `options` are lines for Knot, such as signing."""

    domain: str
    body: str
    options: tuple[str, ...] = ()

    def text(self) -> str:
        """The body of the zone file."""
        return self.body.rstrip() + '\n'


@dataclass(frozen=True)
class MailZone:
    """The records of one mail domain: its host's address, and further lines of its own."""

    domain: str
    ip: str
    mx: str = ''
    senders: str = 'mx'
    records: tuple[str, ...] = field(default=())
    options: tuple[str, ...] = ()

    def text(self) -> str:
        """The body of the zone file."""
        mx = self.mx or f'{self.domain}.'
        lines = [f'@ A {self.ip}', f'@ MX 10 {mx}', f'@ TXT "v=spf1 {self.senders} -all"',
                 '_dmarc TXT "v=DMARC1; p=none"', *self.records]  # fmt: skip
        return '\n'.join(lines) + '\n'


def files(zones: Sequence[LabZone | MailZone], also: Sequence[str] = ()) -> dict[str, str]:
    """Knot's files for these zones and those of the lab itself.

    `also` are further addresses of the machine at which it answers.
    """
    texts = {_REVERSE: _reverse(), 'debian.org': _mirror(), '.': ''}
    texts |= {zone.domain: zone.text() for zone in zones}
    options = {zone.domain: zone.options for zone in zones}
    head = _HEAD.format(serial=int(time.time()))
    result = {
        f'/etc/knot/zones/{name.rstrip(".")}.zone': body if 'SOA' in body else head + body
        for name, body in texts.items()
    }
    lines = '\n'.join(
        '\n    '.join([f'  - domain: "{name}"', *options.get(name, ())]) for name in texts
    )
    # Tests change zones more often than systemd lets a service start.
    result['/etc/systemd/system/knot.service.d/lab.conf'] = '[Unit]\nStartLimitIntervalSec=0\n'
    result['/etc/knot/knot.conf'] = _CONFIG.format(
        listen=', '.join(f'{each}@53' for each in (settings.DNS, *also)),
        zones=lines,
        key=UPDATE_KEY,
        secret=UPDATE_SECRET,
    )
    return result


def publish(zones: Sequence[LabZone | MailZone], also: Sequence[str] = ()) -> None:
    """Serve these zones from now on; of the lab's own, those of the same name give way."""
    write(settings.OUTSIDE, files(zones, also))
    execute(settings.OUTSIDE, ['systemctl', 'restart', 'knot'])
    wait_for('the lab DNS to answer', lambda: _answers(zones), 20)


def stop_answering() -> None:
    """Let every question wait in vain, as a dead network would."""
    execute(settings.OUTSIDE, ['systemctl', 'kill', '--signal=STOP', 'knot'])


def answer_again() -> None:
    """End the silence that `stop_answering` began."""
    execute(settings.OUTSIDE, ['systemctl', 'kill', '--signal=CONT', 'knot'])


def reverse_zone() -> str:
    """The name of the zone with the names of the lab's addresses."""
    return _REVERSE


def delegation(domain: str) -> str:
    """The DS records the parent of a signed zone must hold, for the root zone."""
    line = ['keymgr', '-c', '/etc/knot/knot.conf', domain, 'ds']
    return execute(settings.OUTSIDE, line).stdout


def _answers(zones: Sequence[LabZone | MailZone]) -> bool:
    questions = [word for zone in zones for word in ('-q', zone.domain, '-t', 'SOA')]
    asked = ['kdig', '+short', '+timeout=1', f'@{settings.DNS}', *questions]
    said = execute(settings.OUTSIDE, asked, check=False).stdout
    return len(re.findall(r'(?m)^[^;\s]', said)) == len(zones)


def _reverse() -> str:
    hosts = {settings.BOX.ip: settings.DOMAINS[0], settings.OUTSIDE_IP: 'mail.outside.test',
             settings.BUILTIN.ip: 'builtin.test'}  # fmt: skip
    return ''.join(f'{ip.rsplit(".", 1)[1]} PTR {name}.\n' for ip, name in hosts.items())


def _mirror() -> str:
    lines = []
    for name in settings.MIRROR_NAMES:
        try:
            found = socket.getaddrinfo(name, 80, socket.AF_INET, socket.SOCK_STREAM)
            _known_addresses[name] = [str(entry[4][0]) for entry in found]
        except socket.gaierror as error:
            if name not in _known_addresses:
                raise LabError(f'This machine cannot find {name}: check its network.') from error
        lines += [f'{name}. A {each}' for each in _known_addresses[name]]
    return '\n'.join(lines) + '\n'
