# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings become text Rspamd reads as they are meant."""

import pytest

from plinth.modules.email.config.ucl import Setting, render


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
    assert render('key', value) == text
