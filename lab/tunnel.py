# SPDX-License-Identifier: AGPL-3.0-or-later
"""A rented server that may send on port 25, and the box's tunnel to it by WireGuard.

The box is joined as FreedomBox's WireGuard app does it: for all outgoing traffic, or for the
network of the tunnel alone. Where the kernel of this machine has no WireGuard its implementation
in Go takes its place. `outside.test` gets its mail at an address that only the server reaches.

    tunnel.start()              boot the server, a second Postfix host
    tunnel.join()               all traffic of the box, tunnel.join(everything=False) only the
                                network of the tunnel
    tunnel.leave()
    tunnel.stop()
"""

from . import container, dns, life, outside, settings
from .host import run, wait_for
from .settings import BOX, OUTSIDE, Machine

SERVER = settings.SERVER
NAME = f'server.{settings.OUTSIDE_DOMAIN}'
FAR = '192.0.2.25'
"""An address of `outside.test`, to which the box has no way of its own."""
_AFAR = '192.0.2.26'
BOX_END, SERVER_END = '10.84.0.2', '10.84.0.1'
NETWORK = '10.84.0.0/24'
_PORT = '51820'
_TABLE = _MARK = '51820'
_LINKS = {BOX: f'box{settings.LAB}wg1', SERVER: f'far{settings.LAB}wg0'}
"""Names that differ, as the sockets of all share a folder of this machine."""
_RULES = f"""table ip tunnel
delete table ip tunnel
table ip tunnel {{
  chain far {{
    type nat hook prerouting priority dstnat
    ip daddr {FAR} dnat to {settings.OUTSIDE_IP}
  }}
  chain own {{
    type nat hook output priority -100
    ip daddr {FAR} dnat to {settings.OUTSIDE_IP}
  }}
  chain out {{
    type nat hook postrouting priority srcnat
    ip saddr {NETWORK} masquerade
  }}
}}
"""
_MAIN = {
    'myhostname': NAME,
    'mydestination': '',
    'mynetworks': f'127.0.0.0/8 {NETWORK}',
    'inet_protocols': 'ipv4',
    'smtp_tls_security_level': 'may',
}


def _inside(machine: Machine, *words: str, stdin: str = '', check: bool = True) -> str:
    """The output of a program of this host in the network of a machine."""
    net = f'--net=/proc/{container.leader(machine)}/ns/net'
    return run(['nsenter', net, *words], stdin=stdin, check=check).stdout


def _link(machine: Machine, address: str) -> None:
    """Give a machine its end of the tunnel."""
    name = _LINKS[machine]
    added = ('ip', 'link', 'add', name, 'type', 'wireguard')
    _inside(machine, *added, check=False)
    if not _is_there(machine):
        _inside(machine, 'wireguard-go', name)
    _inside(machine, 'ip', 'address', 'add', f'{address}/24', 'dev', name)
    _inside(machine, 'ip', 'link', 'set', name, 'mtu', '1380', 'up')


def _is_there(machine: Machine) -> bool:
    return _LINKS[machine] in _inside(machine, 'ip', '-o', 'link')


def _remove(machine: Machine) -> None:
    """Take the end of a machine away; the program in Go ends with it."""
    if container.leader(machine) and _is_there(machine):
        _inside(machine, 'ip', 'link', 'delete', _LINKS[machine])


def _set(machine: Machine, key: str, *options: str) -> None:
    _inside(machine, 'wg', 'set', _LINKS[machine], 'private-key', '/dev/stdin', *options,
            stdin=key)  # fmt: skip


