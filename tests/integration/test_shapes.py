# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages in the shapes of real life go through unchanged, and are found by their words."""

import imaplib
import re
import smtplib
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest

from lab import settings
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail, shapes, smime
from .lookup import txt_record
from .shapes import Shape

CAROL = settings.OUTSIDE_USERS[0]
NAMES = (*(shape.name for shape in shapes.ALL), *smime.NAMES)
TRICKS = ('parts, 50 deep', 'one boundary for both levels')
"""Shapes that Rspamd takes for a trick to hide something (BROKEN_HEADERS): they go to Junk."""
_AT_ONCE = 4


@dataclass(frozen=True)
class Copy:
    """A message as it lies in a mailbox."""

    content: bytes
    uid: bytes
    folder: str


@dataclass(frozen=True)
class Corpus:
    """All shapes as messages of one run, which have its mark in their Message-ID."""

    shapes: tuple[Shape, ...]
    mark: str

    def written(self, sender: str, recipient: str) -> dict[str, bytes]:
        """The messages as they go over the line."""
        return {
            shape.name: self._one(number, shape, mail.message(sender, recipient))
            for number, shape in enumerate(self.shapes)
        }

    def _one(self, number: int, shape: Shape, sent: EmailMessage) -> bytes:
        own = ''.join(f'{name}: {sent[name]}\n' for name in ('From', 'To', 'Date', 'Subject'))
        last = f'Message-ID: <{number}.{self.mark}@outside.test>\n'
        return (own.encode() + last.encode() + shape.rest).replace(b'\n', b'\r\n')

    def copies(self, session: imaplib.IMAP4, folder: str = 'INBOX') -> dict[str, Copy]:
        """Those that arrived in a folder."""
        if session.select(folder, readonly=True)[0] != 'OK':
            return {}
        found = {}
        for uid in session.uid('SEARCH', 'HEADER', 'Message-ID', self.mark)[1][0].split():
            (part, *_) = session.uid('FETCH', uid.decode(), '(BODY.PEEK[])')[1]
            content = bytes(part[1])
            number = re.search(rb'^Message-ID: <(\d+)\.', content, re.MULTILINE)
            assert number
            found[NAMES[int(number[1])]] = Copy(content, uid, folder)
        return found


@pytest.fixture(scope='module')
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the key for S/MIME."""
    return tmp_path_factory.mktemp('smime')


@pytest.fixture(scope='module')
def corpus(keys: Path) -> Corpus:
    """The shapes of this run."""
    return Corpus((*shapes.ALL, *smime.made(keys)), uuid.uuid4().hex)


@pytest.fixture(scope='module')
def user(box: Host) -> Iterator[LabUser]:
    """The one who gets and sends all of them."""
    with directory.mailbox(box, f'shapes-{uuid.uuid4().hex[:8]}@{settings.DOMAINS[0]}') as made:
        yield made


def bring(box: Host, recipient: str, content: bytes) -> None:
    """Bring a message as another mail host does, again when it is told to come again."""

    def once() -> None:
        with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=mail.PATIENCE) as session:
            session.sendmail(CAROL.address, [recipient], content, ['BODY=8BITMIME'])

    def is_taken() -> bool:
        code, text = mail.answer(once)
        assert code == 250 or code // 100 == 4, text
        return code == 250

    mail.in_time('the message to be taken', is_taken, 90)


@pytest.fixture(scope='module')
def incoming(corpus: Corpus, user: LabUser) -> dict[str, bytes]:
    """The messages from outside, as they are sent."""
    return corpus.written(CAROL.address, user.address)


@pytest.fixture(scope='module')
def arrived(
    box: Host, corpus: Corpus, user: LabUser, incoming: Mapping[str, bytes]
) -> Mapping[str, Copy]:
    """The messages from outside, as they lie in the mailbox."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda content: bring(box, user.address, content), incoming.values()))

    def copies() -> dict[str, Copy]:
        with mail.mailbox(box.ip, user.address, user.password) as session:
            return corpus.copies(session, 'Junk') | corpus.copies(session)

    wait_for('all messages', lambda: len(copies()) >= len(incoming), mail.PATIENCE, 0.5)
    return copies()


