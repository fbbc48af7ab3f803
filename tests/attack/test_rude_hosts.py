# SPDX-License-Identifier: AGPL-3.0-or-later
"""Strangers on port 25 who break the rules of SMTP, or come too often; and polite ones."""

import re
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Self

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host
from tests.integration import mail

from .households import BOX_SIX, FOURS, SIXES, elsewhere, newcomer

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
CONNECTIONS, MESSAGES, RECIPIENTS, AT_ONCE, OF_ONE = 300, 600, 1200, 20, 100
"""The limits of doc/strangers.md."""
RUDE, MANY, WRONG, FRESH = FOURS[0], FOURS[1], FOURS[2], iter(FOURS[3:12])


@pytest.fixture(scope='module', autouse=True)
def fixture_elsewhere(box: Host) -> Iterator[None]:
    """Strangers who were here today, so that no one waits for a greeting."""

    def come(source: str) -> None:
        with Line(source, BOX_SIX if ':' in source else box.ip) as line:
            line.say('QUIT')

    with elsewhere(box), ThreadPoolExecutor(20) as pool:
        list(pool.map(come, (*FOURS[:12], *SIXES)))
        yield


@pytest.fixture(scope='module')
def _not_greylisted() -> None:
    """Have the box take what the rude one brings at once."""
    mail.in_time('a message to be taken', lambda: _proper(f'first {uuid.uuid4()}')[:3] == '250', 90)


@pytest.fixture
def source() -> str:
    """A household that did nothing so far."""
    return next(FRESH)


@pytest.fixture(scope='module', autouse=True)
def slow(fixture_elsewhere: None) -> Iterator[dict[str, Future[list[str]]]]:  # noqa: ARG001
    """Answers to strangers who go on for long; Postfix has them wait a second after each error."""
    with ThreadPoolExecutor(3) as pool:
        yield {
            'endless': pool.submit(_an_endless_line),
            'many': pool.submit(_thousands_of_recipients),
            'wrong': pool.submit(_wrong_recipients),
        }


class Line:
    """A connection to port 25 on which anything can be said."""

    def __init__(self, source: str, ip: str = settings.BOX.ip, first: bytes = b'') -> None:
        self._socket = socket.create_connection((ip, 25), 30, (source, 0))
        if first:
            self._socket.sendall(first)
        self._file = self._socket.makefile('rb')
        self.greeting = self.answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self._socket.close()

    def answer(self) -> str:
        """The last line of the next answer, '' when the connection is at its end."""
        try:
            line = self._file.readline()
            while line[3:4] == b'-':
                line = self._file.readline()
        except ConnectionError:
            return ''
        return line.decode()

    def say(self, text: str | bytes) -> str:
        """Say a line and return the answer."""
        data = text.encode() if isinstance(text, str) else text
        try:
            self._socket.sendall(data + b'\r\n')
        except ConnectionError:
            return ''
        return self.answer()

    def write(self, data: bytes) -> str:
        """Send bytes as they are and return the answer."""
        with suppress(ConnectionError):
            self._socket.sendall(data)
        return self.answer()

    def greet(self) -> Self:
        """Greet as an ordinary host does."""
        assert self.say(f'EHLO {mail.HELO}').startswith('250')
        return self

    def begin(self) -> Self:
        """Get as far as the text of a message to alice."""
        self.greet()
        for line in (f'MAIL FROM:<{CAROL.address}>', f'RCPT TO:<{ALICE.address}>'):
            assert self.say(line).startswith('250')
        assert self.say('DATA').startswith('354')
        return self


def _text(subject: str, rest: bytes = b'Hello.\r\n') -> bytes:
    head = (
        f'From: {CAROL.address}\r\nTo: {ALICE.address}\r\nSubject: {subject}\r\n'
        f'Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{uuid.uuid4()}@outside.test>\r\n'
        '\r\n'
    )
    return head.encode() + rest


ENDS = (b'\n.\n', b'\n.\r\n', b'\r\n.\n', b'\r.\r', b'\r\n.\r', b'\r.\r\n', b'\n\n.\r\n')
"""Ends of a message that some hosts take for one and others do not."""


def _subjects(box: Host) -> list[str]:
    """Subjects of alice's messages, in INBOX and Junk."""
    found = []
    with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
        for folder in ('INBOX', 'Junk'):
            session.select(folder, readonly=True)
            if numbers := session.search(None, 'ALL')[1][0].decode().split():
                answer = session.fetch(','.join(numbers), '(BODY.PEEK[HEADER.FIELDS (SUBJECT)])')[1]
                found += [part[1].decode() for part in answer if isinstance(part, tuple)]
    return found


