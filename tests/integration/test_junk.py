# SPDX-License-Identifier: AGPL-3.0-or-later
"""Spam goes to Junk; what users move into or out of Junk teaches the filter."""

import uuid
from collections.abc import Callable

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
ASK = ('redis-cli', '-s', mail.REDIS)

# Mail of the box's own programs is scanned, too, but never told to come again later.
_SEND = """
import smtplib, sys
with smtplib.SMTP('127.0.0.1') as session:
    session.sendmail(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
"""
_LEARN = 'freedombox-email-learn'
_GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n'


def test_plain_spam_is_refused(box: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address, _GTUBE)
    code, _ = mail.answer(lambda: mail.deliver(box.ip, sent))
    assert code == 554


def test_likely_spam_goes_to_junk(box: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address, 'Buy now.\n')
    # Headers no honest program writes give it a high score.
    forged = b'To: undisclosed-recipients\xff@\xfe\r\nSubject: ' + str(sent['Subject']).encode()
    lines = forged + b'\r\nFrom: \xff <' + CAROL.address.encode() + b'>\r\n\r\nBuy now.\r\n'
    box.run('python3', '-c', _SEND, CAROL.address, BOB.address, stdin=lines)
    content = mail.wait_for(box.ip, BOB, sent, 'Junk')
    assert mail.parsed(content)['X-Spam'] == 'Yes'


@pytest.mark.parametrize('name', ['X-Spam', 'x-spam'])
def test_no_one_outside_can_mark_mail_as_spam_or_clean(box: Host, name: str) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    sent[name] = 'Yes'
    mail.deliver_in_time(box.ip, sent)  # a stock rule of Rspamd finds it suspicious
    content = mail.wait_for(box.ip, BOB, sent)
    assert mail.parsed(content)['X-Spam'] is None


def _learned(box: Host, kind: str) -> int:
    """How many messages of a kind Bob's memory knows; Rspamd's own statistics lag behind."""
    name = box.run(
        'ldapsearch', '-Q', '-LLL', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-b', 'ou=mail,dc=thisbox',
        f'(fbxMailAddress={BOB.address})', 'fbxMailMemory',
    ).split('fbxMailMemory: ')[1].split()[0]  # fmt: skip
    return int(box.run(*ASK, 'HGET', f'RS{name}', f'learns_{kind}').strip() or 0)


def _more_than(box: Host, kind: str, count: int) -> Callable[[], bool]:
    return lambda: _learned(box, kind) > count


def test_moving_mail_teaches_the_filter(box: Host) -> None:
    words = ' '.join(f'word{uuid.uuid4().hex[:6]}' for _ in range(60))
    sent = mail.message(CAROL.address, BOB.address, words + '\n')
    mail.deliver(box.ip, sent)
    mail.wait_for(box.ip, BOB, sent)
    for source, target, kind in (('INBOX', 'Junk', 'spam'), ('Junk', 'INBOX', 'ham')):
        before = _learned(box, kind)
        with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
            (number,) = mail.numbers(session, sent, source)
            session.select(source)
            session.xatom('MOVE', number, target)
        wait_for(f'{kind} to be learnt', _more_than(box, kind, before), 20)


def test_the_last_move_of_a_message_counts(box: Host) -> None:
    """Also when it was moved there and back before the filter was taught."""
    words = ' '.join(f'word{uuid.uuid4().hex[:6]}' for _ in range(60))
    sent = mail.message(CAROL.address, BOB.address, words + '\n')
    mail.deliver(box.ip, sent)
    mail.wait_for(box.ip, BOB, sent)
    before = {kind: _learned(box, kind) for kind in ('spam', 'ham')}
    box.run('systemctl', 'stop', f'{_LEARN}.path', f'{_LEARN}.service')
    try:
        for source, target in (('INBOX', 'Junk'), ('Junk', 'INBOX'), ('INBOX', 'Junk')):
            with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
                (number,) = mail.numbers(session, sent, source)
                session.select(source)
                session.xatom('MOVE', number, target)
        wait_for('three messages to learn', lambda: _waiting(box) == 3, 10)
    finally:
        box.run('systemctl', 'start', f'{_LEARN}.service')
        box.run('systemctl', 'start', f'{_LEARN}.path')
    assert _waiting(box) == 0
    after = {kind: _learned(box, kind) for kind in ('spam', 'ham')}
    assert (after['spam'] - before['spam'], after['ham'] - before['ham']) == (1, 0)


def _waiting(box: Host) -> int:
    """How many messages wait to be learnt."""
    spool = '/var/spool/freedombox-email/learn'
    return len(box.run('find', f'{spool}/spam', f'{spool}/ham', '-type', 'f').split())
