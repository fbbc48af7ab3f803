# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lab's DNS knows the package mirror as this host does, also while its resolver is away."""

import socket
from collections.abc import Callable

import pytest

from lab import dns, settings
from lab.host import LabError

Found = list[tuple[object, object, int, str, tuple[str, int]]]


def answering(*addresses: str) -> Callable[..., Found]:
    """A resolver that knows these addresses, or fails without any."""

    def getaddrinfo(*_asked: object) -> Found:
        if not addresses:
            raise socket.gaierror(socket.EAI_AGAIN, 'no name server answers')
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, '', (each, 80)) for each in addresses]

    return getaddrinfo


def zone() -> str:
    return dns.files([])['/etc/knot/zones/debian.org.zone']


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, '_known_addresses', {})


def test_the_mirror_is_found_where_this_host_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, 'getaddrinfo', answering('192.0.2.1', '192.0.2.2'))
    for name in settings.MIRROR_NAMES:
        assert f'{name}. A 192.0.2.1\n{name}. A 192.0.2.2\n' in zone()


def test_addresses_seen_before_stand_in_for_a_resolver_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, 'getaddrinfo', answering('192.0.2.1'))
    zone()
    monkeypatch.setattr(socket, 'getaddrinfo', answering())
    assert f'{settings.MIRROR_NAMES[0]}. A 192.0.2.1\n' in zone()
    monkeypatch.setattr(socket, 'getaddrinfo', answering('192.0.2.3'))
    assert '192.0.2.1' not in zone()


def test_a_host_that_never_found_the_mirror_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, 'getaddrinfo', answering())
    with pytest.raises(LabError, match='check its network'):
        zone()
