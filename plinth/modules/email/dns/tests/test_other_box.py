# SPDX-License-Identifier: AGPL-3.0-or-later
"""The choice of another box, as far as it can be read."""

import json
import pathlib

import pytest

from ..other_box import OtherBox, load


def test_it_is_read_as_it_was_kept(tmp_path: pathlib.Path) -> None:
    path, kept = tmp_path / 'reach.json', OtherBox('other.test', True)
    path.write_text(json.dumps(kept.to_json()))
    assert load(path) == kept


@pytest.mark.parametrize(
    'text',
    [
        '', '[]', '{}', '{"host": "other.test"}', '{"host": 7, "answers": true}',
        '{"host": "", "answers": "yes"}', '{"host": "a b", "answers": true}',
        '{"host": "Other.Test", "answers": true}', '{"host": "a\\r\\nb.test", "answers": true}',
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_none_and_no(tmp_path: pathlib.Path, text: str) -> None:
    (tmp_path / 'reach.json').write_text(text)
    assert load(tmp_path / 'reach.json') == OtherBox()
    assert load(tmp_path / 'missing.json') == OtherBox()
