# SPDX-License-Identifier: AGPL-3.0-or-later
"""Text that people typed is text in a script, whatever is in it."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from .. import sieve_text

_STRING = re.compile(r'"(?:\\.|[^"\\])*"', re.S)
TEXTS = st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\0'))


@given(TEXTS)
@example('"; discard; "')
@example('\\"')
@example('\\')
@example('text:\r\n.\r\n')
@example('${hex:22}; ${subject}')
def test_a_string_ends_where_it_should_and_says_the_text(text: str) -> None:
    written = sieve_text.quoted(text)
    assert _STRING.fullmatch(written)
    assert re.sub(r'\\(.)', r'\1', written[1:-1], flags=re.S) == text


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_list_has_as_many_strings_as_texts(texts: list[str]) -> None:
    assert len(_STRING.findall(sieve_text.strings(texts))) == len(texts)


@given(TEXTS)
@example('x\nstop;')
@example('x\r# rule:[y]')
@example('x\u2028stop;')
@example('*/ stop;')
@example('x\u202ey\x07')
def test_a_comment_is_one_line(text: str) -> None:
    found = sieve_text.comment(text)
    assert len(found.splitlines()) <= 1
    assert found.isprintable(), 'no sign turns the direction of writing or the terminal'


def test_a_rule_has_the_form_roundcube_reads() -> None:
    found = sieve_text.block(
        'Shop', 'header :contains "from" "shop"', ['fileinto "Shop";', 'stop;']
    )
    assert found == (
        '# rule:[Shop]\nif header :contains "from" "shop"\n{\n\tfileinto "Shop";\n\tstop;\n}\n'
    )
