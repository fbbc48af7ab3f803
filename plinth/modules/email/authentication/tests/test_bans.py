# SPDX-License-Identifier: AGPL-3.0-or-later
"""Households that are kept out: read from fail2ban, and never the box itself or half the world."""

import ipaddress
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...errors import MailError
from .. import bans
from ..bans import BY_HAND, JAILS, REFUSED, Ban, Bans, JailRules
from ..guesses import household

OWN = (ipaddress.ip_network('192.168.1.0/24'), ipaddress.ip_network('2001:db8:1:2::/64'))
GUESSES = JAILS[0]
NETWORKS = st.one_of(
    st.ip_addresses().map(str),
    st.builds(lambda ip, bits: f'{ip}/{bits}', st.ip_addresses(), st.integers(0, 128)),
    st.text(max_size=80),
)


def moment(text: str) -> datetime:
    """A time in the zone of this machine."""
    return datetime.strptime(text, '%Y-%m-%d %H:%M:%S').astimezone().astimezone(UTC)


@pytest.mark.parametrize('network', ['192.0.2.7', '2001:db8::/64'])
def test_a_ban_is_read(network: str) -> None:
    line = f'{network} \t2026-11-29 18:00:00 + 600 = 2026-11-29 18:10:00'
    found = bans.parse_line(GUESSES, line)
    assert (found.network, found.jail) == (network, GUESSES)
    assert found.since == moment('2026-11-29 18:00:00')
    assert found.until == moment('2026-11-29 18:10:00')


def test_a_ban_without_an_end_has_none() -> None:
    line = '192.0.2.7 \t2026-11-29 18:00:00 + -1 = 9999-12-31 23:59:59'
    assert bans.parse_line(BY_HAND, line).until is None


@pytest.mark.parametrize(
    ('text', 'network'),
    [
        ('192.0.2.7', '192.0.2.7/32'),
        ('192.0.2.0/24', '192.0.2.0/24'),
        ('2001:db8:9:9::7', '2001:db8:9:9::/64'),
        ('2001:db8:9::/48', '2001:db8:9::/48'),
        ('::ffff:192.0.2.7', '192.0.2.7/32'),
    ],
)
def test_an_address_stands_for_its_household(text: str, network: str) -> None:
    assert str(bans.parse_foreign(text, OWN)) == network


@pytest.mark.parametrize(
    ('text', 'key'),
    [
        ('', 'ban-invalid'),
        ('example.org', 'ban-invalid'),
        ('192.0.2.7; reboot', 'ban-invalid'),
        ('192.0.2.7\n', 'ban-invalid'),
        ('192.0.2.300', 'ban-invalid'),
        ('192.0.2.7/24', 'ban-invalid'),
        pytest.param('1' * 900_000, 'ban-invalid', id='long'),
        ('١٩٢.0.2.7', 'ban-invalid'),
        ('0.0.0.0/0', 'ban-invalid.wide'),
        ('::/0', 'ban-invalid.wide'),
        ('192.0.0.0/15', 'ban-invalid.wide'),
        ('2001:db8::/31', 'ban-invalid.wide'),
        ('127.0.0.1', 'ban-invalid.own'),
        ('::1', 'ban-invalid.own'),
        ('192.168.1.77', 'ban-invalid.own'),
        ('192.168.0.0/16', 'ban-invalid.own'),
        ('2001:db8:1:2::77', 'ban-invalid.own'),
        ('2001:db8:1::/48', 'ban-invalid.own'),
        ('224.0.0.1', 'ban-invalid.own'),
    ],
)
def test_what_must_not_be_blocked_is_refused(text: str, key: str) -> None:
    with pytest.raises(MailError) as caught:
        bans.parse_foreign(text, OWN)
    assert caught.value.reason.key == key


@given(NETWORKS)
def test_whatever_is_typed_is_a_network_or_refused(text: str) -> None:
    with suppress(MailError):
        found = bans.parse_foreign(text, OWN)
        assert found.prefixlen >= bans.WIDEST[found.version]
        assert not any(found.overlaps(each) for each in OWN if each.version == found.version)


@given(st.ip_addresses())
def test_households_and_bans_have_the_same_names(ip: ipaddress.IPv4Address) -> None:
    name = household(str(ip))
    assert bans._short(bans.parse(name)) == name
    assert bans._short(bans.parse(str(ip))) == name


@pytest.mark.parametrize(
    ('text', 'count'),
    [('203.0.113.7', 1), ('203.0.113.0/28', 1), ('203.0.113.0/24', 1), ('203.0.0.0/16', 1),
     ('203.0.114.0/24', 0), ('2001:db8::1', 0)],
)  # fmt: skip
def test_no_address_is_blocked_twice_by_hand(text: str, count: int) -> None:
    present = [Ban('203.0.113.0/28', BY_HAND, None, None), Ban('0.0.0.0/1', GUESSES, None, None)]
    assert len(bans._overlapping(present, bans.parse(text))) == count


def test_what_crosses_to_the_web_process_is_the_same() -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    found = Bans(
        (Ban('192.0.2.7', REFUSED, None, now), Ban('2001:db8::/64', BY_HAND, now, None)),
        (JailRules(BY_HAND, 5, 600, -1),),
        counts=False,
    )
    assert Bans.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert found.missing == tuple(sorted(set(JAILS) - {BY_HAND}))