def _is_whole(sent: bytes, arrived: bytes) -> None:
    """Check that lines were added to the header only, before or after all others."""
    (head, body), (new_head, new_body) = shapes.divided(sent), shapes.divided(arrived)
    assert new_body == body, 'the body was changed'
    assert b'\r\n' + head in new_head, 'the header was changed'


@pytest.mark.parametrize('name', NAMES)
def test_it_comes_in_unchanged(
    incoming: Mapping[str, bytes], arrived: Mapping[str, Copy], name: str
) -> None:
    _is_whole(incoming[name], arrived[name].content)
    assert arrived[name].folder == ('Junk' if name in TRICKS else 'INBOX')


@pytest.fixture(scope='module')
def outgoing(box: Host, corpus: Corpus, user: LabUser) -> dict[str, bytes]:
    """The messages to the outside, as they were handed in."""
    sent = corpus.written(user.address, CAROL.address)
    with mail.submission(box.ip, user.address, user.password) as session:
        for content in sent.values():
            session.sendmail(user.address, [CAROL.address], content, ['BODY=8BITMIME'])
    return sent


@pytest.fixture(scope='module')
def elsewhere(outside: Host, corpus: Corpus, outgoing: Mapping[str, bytes]) -> Mapping[str, Copy]:
    """The messages to the outside, as they arrived there."""

    def copies() -> dict[str, Copy]:
        with mail.mailbox(outside.ip, CAROL.username, CAROL.password, encrypted=False) as session:
            return corpus.copies(session)

    wait_for('all messages', lambda: len(copies()) >= len(outgoing), mail.PATIENCE, 0.5)
    return copies()


@pytest.mark.parametrize('name', NAMES)
def test_it_goes_out_unchanged_and_signed(
    outgoing: Mapping[str, bytes], elsewhere: Mapping[str, Copy], name: str
) -> None:
    _is_whole(outgoing[name], elsewhere[name].content)
    assert dkim.verify(elsewhere[name].content, dnsfunc=txt_record)


@pytest.mark.parametrize('way', ['arrived', 'elsewhere'])
def test_what_is_signed_and_encrypted_can_still_be_read(
    request: pytest.FixtureRequest, keys: Path, way: str
) -> None:
    copies: Mapping[str, Copy] = request.getfixturevalue(way)
    for name in (smime.SIGNED, smime.OPAQUE):
        assert b'Die gr\xc3\xbcne Siegel' in smime.verified(keys, copies[name].content)
    assert b'Safeknackerohr' in smime.decrypted(keys, copies[smime.ENCRYPTED].content)


@pytest.fixture(scope='module')
def reading(box: Host, user: LabUser, arrived: Mapping[str, Copy]) -> Iterator[imaplib.IMAP4]:
    """A session of the one who got all."""
    assert arrived
    with mail.mailbox(box.ip, user.address, user.password) as session:
        yield session


def _found(session: imaplib.IMAP4, folder: str, word: str) -> list[bytes]:
    """The messages in which IMAP's search finds a word anywhere."""
    session.select(folder, readonly=True)
    session.literal = word.encode()
    found: list[bytes] = session.uid('SEARCH', 'CHARSET', 'UTF-8', 'TEXT')[1][0].split()
    return found


@pytest.mark.parametrize('name', NAMES)
def test_it_is_found_by_its_words(
    reading: imaplib.IMAP4, corpus: Corpus, arrived: Mapping[str, Copy], name: str
) -> None:
    shape = corpus.shapes[NAMES.index(name)]
    copy = arrived[name]
    found = {word: _found(reading, copy.folder, word) for word in (*shape.words, *shape.hidden)}
    assert found == {
        **{word: [copy.uid] for word in shape.words},
        **{word: [] for word in shape.hidden},
    }
