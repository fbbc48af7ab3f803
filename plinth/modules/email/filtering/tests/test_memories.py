# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much a memory has learned, and when mail is judged by it."""

import re
from pathlib import Path

import pytest

from ...config.statistic import LEAST_OWN, LEAST_SHARED, OWN_SPAM, statistic_text
from ...errors import MailError
from .. import memories
from ..memories import Learned

LUA = Path('/usr/share/freedombox-email/rspamd/memory.lua')


@pytest.mark.parametrize(
    ('junk', 'wanted', 'missing'),
    [(0, 0, (5, 5)), (5, 4, (0, 1)), (4, 9, (1, 0)), (5, 5, (0, 0)), (900, 0, (0, 5))],
)
def test_both_kinds_are_needed(junk: int, wanted: int, missing: tuple[int, int]) -> None:
    found = Learned(junk, wanted, 5)
    assert (found.missing_junk, found.missing_wanted) == missing
    assert found.is_used is (missing == (0, 0))


@pytest.mark.parametrize(
    ('reply', 'number'), [(None, 0), (b'12', 12), (b'-3', 0), (b'x', 0), (7, 0), (b'', 0)]
)
def test_a_count_of_redis(reply: object, number: int) -> None:
    """Unlearning what was never learned leaves a negative one."""
    assert memories._number(reply) == number  # type: ignore[arg-type]


@pytest.mark.parametrize('name', ['', '*', 'none', 'a' * 31])
def test_no_keys_of_others_are_removed(name: str) -> None:
    with pytest.raises(MailError) as caught:
        memories.remove(name)
    assert caught.value.code == 'memory-invalid'


def test_rspamd_and_our_rules_have_the_same_bounds() -> None:
    text = LUA.read_text(encoding='utf-8')
    assert f'LEAST = {{ own = {LEAST_OWN}, shared = {LEAST_SHARED} }}' in text
    assert re.findall('min_learns = ([0-9]+);', statistic_text()) == [
        str(LEAST_SHARED),
        str(LEAST_OWN),
    ]
    assert f"own = '{OWN_SPAM.removesuffix('SPAM')}'" in text
