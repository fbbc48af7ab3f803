# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ports of mail at our public address, tried from here."""

import pytest

from .. import hairpin, reach
from ..answer import PortFound, Reached
from ..hairpin import InsideResult, InsideTest

HOST, ADDRESS = 'example.test', '203.0.113.7'


@pytest.mark.parametrize(
    ('found', 'code'),
    [
        (Reached(ADDRESS, greeting='220 example.test ESMTP'), 'own'),
        (Reached(ADDRESS, greeting='220 router.test ESMTP'), 'other'),
        (Reached(ADDRESS, greeting='SSH-2.0-x'), 'other'),
        (Reached(ADDRESS, 'silent'), 'silent'),
        (Reached(ADDRESS, 'refused'), 'closed'),
        (Reached(ADDRESS, 'timeout'), 'closed'),
        (Reached(ADDRESS, 'unreachable'), 'closed'),
    ],
)
def test_what_greeted_is_judged(found: Reached, code: str) -> None:
    assert hairpin.judge(found, HOST) == InsideResult(ADDRESS, code)  # type: ignore[arg-type]


def test_few_addresses_are_tried_and_the_result_can_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ports(address: str) -> Reached:
        return Reached(address, 'refused', ports=(PortFound(443), PortFound(993, 'timeout')))

    monkeypatch.setattr(reach, 'ports', ports)
    found = hairpin.run(HOST, [f'203.0.113.{number}' for number in range(9)])
    assert len(found.found) == hairpin.MOST_ADDRESSES
    assert InsideTest.from_json(found.to_json()) == found
    assert (found.found[0].open, found.found[0].shut) == ((443,), (993,))


def test_without_an_address_nothing_is_tried() -> None:
    assert hairpin.run(HOST, ()).found == ()
