# SPDX-License-Identifier: AGPL-3.0-or-later
"""Limits on sending: a mailbox before its domain before the usual ones, and a file of one's own."""

import json
from pathlib import Path

import pytest

from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.send_limits import MOST, SendLimits, usual
from plinth.modules.email.errors import MailError

SHIPPED = Path(__file__).parents[5] / 'data/usr/share/freedombox-email/limits.json'


def test_the_nearest_limit_holds() -> None:
    mailbox = Mailbox('a@example.test', recipients_hour=7)
    domain = Domain('example.test', recipients_hour=9, first_time_day=3)
    found = SendLimits.of(mailbox).or_else(SendLimits.of(domain)).or_else(SendLimits(1, 2, 4))
    assert found == SendLimits(7, 2, 3)


@pytest.mark.parametrize('most', [-1, MOST + 1])
def test_what_is_no_limit(most: int) -> None:
    with pytest.raises(MailError, match='1000000'):
        Mailbox('a@example.test', recipients_day=most)
    with pytest.raises(MailError, match='1000000'):
        Domain('example.test', first_time_day=most)


def test_a_file_of_the_administrator_comes_first(tmp_path: Path) -> None:
    own, shipped = tmp_path / 'own', tmp_path / 'shipped'
    values = {'recipients_hour': 1, 'recipients_day': 2, 'first_time_day': 3}
    shipped.write_text(json.dumps(values))
    files = str(own), str(shipped)
    assert usual(files) == SendLimits(1, 2, 3)
    own.write_text(json.dumps({**values, 'recipients_hour': 50}))
    assert usual(files) == SendLimits(50, 2, 3)
    for wrong in ('', '[]', '{"recipients_hour": 5}', json.dumps({**values, 'first_time_day': 0})):
        own.write_text(wrong)
        assert usual(files) == SendLimits(1, 2, 3)


def test_the_shipped_file_is_read() -> None:
    if SHIPPED.exists():
        assert usual((str(SHIPPED),)) == SendLimits(**json.loads(SHIPPED.read_text()))
    assert all(usual(('/nowhere',)).to_json().values())


def test_a_frozen_mailbox_still_gets_mail() -> None:
    assert Mailbox('a@example.test', closed='Back on Monday').is_frozen
    assert not Mailbox('a@example.test', enabled=False, closed='Back on Monday').is_frozen
    assert not Mailbox('a@example.test').is_frozen


@pytest.mark.parametrize('closed', ['x' * 201, 'two\nlines', 'a tab\t', '\x1b[1m'])
def test_what_a_mail_app_cannot_show(closed: str) -> None:
    with pytest.raises(MailError):
        Mailbox('a@example.test', closed=closed)
