# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lab's own network: one bridge, one nftables table, and a way out for apt.

The host's network is never shared with a container: firewalld inside would rewrite the
host's rules. Forwarding is switched on while the lab runs and put back as it was.
"""

from pathlib import Path

from . import settings
from .host import run

_FORWARD = Path('/proc/sys/net/ipv4/ip_forward')
_SAVED = settings.CACHE / 'ip_forward.before'

_RULES = f"""
table ip {settings.TABLE}
delete table ip {settings.TABLE}
table ip {settings.TABLE} {{
  chain out {{
    type nat hook postrouting priority srcnat
    ip saddr {settings.NETWORK} ip daddr != {settings.NETWORK} masquerade
  }}
}}
"""


def up() -> None:
    """Make the bridge and the way out. Safe to repeat."""
    if not Path('/sys/class/net', settings.BRIDGE).exists():
        run(['ip', 'link', 'add', settings.BRIDGE, 'type', 'bridge'])
        address = f'{settings.GATEWAY}/{settings.PREFIX}'
        run(['ip', 'address', 'add', address, 'dev', settings.BRIDGE])
    run(['ip', 'link', 'set', settings.BRIDGE, 'up'])
    run(['nft', '-f', '-'], stdin=_RULES)
    before = _FORWARD.read_text(encoding='ascii').strip()
    if before != '1':
        _SAVED.write_text(before, encoding='ascii')
        _FORWARD.write_text('1', encoding='ascii')


def down() -> None:
    """Remove all that `up` made; forwarding stays as long as another lab needs it."""
    if Path('/sys/class/net', settings.BRIDGE).exists():
        run(['ip', 'link', 'delete', settings.BRIDGE])
    run(['nft', 'delete', 'table', 'ip', settings.TABLE], check=False)
    if _SAVED.exists() and not list(Path('/sys/class/net').glob('fbxmail*')):
        _FORWARD.write_text(_SAVED.read_text(encoding='ascii'), encoding='ascii')
        _SAVED.unlink()
