# SPDX-License-Identifier: AGPL-3.0-or-later
"""The daily message about a quarantine: only if there is news, once a day, and harmless."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ...authentication import signed_links
from ...directory.mailbox import Mailbox
from ...directory.settings import Settings
from ...errors import MailError
from ...mailstore import quarantine
from ...mailstore.quarantine import Quarantine, QuarantinedMessage
from ...mailstore.waiting import plain_line
from ...sending import box_notice
from .. import password_link, quarantine_digest
from ..quarantine_digest import PAUSE, harmless, send_digests

START = datetime(2026, 12, 1, 6, tzinfo=UTC)
ALICE, BOB, OFF = (
    Mailbox('alice@example.test', quarantine='on'),
    Mailbox('bob@example.test', quarantine='on'),
    Mailbox('carol@example.test'),
)
GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'


class QuarantineBox:
    """Mailboxes, their messages in quarantine, and the messages about them."""

    def __init__(self) -> None:
        self.now = START
        self.messages: dict[str, list[str]] = {}
        self.told: list[tuple[str, str, str]] = []
        self.silent = ''

    def settings(self) -> Settings:
        return Settings()

    def search(self, _kind: type[Mailbox]) -> list[Mailbox]:
        return [ALICE, BOB, OFF]

    def look(self, mailbox: Mailbox) -> Quarantine:
        if mailbox.address == self.silent:
            raise MailError('quarantine-slow')
        found = [
            QuarantinedMessage(each * 32, f'{each}@x.test', 'Hello', START, 1)
            for each in self.messages.get(mailbox.address, ())
        ]
        return Quarantine(mailbox.address, len(found), tuple(found))

    def tell(self, to: str, _domain: str, subject: str, text: str) -> None:
        self.told.append((to, subject, text))


@pytest.fixture(name='box')
def fixture_box(monkeypatch: Any) -> QuarantineBox:
    box = QuarantineBox()
    monkeypatch.setattr(quarantine_digest, 'now', lambda: box.now)
    monkeypatch.setattr(quarantine, 'look', box.look)
    monkeypatch.setattr(box_notice, 'tell', box.tell)
    monkeypatch.setattr(signed_links, 'key', lambda: b'k' * 32)
    monkeypatch.setattr(quarantine_digest, 'language_of', lambda _user: '')
    monkeypatch.setattr(
        password_link, 'link_for', lambda _store, _to, secret, path: f'https://x{path}#{secret}'
    )
    return box


def _run(box: QuarantineBox, path: Path) -> list[str]:
    """The addresses that are told by a run."""
    before = len(box.told)
    send_digests(box, path)  # type: ignore[arg-type]
    return [to for to, _subject, _text in box.told[before:]]


def test_only_who_has_news_is_told_and_once_a_day(box: QuarantineBox, tmp_path: Path) -> None:
    path = tmp_path / 'folder/told'
    assert _run(box, path) == []
    box.messages = {ALICE.address: ['a'], OFF.address: ['b']}
    assert _run(box, path) == [ALICE.address]
    assert _run(box, path) == []
    box.messages[ALICE.address].insert(0, 'c')
    box.now += PAUSE - timedelta(seconds=1)
    assert _run(box, path) == [], 'not yet a day'
    box.now += timedelta(seconds=1)
    assert _run(box, path) == [ALICE.address]
    assert 'c@x.test' in box.told[-1][2]
    assert 'a@x.test' not in box.told[-1][2], 'told before'
    box.now += timedelta(days=2)
    assert _run(box, path) == []


def test_who_can_not_be_told_keeps_no_other_back_and_is_told_later(
    box: QuarantineBox, tmp_path: Path
) -> None:
    path = tmp_path / 'told'
    box.messages = {ALICE.address: ['a'], BOB.address: ['b']}
    box.silent = ALICE.address
    assert _run(box, path) == [BOB.address]
    box.silent = ''
    assert _run(box, path) == [ALICE.address]


def test_each_message_has_its_links_and_not_all_are_listed(
    box: QuarantineBox, tmp_path: Path
) -> None:
    box.messages = {ALICE.address: list('0123456789abcdef'), BOB.address: []}
    _run(box, tmp_path / 'told')
    ((_to, subject, text),) = box.told
    assert subject.endswith(': 16')
    secrets = re.findall(r'#(\S{50,})', text)
    assert len(set(secrets)) == 32
    acts = [signed_links.read(each, b'k' * 32) for each in secrets]
    assert {each.address for each in acts} == {ALICE.address}
    assert [each.act for each in acts] == ['release', 'delete'] * 16


@given(st.text(max_size=300))
@example('https://evil.test')
@example('HTTPS://www.evil.test WWW.evil.test')
@example(GTUBE)
@example('\u200b'.join(GTUBE))
@example('x' * 500)
def test_a_line_of_strangers_is_harmless(text: str) -> None:
    line = harmless(plain_line(text))
    assert '\n' not in line
    assert '\r' not in line
    assert not re.search(r'(?i)(://|\bwww\.)\S', line)
    assert max(map(len, line.split()), default=0) <= 41
    assert line.replace(' ', '') == plain_line(text).replace(' ', '')
