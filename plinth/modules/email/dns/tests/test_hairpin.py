# SPDX-License-Identifier: AGPL-3.0-or-later
"""Port 25 at our public address, tried from here."""

import pytest

from .. import hairpin, reach
from ..answer import Reached
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
    async def greeting(address: str) -> Reached:
        return Reached(address, 'refused')

    monkeypatch.setattr(reach, 'greeting', greeting)
    found = hairpin.run(HOST, [f'203.0.113.{number}' for number in range(9)])
    assert len(found.found) == hairpin.MOST_ADDRESSES
    assert InsideTest.from_json(found.to_json()) == found


def test_without_an_address_nothing_is_tried() -> None:
    assert hairpin.run(HOST, ()).found == ()
