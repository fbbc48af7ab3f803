# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which settings are given to whom, whatever strangers ask."""

from datetime import UTC, datetime, timedelta

import pytest

from ...directory.domain import Domain
from ...dns import local_facts
from ...dns.records import Site, wanted
from ...system import certificates
from ...system.certificates import Certificate
from .. import servers

DOMAINS = {
    'one.test': Domain('one.test', client_host='mail.one.test'),
    'xn--bcher-kva.test': Domain('xn--bcher-kva.test'),
}
LATER = datetime.now(UTC) + timedelta(days=30)
EARLIER = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture(autouse=True)
def _box(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have two domains, and the certificates a test gives them."""
    monkeypatch.setattr(local_facts, 'mail_domains', lambda: (DOMAINS, 'one.test'))
    monkeypatch.setattr(certificates, 'of', lambda _name: None)


def show(monkeypatch: pytest.MonkeyPatch, **given: Certificate) -> None:
    found = {name.replace('_', '.'): each for name, each in given.items()}
    monkeypatch.setattr(certificates, 'of', lambda name: found.get(name))


@pytest.mark.parametrize(
    ('address', 'name', 'domain'),
    [
        ('alice@one.test', 'box.lan', 'one.test'),
        ('nobody@ONE.test', 'autoconfig.second.test', 'one.test'),
        ('alice@Bücher.test', 'box.lan', 'xn--bcher-kva.test'),
        ('', 'one.test', 'one.test'),
        ('', 'AUTOCONFIG.one.test', 'one.test'),
        ('', 'autodiscover.one.test', 'one.test'),
        ('', '198.51.100.1', 'one.test'),
        ('', '[2001:db8::1]', 'one.test'),
    ],
)
def test_settings_are_for_the_domain_asked_about(address: str, name: str, domain: str) -> None:
    found = servers.find(address, name)
    assert found == servers.ClientSettings(domain, 'one.test')


@pytest.mark.parametrize(
    ('address', 'name'),
    [
        ('alice@evil.example', 'autoconfig.one.test'),
        ('alice', 'autoconfig.one.test'),
        ('alice@', 'one.test'),
        ('alice@one.test@evil.example', 'one.test'),
        ('alice@*.test', 'one.test'),
        ('alice@one.test\r\nHost: x', 'one.test'),
        ('a@' + 'x' * 5000, 'one.test'),
        ('', 'autoconfig.autoconfig.one.test'),
        ('', 'www.one.test'),
        ('', 'autoconfig.*'),
        ('alice@evil.example', '198.51.100.1'),
        ('', ''),
    ],
)
def test_nothing_is_said_of_what_is_not_ours(address: str, name: str) -> None:
    assert servers.find(address, name) is None


def test_programs_are_sent_to_a_name_they_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Certificate('', False, LATER, ('one.test',))
    good = Certificate('', True, LATER, ('two.test', '*.two.test'))
    show(monkeypatch, one_test=own, two_test=good)
    assert servers.host_of('two.test', 'one.test') == 'two.test'
    show(monkeypatch, one_test=Certificate('', True, LATER, ('one.test',)), two_test=good)
    assert servers.host_of('two.test', 'one.test') == 'one.test'
    show(monkeypatch, one_test=own, two_test=Certificate('', True, EARLIER, ('two.test',)))
    assert servers.host_of('two.test', 'one.test') == 'one.test', 'an expired one is none'
    show(monkeypatch, one_test=own, two_test=Certificate('', True, LATER, ('other.test',)))
    assert servers.host_of('two.test', 'one.test') == 'one.test', 'it is for another name'
    assert servers.host_of('two.test', '') == 'two.test'


def test_apps_of_a_domain_get_its_own_host_as_soon_as_they_trust_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    show(monkeypatch, one_test=Certificate('', True, LATER, ('one.test',)))
    for trusted, host in ((False, 'one.test'), (True, 'mail.one.test')):
        show(
            monkeypatch,
            one_test=Certificate('', True, LATER, ('one.test',)),
            mail_one_test=Certificate('', trusted, LATER, ('mail.one.test',)),
        )
        found = servers.find('alice@one.test', 'one.test')
        assert found == servers.ClientSettings('one.test', host)


def test_records_name_the_same_ports() -> None:
    ports = {record.value.split()[2] for record in wanted(Site('one.test', 'one.test'))
             if record.role.startswith('srv-') and record.role != 'srv-autodiscover'}  # fmt: skip
    named = (servers.IMAP, servers.POP3, servers.SUBMISSIONS, servers.SIEVE)
    assert ports == {str(server.port) for server in named}


def test_settings_in_another_form_are_refused() -> None:
    with pytest.raises(ValueError, match='normal form'):
        servers.ClientSettings('ONE.test', 'one.test')