def _proper(subject: str) -> str:
    """The answer to a message with proper ends of lines, some of them long or with dots."""
    with Line(RUDE) as line:
        text = _text(subject, b'One.\r\n..\r\n...two\r\n' + b'x' * 20_000 + b'\r\n')
        return line.begin().write(text + b'.\r\n')


@pytest.mark.usefixtures('_not_greylisted')
@pytest.mark.parametrize('end', ENDS, ids=[repr(end) for end in ENDS])
def test_no_message_is_smuggled_inside_another(box: Host, end: bytes) -> None:
    """The second one would seem to come from the host that took the first."""
    outer, inner = f'outer {uuid.uuid4()}', f'inner {uuid.uuid4()}'
    hidden = f'MAIL FROM:<{BOB.address}>\r\nRCPT TO:<{ALICE.address}>\r\nDATA\r\n'.encode() + _text(
        inner
    )
    with Line(RUDE) as line:
        said = line.begin().write(_text(outer) + b'x' + end + hidden + b'\r\n.\r\n')
        line.say('QUIT')
    assert said.startswith('550' if b'\n' in end.replace(b'\r\n', b'') else '250'), said
    assert not any(inner in each for each in _subjects(box))


@pytest.mark.usefixtures('_not_greylisted')
def test_a_message_with_proper_ends_of_lines_is_taken(box: Host) -> None:
    subject = f'proper {uuid.uuid4()}'
    assert _proper(subject).startswith('250')
    wait_for('it', lambda: any(subject in each for each in _subjects(box)), 30, 0.5)


def test_mail_apps_write_as_they_like(box: Host) -> None:
    """Some end lines without a carriage return, and greet with anything."""
    sent = mail.message(BOB.address, ALICE.address)
    with mail.submission(box.ip, BOB.username, BOB.password) as session:
        assert session.docmd('EHLO', 'my phone_!')[0] == 250
        session.mail(BOB.address)
        session.rcpt(ALICE.address)
        session.docmd('DATA')
        session.send(sent.as_bytes().replace(b'\r\n', b'\n') + b'\r\n.\r\n')
        assert session.getreply()[0] == 250
    mail.wait_for(box.ip, ALICE, sent)


TALK = f'EHLO {mail.HELO}\r\n'.encode()


@pytest.mark.parametrize('first', [TALK, TALK + b'MAIL FROM:<x@outside.test>\r\n', b'\r\n'])
def test_who_talks_before_the_greeting_is_refused(first: bytes) -> None:
    with newcomer() as early:
        with Line(early, first=first) as line:
            assert line.greeting.startswith('521'), line.greeting
        with Line(early) as line:
            assert line.greeting.startswith('220'), 'it learnt to wait'


@pytest.mark.parametrize(
    'ahead', [f'EHLO {mail.HELO}\r\nMAIL FROM:<x@outside.test>', f'HELO {mail.HELO}\r\nNOOP']
)
def test_who_does_not_wait_where_one_must_is_refused(ahead: str) -> None:
    with Line(RUDE) as line:
        assert line.greeting.startswith('220')
        assert line.say(ahead).startswith('554')


def test_commands_may_come_together_where_that_is_offered() -> None:
    with Line(RUDE) as line:
        line.greet()
        both = f'MAIL FROM:<{CAROL.address}>\r\nRCPT TO:<{ALICE.address}>'
        assert line.say(both).startswith('250')
        assert line.answer().startswith('250')


NAMES = ['no name', 'a..b', '-x.test', '[300.1.1.1]', 'x' * 300, 'a,b', 'caf\xe9.test', '.']


@pytest.mark.parametrize('name', NAMES)
def test_who_greets_with_no_valid_name_is_refused(name: str) -> None:
    with Line(RUDE) as line:
        assert line.say(f'EHLO {name}').startswith('501'), 'it is taken'
        assert line.say(f'HELO {name}').startswith('501'), 'it is taken'
        assert line.say(f'MAIL FROM:<{CAROL.address}>').startswith('503'), 'without a greeting'


@pytest.mark.parametrize('name', [mail.HELO, 'odd_but_usual.test', f'[{settings.GATEWAY}]', 'pc7'])
def test_who_greets_with_a_name_is_heard(name: str) -> None:
    with Line(RUDE) as line:
        assert line.say(f'EHLO {name}').startswith('250')
        assert line.say(f'MAIL FROM:<{CAROL.address}>').startswith('250')


