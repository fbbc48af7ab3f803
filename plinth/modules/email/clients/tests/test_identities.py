# SPDX-License-Identifier: AGPL-3.0-or-later
"""Questions of Roundcube's: what is none is answered with nothing, before anything is tried."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.clients import identities

GARBAGE: tuple[object, ...] = (
    {},
    [],
    'alice',
    {'login': 'alice'},
    {'login': 'alice', 'password': 7},
    {'login': ['alice'], 'password': 'secret'},
    {'login': '', 'password': 'secret'},
    {'login': 'alice', 'password': ''},
    {'login': 'alice\0bob', 'password': 'secret'},
    {'login': 'alice', 'password': 'secret\0'},
)
NOTHING = {'addresses': [], 'password_page': ''}


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens where Dovecot would be asked."""
    monkeypatch.setattr(identities, '_SERVER', ('127.0.0.1', 9))


def test_a_question() -> None:
    line = json.dumps({'login': 'älice', 'password': 'pass "word'}).encode()
    assert identities.read(line) == ('älice', 'pass "word')


@pytest.mark.parametrize('question', GARBAGE)
def test_no_question(question: object) -> None:
    with pytest.raises(ValueError, match='no '):
        identities.read(json.dumps(question).encode())


@given(st.binary(max_size=60))
def test_anything_is_answered(line: bytes) -> None:
    target = io.BytesIO()
    identities.serve(io.BytesIO(line), target)
    assert json.loads(target.getvalue()) == NOTHING


def test_without_dovecot_nothing_is_known_and_no_password_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = json.dumps({'login': 'alice', 'password': 'hunter2'}).encode()
    assert json.loads(identities.answer(line)) == NOTHING
    said = capsys.readouterr().err
    assert 'ConnectionRefusedError' in said
    assert 'hunter2' not in said
