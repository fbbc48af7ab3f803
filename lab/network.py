# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lab's own network: one bridge, one nftables table, and a way out for apt.

The host's network is never shared with a container: firewalld inside would rewrite the
host's rules. Some settings of the kernel are raised while a lab runs and put back as they were:
forwarding, and the number of inotify instances, of which a FreedomBox uses about 20.
"""

from pathlib import Path

from . import desk, settings
from .host import run

_KERNEL = {
    Path('/proc/sys/net/ipv4/ip_forward'): 1,
    Path('/proc/sys/fs/inotify/max_user_instances'): 2048,
}

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
    _raise_settings()
    if not Path('/sys/class/net', settings.BRIDGE).exists():
        run(['ip', 'link', 'add', settings.BRIDGE, 'type', 'bridge'])
        address = f'{settings.GATEWAY}/{settings.PREFIX}'
        run(['ip', 'address', 'add', address, 'dev', settings.BRIDGE])
    run(['ip', 'link', 'set', settings.BRIDGE, 'up'])
    run(['nft', '-f', '-'], stdin=_RULES)
    desk.up()


def _raise_settings() -> None:
    """Raise settings of the kernel, and note their values of before."""
    for path, least in _KERNEL.items():
        before = path.read_text(encoding='ascii').strip()
        if int(before) < least:
            _saved(path).write_text(before, encoding='ascii')
            path.write_text(str(least), encoding='ascii')


def _saved(path: Path) -> Path:
    """Where the value of a setting is kept until no lab runs any more."""
    return settings.CACHE / f'{path.name}.before'


def down() -> None:
    """Remove all that `up` made; the kernel's settings stay as long as another lab needs them."""
    desk.down()
    if Path('/sys/class/net', settings.BRIDGE).exists():
        run(['ip', 'link', 'delete', settings.BRIDGE])
    run(['nft', 'delete', 'table', 'ip', settings.TABLE], check=False)
    if not list(Path('/sys/class/net').glob('fbxmail*')):
        for path in filter(lambda each: _saved(each).exists(), _KERNEL):
            path.write_text(_saved(path).read_text(encoding='ascii'), encoding='ascii')
            _saved(path).unlink()
