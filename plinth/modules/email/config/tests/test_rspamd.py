# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings become text Rspamd reads as they are meant."""

import pytest

from plinth.modules.email.config.facts import Facts
from plinth.modules.email.config.rspamd import SUBJECTS, Setting, _render, rspamd_state
from plinth.modules.email.config.state import WholeFile


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        (True, 'key = true;\n'),
        (7, 'key = 7;\n'),
        ('a"b\\c', 'key = "a\\"b\\\\c";\n'),
        (('a', 'b'), 'key = ["a", "b"];\n'),
        (({'a': 1}, {'a': 2}), 'key = [{\n  a = 1;\n}, {\n  a = 2;\n}];\n'),
        ({'a.test': {'x': 1}}, 'key {\n  "a.test" {\n    x = 1;\n  }\n}\n'),
        ({'inner': {'x': 1}}, 'key {\n  inner {\n    x = 1;\n  }\n}\n'),
    ],
)
def test_render(value: Setting, text: str) -> None:
    assert _render('key', value) == text


@pytest.mark.parametrize('subjects', [False, True])
def test_subjects_are_logged_only_where_that_is_chosen(subjects: bool) -> None:
    facts = Facts(None, (), (), 'box', 1, 900, (990, 989), subjects=subjects)
    texts = [each.content for each in rspamd_state(facts).edits if isinstance(each, WholeFile)]
    assert any(SUBJECTS in text for text in texts) is subjects
