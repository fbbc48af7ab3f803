# SPDX-License-Identifier: AGPL-3.0-or-later
"""The journal followed: batches, places, and what journalctl may do."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from .. import follower
from ..follower import JournalTail, command, follow
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
    'found = [each + b"\\n\\n" for each in open(sys.argv[1], "rb").read().split(b"\\n\\n")][:-1]\n'
    'after = sys.argv[2]\n'
    'names = [entry.split(b"__CURSOR=")[1].split(b"\\n")[0].decode() for entry in found]\n'
    'if after and after not in names: sys.exit(1)\n'
    'sys.stdout.buffer.write(b"".join(found[names.index(after) + 1 if after else 0:]))\n'
)
"""Stands for journalctl: the entries of a file after a cursor."""


def exported(entry: JournalEntry) -> bytes:
    """An entry as journalctl writes it, with fields that are not looked at."""
    return (
        f'__CURSOR={entry.cursor}\n__REALTIME_TIMESTAMP={int(entry.at * 1_000_000)}\n'
        f'__SEQNUM=7\nSYSLOG_IDENTIFIER={entry.source}\nMESSAGE={entry.text}\n\n'
    ).encode()


def write(path: Path, lines: Sequence[Line]) -> None:
    path.write_bytes(b''.join(map(exported, entries(lines, RECENT))))


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
    path.write_bytes(b''.join(map(exported, list(entries(IN, RECENT))[2:])))
    follow(store, Until(8), reads(path))
    (story,) = store.search(StorySearch((ALICE,)))
    assert story.result == 'delivered'
    assert 'place in the journal is gone' in capsys.readouterr().err


def test_a_journal_that_cannot_be_read_ends_it(store: StoryStore) -> None:
    with pytest.raises(OSError, match='journalctl ended with'):
        follow(store, Until(9), lambda *_: [sys.executable, '-c', 'raise SystemExit(1)'])


def test_a_batch_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, 'MOST_ENTRIES', 10)
    monkeypatch.setattr(follower, '_CHUNK', 256)
    (entry,) = entries([removed(A)], RECENT)
    script = f'import sys; sys.stdout.buffer.write({exported(entry)!r} * 500)'
    tail = JournalTail([sys.executable, '-c', script])
    assert 10 <= len(tail.entries(5)) < 30
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
