# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stopped forwards as text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.forward import (
    LONGEST_REPLY,
    StoppedForward,
    check_stopped,
    plain_reply,
    without,
)
from plinth.modules.email.errors import MailError

SINCE = datetime(2026, 11, 29, 12, tzinfo=UTC)
OUT, HERE = 'carol@outside.test', 'bob@open.test'


@given(st.text(max_size=600))
def test_any_reply_can_be_kept(reply: str) -> None:
    kept = plain_reply(reply)
    assert len(kept) <= LONGEST_REPLY
    text = str(StoppedForward(OUT, SINCE, 'failing', kept))
    check_stopped([text])
    assert StoppedForward.parse(text) == StoppedForward(OUT, SINCE, 'failing', kept)


@pytest.mark.parametrize(
    'text',
    ['', OUT, f'{OUT} 20261129120000Z', f'{OUT} 20261129120000Z other', f'{OUT} now failing',
     'Carol@outside.test 20261129120000Z failing', f'{OUT} 20261129120000Z failing a\nb',
     f'{OUT} 20261129120000Z failing {"x" * (LONGEST_REPLY + 1)}'],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(MailError):
        check_stopped([text])


def test_forwards_are_taken_out_by_their_address() -> None:
    texts = [str(StoppedForward(each, SINCE, 'denied')) for each in (OUT, HERE)]
    assert without(texts, [OUT]) == (texts[1],)