def start() -> None:
    """Boot the server, which passes on what comes out of the tunnel."""
    hosts = f'127.0.0.1 localhost\n{SERVER.ip} {NAME} server\n'
    resolver = f'nameserver {settings.DNS}\n'
    container.boot(SERVER, outside.layers(), {'/etc/hosts': hosts, '/etc/resolv.conf': resolver})
    values = [f'{name}={value}' for name, value in _MAIN.items()]
    container.execute(SERVER, ['postconf', '-e', *values])
    container.execute(SERVER, ['systemctl', 'restart', 'postfix'])
    _inside(SERVER, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1')
    _inside(SERVER, 'ip', 'address', 'replace', f'{_AFAR}/32', 'dev', 'lo')
    _inside(SERVER, 'nft', '-f', '-', stdin=_RULES)


def zones() -> list[dns.LabZone | dns.MailZone]:
    """The lab's zones, with the mail host of `outside.test` and all the world's far away."""
    ours = [zone for zone in life.zones() if zone not in (outside.ZONE, outside.WORLD)]
    records = (f'mail A {FAR}', f'ns A {settings.DNS}')
    return [
        *ours,
        dns.MailZone(settings.OUTSIDE_DOMAIN, OUTSIDE.ip, 'mail', records=records),
        dns.LabZone(outside.WORLD.domain, f'gmail-smtp-in A {FAR}'),
    ]


def join(*, everything: bool = True) -> None:
    """Connect the box, with all its outgoing traffic or only that for the tunnel's network."""
    keys = {machine: run(['wg', 'genkey']).stdout for machine in _LINKS}
    public = {machine: run(['wg', 'pubkey'], stdin=key).stdout.strip()
              for machine, key in keys.items()}  # fmt: skip
    leave()
    _link(SERVER, SERVER_END)
    _link(BOX, BOX_END)
    _set(SERVER, keys[SERVER], 'listen-port', _PORT, 'peer', public[BOX],
         'allowed-ips', f'{BOX_END}/32')  # fmt: skip
    _set(BOX, keys[BOX], 'fwmark', _MARK, 'peer', public[SERVER], 'endpoint',
         f'{SERVER.ip}:{_PORT}', 'allowed-ips', '0.0.0.0/0' if everything else NETWORK)  # fmt: skip
    if everything:
        _route_all()
    wait_for('the tunnel', lambda: _answers(), 20)


def _route_all() -> None:
    """Send what leaves the box into the tunnel, as NetworkManager does for FreedomBox."""
    _inside(BOX, 'ip', 'route', 'add', 'default', 'dev', _LINKS[BOX], 'table', _TABLE)
    _inside(BOX, 'ip', 'rule', 'add', 'not', 'fwmark', _MARK, 'table', _TABLE)
    _inside(BOX, 'ip', 'rule', 'add', 'table', 'main', 'suppress_prefixlength', '0')


def _answers() -> bool:
    """Whether the server's Postfix greets at its end of the tunnel."""
    words = ('curl', '-s', '-m', '2', f'telnet://{SERVER_END}:25')
    return NAME in container.execute(BOX, words, check=False, stdin='QUIT\r\n').stdout


def reaches_box_from_afar() -> bool:
    """Whether the box's web server answers a host that is not in its own network."""
    _default_route(SERVER.ip)
    try:
        words = ('curl', '-sk', '-m', '5', '-o', '/dev/null', '-w', '%{http_code}', '--interface')
        said = _inside(SERVER, *words, _AFAR, f'https://{BOX.ip}/freedombox/', check=False)
        return said.strip() not in ('', '000')
    finally:
        _default_route(settings.GATEWAY)


def _default_route(router: str) -> None:
    """Have the box send what is for elsewhere to this router, if no tunnel takes it."""
    _inside(BOX, 'ip', 'route', 'replace', 'default', 'via', router, 'proto', 'static')


def leave() -> None:
    """Take the tunnel away. Safe to repeat."""
    for rule in (('table', 'main', 'suppress_prefixlength', '0'),
                 ('not', 'fwmark', _MARK, 'table', _TABLE)):  # fmt: skip
        _inside(BOX, 'ip', 'rule', 'delete', *rule, check=False)
    for machine in _LINKS:
        _remove(machine)


def stop() -> None:
    """Take all away."""
    leave()
    container.discard(SERVER)
