# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of unknown senders waits beside a guarded mailbox until it is decided on."""

from datetime import UTC, datetime

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import directory, guarded, mail
from .guarded import CALL, CAROL, DAVE, arrived, bring, wait_until_waiting, waiting
from .imap import Imap
from .test_frozen import refusals

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


def test_a_mailbox_that_may_write_to_known_correspondents_only(box: Host) -> None:
    with guarded.child(box, '--write', 'known') as kid:
        for known in (CAROL.address, BOB.address):
            mail.submit(box.ip, guarded.opened(kid), mail.message(kid.address, known))
        sent = mail.message(kid.address, DAVE.address)
        code, why = mail.answer(lambda: mail.submit(box.ip, guarded.opened(kid), sent))
        assert code == 550
        assert 'may only write to known correspondents' in why


def _hours_without(moment: datetime) -> list[str]:
    """Hours of another day of the week than today's and tomorrow's."""
    return ['--hours', f'{(moment.isoweekday() + 2) % 7 + 1} 10:00-11:00']


_WEBMAIL = """
import imaplib, ssl, sys
with imaplib.IMAP4('localhost') as session:
    session.starttls(ssl._create_unverified_context())
    session.login(*sys.argv[1:])
"""


def logs_in_by_webmail(box: Host, login: str, password: str) -> bool:
    """Whether a program of the box, as Roundcube, can open a mailbox."""
    return box.succeeds('python3', '-c', _WEBMAIL, login, password)


def has_ended(session: Imap) -> bool:
    """Whether Dovecot ended a session."""
    try:
        session.do('NOOP')
    except (AssertionError, EOFError, OSError):
        return True
    return False


def test_a_mailbox_opens_at_its_hours_only(box: Host) -> None:
    with guarded.child(box) as kid:
        assert refusals(box, kid.address, kid.password) == ['', '', '']
        with Imap(box.ip, kid.address, kid.password) as session:
            box.run(CALL, 'guard', 'set', kid.address, *_hours_without(datetime.now(UTC)))
            wait_for('the session to end', lambda: has_ended(session), 20)
        for words in refusals(box, kid.address, kid.password):
            assert 'It opens on' in words
        assert not logs_in_by_webmail(box, kid.address, kid.password)
        arrived_late = mail.message(CAROL.address, kid.address)
        mail.deliver_in_time(box.ip, arrived_late)
        box.run(CALL, 'guard', 'set', kid.address, '--hours', 'any')
        arrived(box, kid, arrived_late)
        assert logs_in_by_webmail(box, kid.address, kid.password)


def test_the_timer_ends_sessions_when_the_hours_end(box: Host) -> None:
    with guarded.child(box) as kid, Imap(box.ip, kid.address, kid.password) as session:
        hours = _hours_without(datetime.now(UTC))[1]
        entry = f'fbxMailAddress={kid.address},ou=mailboxes,ou=mail,dc=thisbox'
        change = f'replace: fbxMailOpenHours\nfbxMailOpenHours: {hours}\n'
        directory.modify(box, f'dn: {entry}\nchangetype: modify\n{change}')
        box.run('systemctl', 'start', 'freedombox-email-guards.service')
        wait_for('the session to end', lambda: has_ended(session), 20)


_HOSTILE = 'Win!\u202ehttps://evil.test/#x\u200eSubject: a'
"""A subject that would turn the text around it, and begin a line of its own."""


def test_a_guardian_is_told_once_in_an_hour(box: Host) -> None:
    duty = ('systemctl', 'start', 'freedombox-email-guards.service')
    with guarded.child(box, '--guardian', ALICE.username) as kid:
        bring(box, kid, DAVE, Subject=_HOSTILE)
        wait_for('the message to wait', lambda: bool(waiting(box, kid)), 60)
        box.run(*duty)
        wait_for('the guardian to be told', lambda: bool(guarded.notices(box, ALICE, kid)), 60)
        (text,) = guarded.notices(box, ALICE, kid)
        assert 'Subject:  Win! https://evil.test/#x Subject: a' in text.splitlines()
        assert f'(verified: {DAVE.address})' in text
        assert text.count('/email/approve/#') == 1
        bring(box, kid, DAVE)
        wait_for('both to wait', lambda: len(waiting(box, kid)) == 2, 60)
        box.run(*duty)
        assert len(guarded.notices(box, ALICE, kid)) == 1
