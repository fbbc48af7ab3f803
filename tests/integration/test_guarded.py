# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of unknown senders waits beside a guarded mailbox until it is decided on."""

from lab import settings
from tests.conftest import Host

from . import guarded, mail
from .guarded import CALL, CAROL, DAVE, arrived, bring, wait_until_waiting, waiting

ALICE, BOB = settings.USERS

# Mail of the box's own programs is scanned, too, but never told to come again later.
_SEND = """
import smtplib, sys
with smtplib.SMTP('127.0.0.1') as session:
    session.sendmail(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
"""


def test_only_known_correspondents_come_in_until_one_is_approved(box: Host) -> None:
    with guarded.child(box, '--guardian', ALICE.username) as kid:
        known, unknown = bring(box, kid, CAROL), bring(box, kid, DAVE)
        arrived(box, kid, known)
        found = wait_until_waiting(box, kid, unknown)
        assert found['author'] == DAVE.address, 'SPF proves it'
        inside = mail.message(BOB.address, kid.address)
        mail.submit(box.ip, BOB, inside)
        arrived(box, kid, inside)
        assert len(waiting(box, kid)) == 1

        box.run(CALL, 'guard', 'approve', kid.address, found['id'])
        assert arrived(box, kid, unknown)['Return-Path'] == f'<{DAVE.address}>'
        assert not box.succeeds(CALL, 'guard', 'approve', kid.address, found['id']), 'once'

        later = wait_until_waiting(box, kid, bring(box, kid, DAVE))
        box.run(CALL, 'guard', 'approve', '--know', kid.address, later['id'])
        arrived(box, kid, bring(box, kid, DAVE))
        assert waiting(box, kid) == []


def test_spam_of_unknown_senders_waits_too(box: Host) -> None:
    """A child can open Junk. Headers no honest program writes give a message a high score."""
    with guarded.child(box) as kid:
        sent = mail.message(DAVE.address, kid.address)
        lines = b'To: undisclosed-recipients\xff@\xfe\r\nSubject: ' + str(sent['Subject']).encode()
        lines += b'\r\nFrom: \xff <' + DAVE.address.encode() + b'>\r\n\r\nBuy now.\r\n'
        box.run('python3', '-c', _SEND, DAVE.address, kid.address, stdin=lines)
        assert wait_until_waiting(box, kid, sent)['is_spam']


def test_approved_mail_goes_through_the_other_rules(box: Host) -> None:
    script = 'require ["fileinto", "mailbox"];\nfileinto :create "School";\n'
    with guarded.child(box) as kid:
        home = f'/var/vmail/{guarded.MAIN}/{kid.username}'
        found = wait_until_waiting(box, kid, sent := bring(box, kid, DAVE))
        box.run('install', '-d', '-o', 'vmail', '-g', 'vmail', f'{home}/sieve')
        box.run('tee', f'{home}/sieve/own.sieve', stdin=script)
        box.run('ln', '-s', 'sieve/own.sieve', f'{home}/.dovecot.sieve')
        box.run('chown', '-hR', 'vmail:', home)
        box.run(CALL, 'guard', 'approve', kid.address, found['id'])
        arrived(box, kid, sent, 'School')


def test_a_mailbox_that_is_guarded_no_longer_gets_all_mail(box: Host) -> None:
    with guarded.child(box) as kid:
        box.run(CALL, 'guard', 'off', kid.address)
        arrived(box, kid, bring(box, kid, DAVE))
        assert waiting(box, kid) == []
