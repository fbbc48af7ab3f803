# SPDX-License-Identifier: AGPL-3.0-or-later
"""Levels of fullness, room by mailbox and by domain."""

import pytest

from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.quota import Quota
from plinth.modules.email.mailstore import fullness
from plinth.modules.email.mailstore.fullness import Quotas, level

MB = 10**6


@pytest.mark.parametrize(
    ('used', 'reached'),
    [(0, 0), (799_999, 0), (800_000, 80), (949_999, 80), (950_000, 95), (2 * MB, 95)],
)
def test_levels(used: int, reached: int) -> None:
    assert level(used, Quota(1, 'MB')) == reached
    assert level(used, Quota(0)) == 0


def test_levels_of_all() -> None:
    quotas = Quotas({'x.test': Domain('x.test', quota='1 MB')}, {'b@x.test': 'unlimited'})
    usages = {'a@x.test': 900_000, 'b@x.test': 5 * MB, 'c@x.test': 5, 'd@other.test': 5 * MB}
    assert fullness.levels(quotas, usages) == {'a@x.test': 80}


def test_room() -> None:
    domains = {
        'x.test': Domain('x.test', quota='1 MB', total_quota='2 MB'), 'y.test': Domain('y.test')
    }  # fmt: skip
    usages = {'a@x.test': 900_000, 'b@x.test': 1_050_000, 'c@y.test': 7 * MB}
    found = fullness.look(Quotas(domains, {}), usages)
    assert found.room('a@x.test') == 100_000
    assert found.room('c@y.test') is None
    assert found.room('new@x.test') == 0, 'unknown, so Dovecot is asked'
    assert found.total_room('x.test') == 50_000
    assert found.least == -50_000
    assert found.fits('a@x.test', 50_000)
    assert not found.fits('a@x.test', 50_001)
    assert found.fits('c@y.test', 50 * MB)
    assert fullness.look(Quotas({'y.test': domains['y.test']}), usages).quotas.any is False
