# SPDX-License-Identifier: AGPL-3.0-or-later
"""A user locked in FreedomBox neither reads nor sends mail; unlocked they do again."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab import settings
from tests.conftest import Host

from . import directory, mail

ALICE, BOB = settings.USERS


@contextmanager
def _locked(box: Host, name: str) -> Iterator[None]:
    """Lock a user the way FreedomBox does."""
    head = f'dn: uid={name},ou=users,dc=thisbox\nchangetype: modify\n'
    directory.modify(box, f'{head}add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n')
    try:
        yield
    finally:
        directory.modify(box, f'{head}delete: pwdAccountLockedTime\n')


@pytest.mark.journal_may_say(r'slapd')
def test_a_locked_user_is_kept_out_and_let_in_again(box: Host) -> None:
    with _locked(box, BOB.username):
        for login in (BOB.username, BOB.address):
            with (
                pytest.raises(mail.imaplib.IMAP4.error, match='AUTHENTICATIONFAILED'),
                mail.mailbox(box.ip, login, BOB.password),
            ):
                pass
            with (
                pytest.raises(smtplib.SMTPAuthenticationError) as refusal,
                mail.submission(box.ip, login, BOB.password),
            ):
                pass
            assert refusal.value.smtp_code == 535
        with mail.mailbox(box.ip, ALICE.username, ALICE.password):
            pass
    with mail.mailbox(box.ip, BOB.username, BOB.password):
        pass
    with mail.submission(box.ip, BOB.username, BOB.password):
        pass


def test_mail_for_a_locked_user_is_kept(box: Host) -> None:
    sent = mail.message(settings.OUTSIDE_USERS[0].address, BOB.address)
    with _locked(box, BOB.username):
        mail.deliver(box.ip, sent)
    mail.wait_for(box.ip, BOB, sent)
