# SPDX-License-Identifier: AGPL-3.0-or-later
"""The end of mailboxes and aliases: a warning before, words for senders and logins after."""

import imaplib
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import directory, mail
from .imap import Imap

ALICE = settings.USERS[0]
DESK = f'desk@{settings.DOMAINS[0]}'
SALE = f'sale@{settings.DOMAINS[0]}'
FAREWELL = 'Das Büro schließt. Write to office@example.org, 100% sure.'
CAROL = settings.OUTSIDE_USERS[0]


def ends(box: Host, address: str, *more: str, seconds: int = 3) -> None:
    """Have an address end soon."""
    at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    box.run('freedombox-email', 'end-date', 'set', address, at, *more)


def answer(box: Host, recipient: str) -> tuple[int, str]:
    """The answer of port 25 to mail for an address."""
    return mail.answer(lambda: mail.deliver(box.ip, mail.message(CAROL.address, recipient)))


def test_a_mailbox_ends_with_words_for_senders_and_logins(box: Host) -> None:
    with directory.mailbox(box, DESK) as user:
        with Imap(box.ip, DESK, user.password) as session:
            ends(box, DESK, '--farewell', FAREWELL)
            session.do('NOOP')
            wait_for('the end of the mailbox', lambda: answer(box, DESK)[0] == 550, 20, 0.5)
            with pytest.raises((EOFError, OSError)):
                wait_for('the end of a session', lambda: not session.do('NOOP'), 10, 0.2)
        code, text = answer(box, DESK)
        assert (code, text) == (550, f'5.2.1 <{DESK}>: Recipient address rejected: {FAREWELL}')
        with pytest.raises(imaplib.IMAP4.error, match='Write to office'):
            imap_login(box, user.password)
        box.run('freedombox-email', 'end-date', 'remove', DESK)
        with mail.mailbox(box.ip, DESK, user.password) as again:
            assert again.select()[0] == 'OK', 'a mailbox without an end is not open again'


def imap_login(box: Host, password: str) -> None:
    """Log in to the mailbox."""
    with mail.mailbox(box.ip, DESK, password):
        pass


def test_an_alias_ends_with_words_for_senders(box: Host) -> None:
    with directory.alias(box, SALE, ALICE.address):
        assert answer(box, SALE)[0] != 550
        ends(box, SALE, '--farewell', 'The sale is over.')
        wait_for('the end of the alias', lambda: 'sale is over' in answer(box, SALE)[1], 20, 0.5)
        listed = json.loads(box.run('freedombox-email', 'end-date', 'list', '--json'))
        assert SALE in [each['address'] for each in listed['ends']]


def test_people_are_warned_once_and_not_of_an_end_that_is_near_when_chosen(box: Host) -> None:
    with directory.mailbox(box, DESK) as user:
        far = date.today() + timedelta(days=20)
        box.run('freedombox-email', 'end-date', 'set', DESK, f'{far}')
        _run_deeds(box)
        with mail.mailbox(box.ip, DESK, user.password) as session:
            assert not _subjects(session)
        _let_days_pass(box, 10)
        _run_deeds(box)
        mail_came = lambda: len(_warnings(box, user.password)) == 1  # noqa: E731
        wait_for('the warning', mail_came, 30, 0.5)
        _run_deeds(box)
        assert len(_warnings(box, user.password)) == 1, 'a warning came twice'
        box.run('freedombox-email', 'end-date', 'set', DESK, f'{date.today()}')
        _run_deeds(box)
        assert len(_warnings(box, user.password)) == 1


def _run_deeds(box: Host) -> None:
    box.run('systemctl', 'start', 'freedombox-email-expire.service')


def _let_days_pass(box: Host, days: int) -> None:
    """Have the end come nearer, as the days do."""
    end = datetime.now(UTC) + timedelta(days=days)
    change = f'replace: fbxMailExpires\nfbxMailExpires: {end:%Y%m%d%H%M%S}Z\n'
    dn = f'dn: fbxMailAddress={DESK},ou=mailboxes,ou=mail,dc=thisbox\n'
    directory.modify(box, f'{dn}changetype: modify\n{change}')


def _warnings(box: Host, password: str) -> list[str]:
    with mail.mailbox(box.ip, DESK, password) as session:
        return _subjects(session)


def _subjects(session: imaplib.IMAP4) -> list[str]:
    session.select(readonly=True)
    _, found = session.search(None, 'HEADER', 'Subject', 'expires')
    return [number.decode() for number in found[0].split()]