@pytest.mark.parametrize(
    'text',
    ['EHLO ' + 'x' * 100_000, 'MAIL FROM:<' + 'x' * 100_000 + '@outside.test>',
     'RCPT TO:<' + 'x' * 100_000 + f'@{settings.DOMAINS[0]}>'],
    ids=['EHLO', 'MAIL', 'RCPT'],
)  # fmt: skip
def test_a_line_that_is_too_long_is_refused(box: Host, text: str) -> None:
    with Line(RUDE) as line:
        if not text.startswith('EHLO'):
            line.greet()
        if text.startswith('RCPT'):
            line.say(f'MAIL FROM:<{CAROL.address}>')
        assert re.match('5|$', line.say(text))
    assert mail.ask(box.ip, ALICE.address) == [250]


def _begin_messages(source: str, count: int) -> str:
    """The answer to the last of many messages that were begun, some on each connection."""
    said = ''
    for start in range(0, count, 90):
        with Line(source) as line:
            for _number in range(min(90, count - start)):
                line.say(f'EHLO {mail.HELO}')
                said = line.say(f'MAIL FROM:<{CAROL.address}>')
            line.say('QUIT')
    return said


def _an_endless_line() -> list[str]:
    with Line(WRONG) as line:
        return [line.greet().say('y' * 1_000_000)]


def test_a_line_without_end_ends_the_connection(slow: dict[str, Future[list[str]]]) -> None:
    assert re.match('5|$', slow['endless'].result()[0])


def _thousands_of_recipients() -> list[str]:
    with Line(MANY) as line:
        line.greet().say(f'MAIL FROM:<{CAROL.address}>')
        return [line.say(f'RCPT TO:<bob+{n}@{settings.DOMAINS[0]}>') for n in range(2000)]


def _wrong_recipients() -> list[str]:
    with Line(WRONG) as line:
        line.greet().say(f'MAIL FROM:<{CAROL.address}>')
        return [line.say(f'RCPT TO:<no-{n}@{settings.DOMAINS[0]}>') for n in range(30)]


def test_thousands_of_recipients_are_refused(slow: dict[str, Future[list[str]]]) -> None:
    said = slow['many'].result()
    assert all(each.startswith('250') for each in said[:OF_ONE]), 'as many must be taken'
    assert not [each for each in said[OF_ONE:] if each.startswith('2')]
    assert said[OF_ONE].startswith('452')
    assert said[-1] == '', 'it may go on for ever'


def test_too_many_errors_end_a_connection(slow: dict[str, Future[list[str]]]) -> None:
    said = slow['wrong'].result()
    assert said[0].startswith('550')
    assert said[-1] == ''


@pytest.mark.parametrize('where', [None, BOX_SIX])
def test_connections_at_once_are_limited(source: str, where: str | None) -> None:
    """A network of IPv6 counts as one."""
    ways = SIXES if where else (source,)
    with ExitStack() as stack:
        lines = [
            stack.enter_context(Line(ways[n % len(ways)], where or settings.BOX.ip))
            for n in range(AT_ONCE + 1)
        ]
        said = [line.greeting for line in lines]
        assert [each[:3] for each in said] == ['220'] * AT_ONCE + ['421']
        if not where:
            with Line(next(FRESH)) as other:
                assert other.greeting.startswith('220'), 'others are meant too'


def test_connections_in_a_minute_are_limited(source: str) -> None:
    said = []
    for _number in range(CONNECTIONS + 1):
        with Line(source) as line:
            said.append(line.greeting[:3])
            line.say('QUIT')
    # It was here once before.
    assert set(said[: CONNECTIONS - 1]) == {'220'}
    assert said[-1] == '421'


def test_messages_in_a_minute_are_limited(source: str) -> None:
    assert _begin_messages(source, MESSAGES).startswith('250')
    assert _begin_messages(source, 1).startswith('450')


def test_recipients_in_a_minute_are_limited(source: str) -> None:
    with Line(source) as line:
        said = []
        for _message in range(RECIPIENTS // OF_ONE):
            line.greet().say(f'MAIL FROM:<{CAROL.address}>')
            said += [line.say(f'RCPT TO:<{BOB.address}>') for _number in range(OF_ONE)]
        assert all(each.startswith('250') for each in said)
        line.greet().say(f'MAIL FROM:<{CAROL.address}>')
        for name in (BOB.username, 'no-such-name'):
            said = line.say(f'RCPT TO:<{name}@{settings.DOMAINS[0]}>')
            assert said.startswith('450'), 'wrong ones count as well, and are not told from others'


def test_users_have_no_such_limits(box: Host) -> None:
    with mail.submission(box.ip, BOB.username, BOB.password) as session:
        session.mail(BOB.address)
        said = [session.rcpt(f'bob+{n}@{settings.DOMAINS[0]}')[0] for n in range(OF_ONE + 50)]
    assert set(said) == {250}
