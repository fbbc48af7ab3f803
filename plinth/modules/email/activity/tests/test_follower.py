# SPDX-License-Identifier: AGPL-3.0-or-later
"""The journal followed: batches, places, and what journalctl may do."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .. import follower
from ..follower import JournalTail, command, entry_of, follow
from ..log_events import JournalEntry
from ..story_store import StorySearch, StoryStore
from .lines import (
    ALICE,
    START,
    Line,
    arrived,
    checked,
    entries,
    queued,
    removed,
    stored,
    to_mailbox,
)

A, S = '4jcMbK5dPczNwGX', 'yGoNLJ2zLWkYHgAA1xKzDg'
IN = [*arrived(A), checked(A), queued(A), stored(S), to_mailbox(A, S), removed(A)]
RECENT = float(int(time.time()) - 60)
CAT = (
    'import sys\n'
    'lines = open(sys.argv[1], "rb").read().splitlines(keepends=True)\n'
    'after = sys.argv[2]\n'
    'names = [line.split(b\'"__CURSOR": "\')[1].split(b\'"\')[0].decode() for line in lines]\n'
    'if after and after not in names: sys.exit(1)\n'
    'sys.stdout.buffer.write(b"".join(lines[names.index(after) + 1 if after else 0:]))\n'
)
"""Stands for journalctl: the lines of a file after a cursor."""


@pytest.fixture(name='store')
def _store(tmp_path: Path) -> Iterator[StoryStore]:
    store = StoryStore(tmp_path / 'stories.sqlite3')
    yield store
    store.close()


def journal_line(entry: JournalEntry) -> bytes:
    return json.dumps({
        'MESSAGE': entry.text, 'SYSLOG_IDENTIFIER': entry.source, '__CURSOR': entry.cursor,
        '__REALTIME_TIMESTAMP': str(int(entry.at * 1_000_000)),
    }).encode()  # fmt: skip


def write(path: Path, lines: Sequence[Line]) -> None:
    path.write_bytes(b''.join(journal_line(each) + b'\n' for each in entries(lines, RECENT)))


def reads(path: Path) -> Callable[[str, float, float], Sequence[str]]:
    return lambda cursor, _last, _now: [sys.executable, '-c', CAT, str(path), cursor]


class Until:
    """Goes on until stories are there, or for some rounds."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds

    def __call__(self) -> bool:
        self.rounds -= 1
        return self.rounds > 0


def test_entries_become_stories(store: StoryStore, tmp_path: Path) -> None:
    write(tmp_path / 'journal', IN)
    follow(store, Until(4), reads(tmp_path / 'journal'))
    (story,) = store.search(StorySearch((ALICE,)))
    assert (story.result, story.first) == ('delivered', RECENT)
    assert store.place()[0] == f's=1;i={len(IN) - 1}'


@pytest.mark.parametrize('place', range(1, len(IN)))
def test_it_goes_on_where_it_ended(store: StoryStore, tmp_path: Path, place: int) -> None:
    path = tmp_path / 'journal'
    write(path, IN[:place])
    follow(store, Until(4), reads(path))
    write(path, IN)
    follow(store, Until(4), reads(path))
    (story,) = store.search(StorySearch((ALICE,)))
    assert [step.kind for step in story.steps] == ['arrived', 'checked', 'accepted', 'stored']


def test_a_place_that_is_gone_is_told(
    store: StoryStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / 'journal'
    write(path, IN[:2])
    follow(store, Until(4), reads(path))
    path.write_bytes(b''.join(journal_line(each) + b'\n' for each in list(entries(IN, RECENT))[2:]))
    follow(store, Until(8), reads(path))
    (story,) = store.search(StorySearch((ALICE,)))
    assert story.result == 'delivered'
    assert 'place in the journal is gone' in capsys.readouterr().err


def test_a_journal_that_cannot_be_read_ends_it(store: StoryStore) -> None:
    with pytest.raises(OSError, match='journalctl ended with'):
        follow(store, Until(9), lambda *_: [sys.executable, '-c', 'raise SystemExit(1)'])


def test_lines_come_in_pieces() -> None:
    script = (
        'import sys, time\n'
        'for piece in ("one\\ntw", "o\\nthree", "\\nrest"):\n'
        '    sys.stdout.write(piece); sys.stdout.flush(); time.sleep(0.05)\n'
    )
    tail = JournalTail([sys.executable, '-c', script])
    found: list[bytes] = []
    while not tail.has_ended:
        found += tail.lines(0.2)
    assert tail.close() == 0
    assert found == [b'one', b'two', b'three']


def test_a_batch_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, 'MOST_LINES', 10)
    monkeypatch.setattr(follower, '_CHUNK', 16)
    tail = JournalTail([sys.executable, '-c', 'print("x\\n" * 500)'])
    assert 10 <= len(tail.lines(5)) < 30
    tail.close()


def test_the_place_is_kept_now_and_then(store: StoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    following = follower.Follower(store)
    quiet = [('postfix/smtpd', 'disconnect from unknown[198.51.100.7]')]
    following.take(entries(quiet))
    assert store.place()[0] == ''
    monkeypatch.setattr(follower, 'IDLE_SECONDS', -1.0)
    following.take(entries(quiet))
    assert store.place()[0] == 's=1;i=0'


def test_the_command_is_for_the_mail_services_alone() -> None:
    words = command('s=1;i=2', START, START)
    assert words[0] == 'journalctl'
    assert '--after-cursor=s=1;i=2' in words
    assert all(
        word.startswith(('_SYSTEMD_UNIT=', '_UID=', 'SYSLOG_IDENTIFIER=postfix/postsuper', '+'))
        for word in words[words.index('--after-cursor=s=1;i=2') + 1 :]
    )
    assert f'--since=@{START + 0.000_001:.6f}' in command('', START, START + 5)
    assert f'--since=@{START - follower.FIRST_TIME:.6f}' in command('', 0.0, START)


def test_text_that_is_not_utf_8() -> None:
    line = json.dumps({
        'MESSAGE': list(b'caf\xe9'), 'SYSLOG_IDENTIFIER': 'dovecot', '__CURSOR': 'c',
        '__REALTIME_TIMESTAMP': '1764540000000000',
    }).encode()  # fmt: skip
    assert entry_of(line) == JournalEntry('caf\ufffd', 'dovecot', START, 'c')


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=5,
)
NAMES = st.sampled_from(['MESSAGE', 'SYSLOG_IDENTIFIER', '__CURSOR', '__REALTIME_TIMESTAMP'])


@given(st.dictionaries(NAMES, VALUES) | VALUES)
def test_any_entry_is_read(raw: object) -> None:
    entry_of(json.dumps(raw).encode())


@given(st.binary())
def test_any_line_of_journalctl_is_read(line: bytes) -> None:
    entry_of(line)
