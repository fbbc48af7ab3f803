# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each line of the table in doc/from-lines.md gets the verdict that stands there, both ways in."""

import re
import smtplib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime, localtime
from pathlib import Path

import pytest

from lab import dns, life, settings
from tests.conftest import Host
from tests.integration import mail

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
TABLE = (Path(__file__).parents[2] / 'doc/from-lines.md').read_text(encoding='utf-8')
_ROW = re.compile(r'\| `(.+)` \| (refused|Junk|inbox) \| (refused|sent) \|')
_FOLDERS = {'inbox': 'INBOX', 'Junk': 'Junk'}


@dataclass(frozen=True)
class FromLine:
    """Lines of a header, and what becomes of a message that has them."""

    lines: str
    outside: str
    login: str

    @property
    def text(self) -> str:
        """The lines themselves."""
        unicode = re.sub(r'\\u([0-9a-f]{4})', lambda found: chr(int(found[1], 16)), self.lines)
        return unicode.replace('\\r\\n', '\r\n')


ROWS = [FromLine(*found.groups()) for line in TABLE.splitlines() if (found := _ROW.fullmatch(line))]


@pytest.fixture(autouse=True, scope='module')
def _zones() -> Iterator[None]:
    """Serve a domain that asks for forgeries to be refused."""
    policy = dns.LabZone('reject.test', '@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"')
    dns.publish([*life.zones(), policy])
    yield
    life.publish_zones()


def _message(row: FromLine, recipient: str) -> tuple[str, bytes]:
    """A message with a row's lines, and its subject."""
    subject = f'line {uuid.uuid4()}'
    text = (
        f'{row.text}\r\nTo: {recipient}\r\nSubject: {subject}\r\n'
        f'Date: {format_datetime(localtime())}\r\nMessage-ID: <{uuid.uuid4()}@outside.test>\r\n'
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n'
        'Hello, how are you?\r\n'
    )
    return subject, text.encode()


def _send(session: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> tuple[int, str]:
    answer = mail.answer(lambda: session.sendmail(sender, recipient, content))
    if answer[0] != 250:
        session.rset()
    return answer


def _few(rows: list[FromLine]) -> Iterator[list[FromLine]]:
    """Rows for one session each: Postfix slows down a client that is refused often."""
    yield from (rows[start : start + 8] for start in range(0, len(rows), 8))


def test_the_table_is_read_as_a_whole() -> None:
    assert len(ROWS) == TABLE.count('\n| `') > 60


def _is_known(box: Host) -> bool:
    """Whether the stranger came back, as the first message that looks like spam has it asked to."""
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=60) as session:
        messages = [_message(row, ALICE.address)[1] for row in ROWS if row.outside == 'Junk']
        return all(
            _send(session, CAROL.address, ALICE.address, content)[0] == 250 for content in messages
        )


def test_from_outside(box: Host) -> None:
    mail.in_time('the stranger to be known', lambda: _is_known(box), 150)
    taken: dict[str, FromLine] = {}
    wrong = []
    for rows in _few(ROWS):
        with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=60) as session:
            for row in rows:
                subject, content = _message(row, ALICE.address)
                code, text = _send(session, CAROL.address, ALICE.address, content)
                if code == 250:
                    taken[subject] = row
                if (code, row.outside == 'refused') not in {(250, False), (554, True)}:
                    wrong.append(f'{row.lines}: {code} {text}, should be {row.outside}')
    for subject, row in taken.items():
        sent = mail.EmailMessage()
        sent['Subject'] = subject
        if row.outside in _FOLDERS:
            mail.wait_for(box.ip, ALICE, sent, _FOLDERS[row.outside])
    assert not wrong, 'From outside, lines are judged otherwise than written:\n' + '\n'.join(wrong)


def test_after_a_login(box: Host) -> None:
    wrong = []
    for rows in _few(ROWS):
        with mail.submission(box.ip, BOB.username, BOB.password) as session:
            for row in rows:
                _, content = _message(row, ALICE.address)
                code, text = _send(session, BOB.address, ALICE.address, content)
                if (code, row.login) not in {(250, 'sent'), (554, 'refused')}:
                    wrong.append(f'{row.lines}: {code} {text}, should be {row.login}')
    assert not wrong, 'After a login, lines are judged otherwise than written:\n' + '\n'.join(wrong)


def test_the_directory_is_not_asked_without_end(box: Host) -> None:
    others = ', '.join(f'a{number}@{ALICE.domain}' for number in range(7))
    row = FromLine(f'From: {others}', 'refused', 'refused')
    with mail.submission(box.ip, BOB.username, BOB.password) as session:
        _, content = _message(row, ALICE.address)
        code, text = _send(session, BOB.address, ALICE.address, content)
    assert (code, 'too many addresses' in text) == (554, True), f'{code} {text}'
