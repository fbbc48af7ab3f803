# SPDX-License-Identifier: AGPL-3.0-or-later
"""The conversation by which Postfix hands in sent mail of shared mailboxes (LMTP)."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.mailstore import sent_copies
from plinth.modules.email.mailstore.sent_copies import SentConversation, address_in

DESK = 'desk@one.test'
RECIPIENT = 'RCPT TO:<desk=one.test@sent.invalid>'
MESSAGE = b'Message-ID: <a@one.test>\r\n\r\nHello.\r\n'


def talk(*lines: str | bytes) -> list[str]:
    """The answers to some lines."""
    said = b''.join(
        line if isinstance(line, bytes) else f'{line}\r\n'.encode() for line in lines
    )  # fmt: skip
    target = io.BytesIO()
    SentConversation(io.BytesIO(said), target).run()
    return target.getvalue().decode().splitlines()


@pytest.fixture(name='saved')
def fixture_saved(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    monkeypatch.setattr(sent_copies, 'save', lambda *one: found.append(one))
    return found


def test_a_message_is_saved_as_it_came(saved: list[tuple[str, bytes]]) -> None:
    dotted = MESSAGE + b'.dot\r\n'
    answers = talk('LHLO box', f'MAIL FROM:<{DESK}>', RECIPIENT, 'DATA',
                   MESSAGE + b'..dot\r\n.\r\n', 'QUIT')  # fmt: skip
    assert saved == [(DESK, dotted)]
    assert answers[-2:] == ['250 2.0.0 Saved', '221 2.0.0 Bye']


@pytest.mark.parametrize('sender', ['', 'www-data@localhost', 'desk.two@one.test', 'sk@one.test'])
def test_only_the_mailbox_itself_sends_into_its_folder(
    sender: str, saved: list[tuple[str, bytes]]
) -> None:
    answers = talk('LHLO box', f'MAIL FROM:<{sender}>', RECIPIENT, 'DATA')
    assert answers[-2][:3] == '550'
    assert answers[-1][:3] == '503'
    assert not saved


@given(st.from_regex(r"[a-z0-9'=^~.é-]{1,20}", fullmatch=True))
def test_an_address_is_found_again(local: str) -> None:
    assert address_in(f'RCPT TO:<{local}=one.test@sent.invalid>') == f'{local}@one.test'


@pytest.mark.parametrize('line', ['RCPT TO:<desk@one.test>', 'RCPT TO:<=one.test@sent.invalid>',
                                  'RCPT TO:<desk=one.test@sent.invalid.test>'])  # fmt: skip
def test_other_recipients_are_none(line: str) -> None:
    assert address_in(line) == ''
