# SPDX-License-Identifier: AGPL-3.0-or-later
"""The browser sees nothing of the addresses that come and go here, as they do with each lab."""

import itertools
import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from lab import desk
from lab.host import run, wait_for

LINK = 'fbxchurn0'
LAST = '127.99.99.99'
"""An address whose coming ends the listening."""
INSIDE = ['ip', '-netns', desk.NAME]


def test_the_browsers_network_hears_nothing_of_other_interfaces() -> None:
    assert LINK in heard(['ip'], come_and_go), 'this machine itself does not see the interface'
    assert not heard(INSIDE, come_and_go)
    assert desk.INTERFACE in heard(
        INSIDE, lambda: change_address(INSIDE, '198.51.100.254', desk.INTERFACE)
    ), 'it would not see its own either'


def test_the_browser_is_in_that_network(visitor: Page, url: str) -> None:
    visitor.goto(f'{url}/freedombox/accounts/login/')
    network = desk.NETWORK.stat().st_ino
    assert network in {network_of(each) for each in browsers()}
    assert network != Path('/proc/self/ns/net').stat().st_ino


def heard(ip: list[str], happen: Callable[[], None]) -> str:
    """The packets in which a network tells of its interfaces and addresses meanwhile."""
    with subprocess.Popen(
        ['timeout', '20', *ip, '-oneline', 'monitor', 'link', 'address'],
        stdout=subprocess.PIPE,
        text=True,
    ) as monitor:
        wait_for('the monitor to listen', lambda: listens(monitor.pid), 10)
        happen()
        change_address(ip, LAST, 'lo')
        assert monitor.stdout
        told = ''.join(itertools.takewhile(lambda line: LAST not in line, monitor.stdout))
        monitor.terminate()
        return told


def listens(parent: int) -> bool:
    """Whether the program a process runs has asked the kernel to be told."""
    child = Path(f'/proc/{parent}/task/{parent}/children').read_text(encoding='ascii').strip()
    table = Path(f'/proc/{child or parent}/net/netlink').read_text(encoding='ascii')
    sockets = [line.split() for line in table.splitlines()[1:]]
    return any(pid == child and int(groups, 16) for _address, _kind, pid, groups, *_ in sockets)


def come_and_go() -> None:
    """Make an interface of this machine with an address, and remove it."""
    run(['ip', 'link', 'add', LINK, 'type', 'veth'])
    change_address(['ip'], '198.51.100.253', LINK)
    run(['ip', 'link', 'delete', LINK])


def change_address(ip: list[str], address: str, interface: str) -> None:
    """Give an interface an address, and take it back."""
    for action in ('add', 'delete'):
        run([*ip, 'address', action, f'{address}/32', 'dev', interface])


def browsers() -> list[Path]:
    """The folders in /proc of all Chromium processes of this machine."""
    names = Path('/proc').glob('[0-9]*/comm')
    return [each.parent for each in names if each.read_text(encoding='utf-8').startswith('chrom')]


def network_of(process: Path) -> int:
    """The number of the network a process is in; 0 if it ended meanwhile."""
    try:
        return (process / 'ns/net').stat().st_ino
    except FileNotFoundError:
        return 0
