# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cells of a table that no spreadsheet takes for a formula.

A note may begin with an equals sign, and a user without any rights may have written it: a
spreadsheet would work it out, with the rights of the person who opens the table. An apostrophe
before such a sign makes it text, and `plain` takes it away again. The same goes for what follows
a semicolon, which many spreadsheets take for the end of a cell.
"""

import re

_SIGNS = r'=+\-@＝＋－＠'  # noqa: RUF001 (some spreadsheets take these as well)
_FORMULA = re.compile(rf"(^|;)('*[{_SIGNS}])")
_GUARDED = re.compile(rf"(^|;)'('*[{_SIGNS}])")


def guarded(text: str) -> str:
    """A text as a cell that is nothing but text."""
    return _FORMULA.sub(r"\1'\2", text)


def plain(text: str) -> str:
    """The text of a cell."""
    return _GUARDED.sub(r'\1\2', text)
