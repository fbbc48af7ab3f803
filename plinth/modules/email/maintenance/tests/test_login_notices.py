# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes on logins, as a service without rights could write them, and the message about one."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plinth.modules.email.authentication.disowning import OwnLogin
from plinth.modules.email.maintenance import login_notices
from plinth.modules.email.maintenance.login_notices import LoginNote

AT = datetime(2026, 1, 2, tzinfo=UTC)
NOTE = LoginNote('alice@example.test', '192.0.2.1', 'imap', 'k7f3', 'NZ', AT)


def test_notes_are_taken_once_and_wrong_ones_dropped(tmp_path: Path) -> None:
    texts = [
        json.dumps(NOTE.to_json()), 'x', '[]', ' ' * 9999,
        json.dumps({**NOTE.to_json(), 'remote': 'x; rm'}),
        json.dumps({**NOTE.to_json(), 'key_id': '../x'}),
        json.dumps({**NOTE.to_json(), 'country': 'Xx\n'}),
    ]  # fmt: skip
    for number, text in enumerate(texts):
        (tmp_path / f'{number:032x}').write_text(text)
    (tmp_path / f'{99:032x}').symlink_to('/etc/passwd')
    (tmp_path / '.half').write_text('{')
    assert login_notices.take(tmp_path) == [NOTE]
    assert list(tmp_path.iterdir()) == [], 'what stayed would have systemd start it again'
    assert login_notices.take(tmp_path) == []
    assert login_notices.take(tmp_path / 'none') == []


@pytest.mark.parametrize(('key_id', 'label'), [('k7f3', 'Phone'), ('', '')])
def test_the_message_says_what_the_link_does(key_id: str, label: str) -> None:
    login = OwnLogin('alice@example.test', '192.0.2.1', key_id, label, AT, AT)
    text = login_notices._text(NOTE, login, 'https://example.test/#secret')
    assert 'https://example.test/#secret' in text
    assert '192.0.2.1' in text
    assert ('“Phone”' in text) is bool(label)
    assert ('It revokes' in text) is bool(key_id)
    assert ('It freezes' in text) is not bool(key_id)
    assert 'NZ' in text
    assert '{' not in text
