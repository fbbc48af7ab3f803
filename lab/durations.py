# SPDX-License-Identifier: AGPL-3.0-or-later
"""The slowest tests of the last whole run, as a table in doc/testing.md."""

import json
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import settings
from .host import LabError, run

PLUGIN = 'lab.cost'
PROPERTY = 'processor'
"""Where the plugin puts the processor seconds of a test in the report."""
VARIABLE = 'TEST_COST_OF'
SELF = 'self'
PAGE = settings.CHECKOUT / 'doc/testing.md'
RESULTS = settings.CACHE / 'results' / settings.LAB
_ALL_RESULTS = (
    RESULTS, *map(RESULTS.with_name, (settings.SECOND_LAB, settings.THIRD_LAB)),
)  # fmt: skip
COUNT = 20
_LONGEST_NAME = 90
_BEGIN, _END = '<!-- slowest -->', '<!-- end of slowest -->'
_HEAD = """<!-- SPDX-License-Identifier: AGPL-3.0-or-later -->
# Tests

## The twenty slowest tests

"""
_WHOLE = 'whole.json'


@dataclass(frozen=True)
class Test:
    """One test of a run, with its fixtures: seconds on the clock and of processors."""

    part: str
    name: str
    seconds: float
    processor: float


def begin() -> float:
    """Forget the last whole run; return the moment of this one."""
    for folder in _ALL_RESULTS:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
    return time.time()


def report(part: str) -> Path:
    """Where the report of a part of the tests belongs."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    return RESULTS / f'{part}.xml'


def end(begun: float, words: Iterable[str]) -> None:
    """Note that all parts of a run have ended."""
    commit = run(['git', '-C', settings.CHECKOUT, 'rev-parse', '--short', 'HEAD'], check=False)
    about = {
        'command': ' '.join(['./box test', *words]),
        'commit': commit.stdout.strip(),
        'day': time.strftime('%Y-%m-%d', time.gmtime(begun)),
        'seconds': time.time() - begun,
    }
    (RESULTS / _WHOLE).write_text(json.dumps(about), encoding='utf-8')


def write() -> Path:
    """Write the tables of the last whole run into the page."""
    if not (RESULTS / _WHOLE).exists():
        raise LabError('No whole run has ended yet: ./box test')
    about = json.loads((RESULTS / _WHOLE).read_text(encoding='utf-8'))
    reports = [path for folder in _ALL_RESULTS for path in folder.glob('*.xml')]
    tests = [test for path in reports for test in read(path)]
    page = PAGE.read_text(encoding='utf-8') if PAGE.exists() else _HEAD
    PAGE.write_text(replaced(page, '\n'.join(lines(tests, about))), encoding='utf-8')
    return PAGE


def read(path: Path) -> Iterator[Test]:
    """The tests in a report of pytest (JUnit's XML), which our own run wrote."""
    for case in ET.parse(path).iter('testcase'):  # noqa: S314
        found = {each.get('name'): each.get('value') for each in case.iter('property')}
        place = case.get('classname', '').replace('.', '/')
        yield Test(
            path.stem, f'{place}.py::{case.get("name")}', float(case.get('time', 0)),
            float(found.get(PROPERTY) or 0),
        )  # fmt: skip


def lines(tests: list[Test], about: dict[str, Any]) -> Iterator[str]:
    """The text with both tables."""
    run_of = f'`{about["command"]}` of {about["commit"]} on {about["day"]}'
    yield f'{run_of} took {_minutes(about["seconds"])} minutes.'
    yield 'Parts run beside each other and share the processors.'
    yield from ('', '| part | tests | minutes | processor minutes |', '|---|---:|---:|---:|')
    for part in sorted({test.part for test in tests}):
        mine = [test for test in tests if test.part == part]
        times = (sum(test.seconds for test in mine), sum(test.processor for test in mine))
        yield f'| {part} | {len(mine)} | {_minutes(times[0])} | {_minutes(times[1])} |'
    yield from ('', f'The slowest {COUNT}, each with its fixtures:', '')
    yield from ('| test | seconds | processor seconds |', '|---|---:|---:|')
    for test in sorted(tests, key=lambda each: -each.seconds)[:COUNT]:
        yield f'| `{_short(test.name)}` | {test.seconds:.0f} | {test.processor:.0f} |'


def _minutes(seconds: float) -> str:
    return f'{seconds / 60:.1f}'


def _short(name: str) -> str:
    """A name that fits into a table; nothing in it ends the cell or the code."""
    name = re.sub(r'[`|\s]+', ' ', name)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + '…'


def replaced(page: str, text: str) -> str:
    """The page with this text between its two marks, at the end when it has none."""
    before, _begin, rest = page.partition(_BEGIN)
    old, end, after = rest.partition(_END)
    rest = after if end else old or '\n'
    return f'{before}{_BEGIN}\n{text}\n{_END}{rest}'
