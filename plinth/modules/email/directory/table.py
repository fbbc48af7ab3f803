# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tables as spreadsheets write them (CSV, RFC 4180): rows by the names of their columns.

The first row that says something names the columns, in any case. Between the cells stands
what stands behind the first name, a comma, semicolon or tab, or what a line `sep=;` before it
says. Empty rows, empty cells and columns without a name and without a cell say nothing.

DIAGNOSTICS
    site-invalid   it is no table; the sentence names the line
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import MailError
from .csv_escape import plain

LEFT_OVER = ''
"""The name of the column in which cells stand that have none."""

_SAID = re.compile(r'"?sep=([,;\t])"?[ ;,\t]*\r?(?:\n|\Z)', re.IGNORECASE)
_BETWEEN = re.compile(r'[,;\t]')


class TableRow(NamedTuple):
    """The cells of a row that say something, by their columns, and the line it begins on."""

    cells: dict[str, str]
    line: int


def line_of(error: UnicodeDecodeError) -> int:
    """The line of the first byte that is not UTF-8."""
    return error.object[: error.start].count(b'\n') + 1


def _layout(text: str) -> tuple[str, str, int]:
    """The text of the rows, the delimiter, and the line the rows begin on."""
    text = text.removeprefix('\ufeff')
    if said := _SAID.match(text):
        return text[said.end() :], said[1], 2
    between = _BETWEEN.search(text)
    return text, between[0] if between else ',', 1


def _cells(text: str) -> Iterator[tuple[list[str], int]]:
    """Yield the cells of each row, and the line it begins on."""
    text, between, line = _layout(text)
    rows = csv.reader(io.StringIO(text, newline=''), strict=True, delimiter=between)
    before = line - 1
    try:
        for row in rows:
            cells = [plain(cell).strip() for cell in row]
            if any(cells):
                yield cells, line
            line = before + rows.line_num + 1
    except csv.Error as error:
        raise MailError('site-invalid.csv', str(error), line=line) from error


def _names(cells: list[str], line: int) -> list[str]:
    """The names of the columns; none may be there twice."""
    names = [cell.lower() for cell in cells]
    repeated = [name for name, times in Counter(filter(None, names)).items() if times > 1]
    if repeated:
        raise MailError('site-invalid.column-twice', line=line, column=repeated[0][:40])
    return names


def _row(names: list[str], cells: list[str]) -> dict[str, str]:
    """The cells of a row by their columns."""
    found = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
    unnamed = [cell for name, cell in zip(names, cells, strict=False) if not name and cell]
    left_over = [*unnamed, *filter(None, cells[len(names) :])]
    return {**found, LEFT_OVER: ' '.join(left_over)} if left_over else found


def read(text: str) -> tuple[frozenset[str], Iterator[TableRow]]:
    """The names of the columns of a table, and its rows."""
    rows = _cells(text)
    cells, line = next(rows, ([], 1))
    names = _names(cells, line)
    return frozenset(names), (TableRow(_row(names, cells), line) for cells, line in rows)
