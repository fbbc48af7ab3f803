# SPDX-License-Identifier: AGPL-3.0-or-later
"""The memory of a mailbox as text: what is written is read again, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...errors import MailError
from .. import memory_file
from ..memory_file import HEAD, MOST, MemoryText, PairCount

COUNTS = st.integers(0, MOST)
PAIRS = st.builds(PairCount, st.integers(0, 2**64 - 1), COUNTS, COUNTS)


@given(COUNTS, COUNTS, st.lists(PAIRS, max_size=20).map(tuple))
def test_a_written_memory_is_read_again(
    junk: int, wanted: int, pairs: tuple[PairCount, ...]
) -> None:
    memory = MemoryText(junk, wanted, pairs)
    assert memory_file.parse(str(memory)) == memory


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(MailError) as caught:
        memory_file.parse(text)
    assert caught.value.code == 'memory-file-invalid'


@pytest.mark.parametrize(
    'lines',
    [
        '5',
        '5 5 5',
        '-1 5',
        '5 1000001',
        '\u0665 5',
        '5 5\nxyz 1 1',
        '5 5\n00000000000000ab 1',
        '5 5\n00000000000000AB 1 1',
        '5 5\n00000000000000ab 1 1 1',
        '5 5\n00000000000000ab 1 99999999',
        '5 5\n0000000000000000ab 1 1',
        '5 5\n\n',
    ],
)
def test_lines_of_another_form_are_refused(lines: str) -> None:
    with pytest.raises(MailError) as caught:
        memory_file.parse(f'{HEAD}\n{lines}\n')
    assert caught.value.code == 'memory-file-invalid'


def test_too_long_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before all of its lines are read."""
    monkeypatch.setattr(memory_file, 'MOST_PAIRS', 1)
    monkeypatch.setattr(memory_file, 'PairCount', None)
    with pytest.raises(MailError) as caught:
        memory_file.parse(f'{HEAD}\n1 1\n' + '00000000000000ab 1 1\n' * 2)
    assert caught.value.code == 'memory-file-invalid'


def test_of_too_many_pairs_those_are_kept_that_count_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_file, 'MOST_PAIRS', 2)
    pairs = [PairCount(3, 1, 0), PairCount(2, 9, 0), PairCount(1, 0, 5)]
    assert [each.token for each in memory_file.selected(pairs)] == [1, 2]
