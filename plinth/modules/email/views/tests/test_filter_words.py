# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of filters: their order, their ends, and those a page leaves out."""

import pytest

from ...directory.mail_filter import MailFilter
from .. import filter_words
from ..filter_words import MOST_SHOWN, list_of

MANY = tuple(MailFilter(f'Filter {number}', folder='Club') for number in range(MOST_SHOWN + 2))


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have addresses of pages without a web service."""

    def reverse(name: str, args: list[object]) -> str:
        return '/'.join(map(str, (name, *args)))

    monkeypatch.setattr(filter_words, 'reverse', reverse)


@pytest.mark.parametrize(
    ('count', 'shown', 'more'), [(0, 0, 0), (MOST_SHOWN, MOST_SHOWN, 0), (len(MANY), MOST_SHOWN, 2)]
)
def test_long_lists_are_cut(count: int, shown: int, more: int) -> None:
    found = list_of(MANY[:count], 'my-filter', 'alice@example.test')
    assert (len(found.rows), found.more) == (shown, more)


def test_only_the_real_ends_cannot_be_moved_further() -> None:
    cut = list_of(MANY, 'my-filter', 'alice@example.test')
    whole = list_of(MANY, 'my-filter', 'alice@example.test', most=None)
    assert [row.is_first for row in cut.rows].index(True) == 0
    assert not any(row.is_last for row in cut.rows), 'the last one shown is not the last one'
    assert [row.is_last for row in whole.rows].index(True) == len(MANY) - 1


def test_each_row_leads_to_its_own_filter() -> None:
    urls = [row.url for row in list_of(MANY, 'house-filter', 'before', most=None).rows]
    assert urls[-1] == f'email:house-filter/before/{len(MANY)}'
