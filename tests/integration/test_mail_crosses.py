# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail crosses the network by MX look-up, in both directions."""

import dkim
import pytest

from tests.conftest import Host

from . import mail
from .lookup import txt_record


def test_mail_from_outside_arrives_over_imap(box: Host, outside: Host) -> None:
    carol, alice = outside.users[0], box.users[0]
    sent = mail.message(carol.address, alice.address)
    outside.run('sendmail', '-f', carol.address, alice.address, stdin=sent.as_bytes())
    assert b'Hello.' in mail.wait_for(box.ip, alice, sent)


def test_mail_from_outside_by_swaks(box: Host, outside: Host) -> None:
    carol, bob = outside.users[0], box.users[1]
    sent = mail.message(carol.address, bob.address)
    outside.run(
        'swaks', '--server', box.ip, '--from', carol.address, '--to', bob.address,
        '--data', '-', stdin=sent.as_bytes(),
    )  # fmt: skip
    mail.wait_for(box.ip, bob, sent)


def test_submitted_mail_arrives_outside_with_a_signature_that_verifies(
    box: Host, outside: Host
) -> None:
    alice, carol = box.users[0], outside.users[0]
    sent = mail.message(alice.address, carol.address)
    mail.submit(box.ip, alice, sent)
    content = mail.wait_for(outside.ip, carol, sent, encrypted=False)
    assert b'DKIM-Signature:' in content
    assert dkim.verify(content, dnsfunc=txt_record), 'the signature does not verify by lab DNS'


@pytest.mark.parametrize('port', [465, 587])
def test_mail_between_two_users_of_the_box(box: Host, port: int) -> None:
    alice, bob = box.users
    sent = mail.message(alice.address, bob.address)
    mail.submit(box.ip, alice, sent, port)
    mail.wait_for(box.ip, bob, sent)
