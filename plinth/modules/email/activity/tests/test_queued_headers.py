# SPDX-License-Identifier: AGPL-3.0-or-later
"""The header of a queued message as `postcat -h` prints it, and nothing behind it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.activity import queued_headers
from plinth.modules.email.activity.queued_headers import HeaderField, fields
from plinth.modules.email.errors import MailError
from plinth.modules.email.system import programs

HEADER = [
    'Received: from laptop (unknown [192.0.2.7])\n',
    '\tby box.example.test (Postfix) with ESMTPSA id 4fPMmB2q9Wz3w\n',
    'From: Alice <alice@example.test>\n',
    'Subject:\n',
]


def test_fields_are_unfolded() -> None:
    assert fields(HEADER) == (
        HeaderField(
            'Received',
            'from laptop (unknown [192.0.2.7]) by box.example.test (Postfix) with ESMTPSA id '
            '4fPMmB2q9Wz3w',
        ),
        HeaderField('From', 'Alice <alice@example.test>'),
        HeaderField('Subject', ''),
    )


@pytest.mark.parametrize('end', ['\n', '   \n', '\r\n', 'Hello there\n', '-- \n'])
def test_the_body_is_never_read(end: str) -> None:
    found = fields([*HEADER, end, 'Secret: the code is 1234\n', ' and more\n'])
    assert [each.name for each in found] == ['Received', 'From', 'Subject']


def test_a_message_may_begin_with_its_body() -> None:
    assert fields([' a folded beginning\n', 'Secret: x\n']) == ()


@given(st.lists(st.text()), st.lists(st.text()))
def test_nothing_behind_an_empty_line_is_ever_shown(before: list[str], after: list[str]) -> None:
    head = [line for line in before if line.strip('\r\n')]
    found = fields([*head, '\n', *after])
    assert found == fields(head)
    assert all(each.name.isprintable() and each.value.isprintable() for each in found)


def test_what_is_long_is_cut() -> None:
    found = fields([f'X-{number}: {"y" * 5000}\n' for number in range(200)])
    assert len(found) == queued_headers.MOST_FIELDS
    assert len(found[0].value) == queued_headers.LONGEST_VALUE


@pytest.mark.parametrize('name', ['ALL', '-v', '/etc/passwd', '../x', ''])
def test_only_messages_of_the_queue_are_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, 'lines', None)
    with pytest.raises(MailError) as raised:
        queued_headers.read(name)
    assert raised.value.code == 'queue-id-invalid'


def test_a_message_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_words: Any) -> Any:
        raise OSError('postcat ended with 1')
        yield

    monkeypatch.setattr(programs, 'lines', gone)
    with pytest.raises(MailError, match='no longer in the queue'):
        queued_headers.read('4fPMmB2q9Wz3w')
