# SPDX-License-Identifier: AGPL-3.0-or-later
"""The relays that are known as data."""

from pathlib import Path

import pytest

from ...errors import MailError
from .. import presets

OURS = Path(__file__).parents[5] / 'data/usr/share/freedombox-email/relays.json'


def test_our_file_has_relays_to_choose_from() -> None:
    found = presets.load((str(OURS),))
    names = [each.name for each in found]
    assert len(names) > 10
    assert len(set(names)) == len(names)
    assert all(each.relay.verify and each.relay.spf.startswith('include:') for each in found)
    assert all((each.relay.port == 465) is (each.relay.tls == 'implicit') for each in found)


@pytest.mark.parametrize(
    'text', ['', '[]', '{}', '{"relays": [{}]}', '{"relays": [{"name": "a b", "title": "A", "host":'
             ' "a.test", "port": 1, "tls": "none", "spf": "", "dkim": "own"}]}'],
)  # fmt: skip
def test_a_file_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / 'relays.json'
    path.write_text(text)
    with pytest.raises(MailError) as caught:
        presets.load((str(path),))
    assert caught.value.code == 'presets-invalid'


def test_no_file_is_no_preset(tmp_path: Path) -> None:
    assert presets.load((str(tmp_path / 'none'),)) == ()
