# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tables in the manner of many spreadsheets: each row is found, with the line it begins on."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plinth.modules.email.directory import table
from plinth.modules.email.errors import MailError

PLAIN = 'address,destinations,note\na@own.test,x@outside.test,hello\n'
A = {'address': 'a@own.test', 'destinations': 'x@outside.test', 'note': 'hello'}


def rows(text: str) -> Any:
    names, found = table.read(text)
    return names, [(row.cells, row.line) for row in found]


@pytest.mark.parametrize(
    ('text', 'line'),
    [
        (PLAIN, 2),
        (PLAIN.replace('\n', '\r\n'), 2),
        (PLAIN.replace('\n', '\r'), 2),
        (PLAIN.replace(',', ';'), 2),
        (PLAIN.replace(',', '\t'), 2),
        ('\ufeff' + PLAIN, 2),
        ('sep=,\n' + PLAIN, 3),
        ('\ufeffsep=;\r\n' + PLAIN.replace(',', ';').replace('\n', '\r\n'), 3),
        ('"SEP=;";;\n' + PLAIN.replace(',', ';'), 3),
        ('sep=\t\n' + PLAIN.replace(',', '\t'), 3),
        ('\n\n' + PLAIN, 4),
        (',,\n' + PLAIN, 3),
        (';;;\n' + PLAIN.replace(',', ';'), 3),
        (PLAIN.replace('address,destinations', 'Address,DESTINATIONS'), 2),
        (PLAIN.replace('address,destinations', '" Address ",  Destinations '), 2),
        (PLAIN.replace('\n', ',,\n'), 2),
        (PLAIN.replace('\na@', '\n,,,\n\n   ,\t,\na@'), 5),
        (PLAIN.replace('a@own.test,', ' a@own.test , '), 2),
        (PLAIN.replace('hello', '" hello"'), 2),
        (PLAIN.replace('note\n', 'note,owner\n'), 2),
        (PLAIN.rstrip('\n'), 2),
    ],
)
def test_a_row_is_found(text: str, line: int) -> None:
    assert rows(text)[1] == [(A, line)]


def test_lines_are_counted_in_the_file_also_behind_a_cell_of_several() -> None:
    text = (
        PLAIN
        + 'b@own.test,"x@outside.test\ny@outside.test","two\n\nlines"\nc@own.test,z@outside.test\n'
    )
    assert [line for _cells, line in rows(text)[1]] == [2, 3, 7]


def test_a_separator_inside_a_cell_is_part_of_it() -> None:
    text = 'address,destinations\na@own.test,"x@outside.test;y@outside.test"\n'
    assert rows(text)[1][0][0]['destinations'] == 'x@outside.test;y@outside.test'
    assert rows(text.replace('"', ''))[1][0][0]['destinations'] == 'x@outside.test;y@outside.test'
    text = 'address;destinations\na@own.test;"x@outside.test;y@outside.test"\n'
    assert rows(text)[1][0][0]['destinations'] == 'x@outside.test;y@outside.test'


def test_cells_without_a_column_are_not_lost() -> None:
    for extra in (',y@outside.test', ',,y@outside.test'):
        (found, _line) = rows(PLAIN.replace('hello', f'hello{extra}'))[1][0]
        assert found == {**A, table.LEFT_OVER: 'y@outside.test'}
    (found, _line) = rows(PLAIN.replace('note\n', ',note\n').replace('hello', 'b,hello'))[1][0]
    assert found == {**A, table.LEFT_OVER: 'b'}


@pytest.mark.parametrize('line', ['address,destinations,destinations', 'Address,ADDRESS ,note'])
def test_two_columns_of_one_name_are_refused(line: str) -> None:
    with pytest.raises(MailError, match=r'Line 2: The column “.*” appears twice') as caught:
        table.read(f'\n{line}\na,b,c\n')
    assert caught.value.code == 'site-invalid'


def test_the_line_that_is_unreadable_is_named() -> None:
    with pytest.raises(MailError, match='line 3 is unreadable'):
        rows(PLAIN + 'b@own.test,"x@outside.test\n\n')


@pytest.mark.parametrize('text', ['', '\n', ',,,', 'sep=;', 'sep=;\n', '\ufeff'])
def test_an_empty_table_has_no_columns(text: str) -> None:
    names, found = rows(text)
    assert (names - {''}, found) == (frozenset(), [])


@pytest.mark.parametrize(
    'text', [' ' * 2_000_000, '"' + 'a' * 2_000_000, 'sep=;' + ' ' * 2_000_000]
)
def test_a_hostile_first_line_takes_no_time(text: str) -> None:
    with suppress(MailError):
        rows(text)


@pytest.mark.parametrize(
    ('before', 'line'), [(b'', 1), (b'a\n', 2), (b'a\r\nb\n\n', 4), ('é\n'.encode(), 2)]
)
def test_the_line_that_is_in_another_encoding(before: bytes, line: int) -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        (before + 'Café'.encode('latin-1') + b'\nmore').decode()
    assert table.line_of(caught.value) == line


@settings(max_examples=50)
@given(st.text(st.sampled_from('a,;\t"\n\r \'=\ufeff'), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = rows(text)[1]
    except MailError:
        return
    assert all(cells and all(cells.values()) for cells, _line in found)
    lines = [line for _cells, line in found]
    assert lines == sorted(set(lines))
