# SPDX-License-Identifier: AGPL-3.0-or-later
"""The list of faults follows the code and its tests."""

import ast
from pathlib import Path

import pytest

from tests.faults import FAULTS, PlannedFault, StaleError

ROOT = Path(__file__).parents[2]
FAULT = PlannedFault(
    'views/throttle.py', 'tries.pop()', 'tries.clear()', ('test_throttle.py::test_x',)
)


@pytest.mark.parametrize('fault', FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_can_be_made(fault: PlannedFault) -> None:
    made = fault.made_in((ROOT / fault.path).read_text(encoding='utf-8'))
    ast.parse(made)
    for test in fault.wanted:
        file, function = test.split('::')
        assert f'\ndef {function}(' in (ROOT / file).read_text(encoding='utf-8'), test


@pytest.mark.parametrize('text', ['', 'tries.clear()', 'tries.pop(); tries.pop()'])
def test_a_fault_that_is_not_there_once_is_said_to_be_old(text: str) -> None:
    assert FAULT.made_in('a = tries.pop()') == 'a = tries.clear()'
    with pytest.raises(StaleError, match='must follow the code'):
        FAULT.made_in(text)


@pytest.mark.parametrize(
    'values',
    [('a.py', 'x', 'x', ('t.py::t',)), ('a.py', ' ', 'x', ('t.py::t',)), ('a.py', 'x', 'y', ()),
     ('a.py', 'x', 'y', ('test_a.py',))],
)  # fmt: skip
def test_what_is_no_fault(values: tuple[str, str, str, tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match=r'fault|named'):
        PlannedFault(*values)
