# SPDX-License-Identifier: AGPL-3.0-or-later
"""The recipient of mail to postmaster and its like may answer under that name."""

import pytest

from lab import settings
from tests.conftest import Host

from . import directory, mail

ADMIN, (ALICE, BOB) = settings.ADMIN, settings.USERS


@pytest.mark.parametrize('domain', settings.DOMAINS)
def test_the_admin_may_send_as_postmaster(box: Host, domain: str) -> None:
    sent = mail.message(f'postmaster@{domain}', BOB.address)
    mail.submit(box.ip, ADMIN, sent)
    mail.wait_for(box.ip, BOB, sent)


def test_the_admin_may_name_postmaster_in_from_alone(box: Host) -> None:
    sent = mail.message(f'abuse@{settings.DOMAINS[1]}', BOB.address)
    with mail.submission(box.ip, ADMIN.username, ADMIN.password) as session:
        session.send_message(sent, from_addr=ADMIN.address)
    mail.wait_for(box.ip, BOB, sent)


@pytest.mark.parametrize('envelope', [None, ALICE.address])
def test_others_may_not(box: Host, envelope: str | None) -> None:
    sent = mail.message(f'postmaster@{ALICE.domain}', BOB.address)
    with mail.submission(box.ip, ALICE.username, ALICE.password) as session:
        code, _ = mail.answer(lambda: session.send_message(sent, from_addr=envelope))
    assert 500 <= code < 600


def test_who_gets_mail_of_another_alias_may_not_send_as_it(box: Host) -> None:
    with directory.alias(box, f'info@{ALICE.domain}', ALICE.address) as info:
        sent = mail.message(info, BOB.address)
        code, _ = mail.answer(lambda: mail.submit(box.ip, ALICE, sent))
    assert code == 553
