# SPDX-License-Identifier: AGPL-3.0-or-later
"""No one gets around a guard: not its person, and not who writes to them."""

import imaplib
from contextlib import suppress

import pytest

from lab import settings
from lab.settings import LabUser
from tests.conftest import Host
from tests.integration import guarded, mail
from tests.integration.guarded import CALL, CAROL, DAVE, bring, wait_until_waiting, waiting
from tests.integration.managesieve import ManageSieve, RefusedScriptError

BOB = settings.USERS[1]
AUTHOR = 'X-FreedomBox-Author'


def _bring_raw(box: Host, kid: LabUser, head: str, sender: str = DAVE.address) -> mail.EmailMessage:
    """A message with lines of its own before those of an ordinary one."""
    sent = mail.message(sender, kid.address)
    content = mail.as_sent(head.encode() + sent.as_bytes())

    def is_taken() -> bool:
        with mail.smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
            answer = mail.answer(lambda: session.sendmail(DAVE.address, kid.address, content))
        return answer[0] == 250

    mail.in_time('the mail to be taken', is_taken, 90)
    return sent


@pytest.mark.parametrize(
    'line',
    [
        f'{AUTHOR}: {CAROL.address}\n',
        f'{AUTHOR.lower()}: {CAROL.address}\n{AUTHOR}: {CAROL.address}\n',
        f'{AUTHOR} : {CAROL.address}\n',
        f'{AUTHOR}:\n {CAROL.address}\n',
        f'Authentication-Results: example.test; dmarc=pass header.from={CAROL.address}\n',
    ],
)
def test_a_forged_line_makes_no_one_known(box: Host, line: str) -> None:
    with guarded.child(box) as kid:
        found = wait_until_waiting(box, kid, _bring_raw(box, kid, line))
        assert found['author'] in ('', DAVE.address)


def test_a_forged_from_line_of_a_known_correspondent_waits(box: Host) -> None:
    """Its domain has no policy, so the message is not refused."""
    with guarded.child(box, '--known', 'boss@no-such-zone.outside.test') as kid:
        sent = _bring_raw(box, kid, '', 'boss@no-such-zone.outside.test')
        assert wait_until_waiting(box, kid, sent)['author'] != CAROL.address


def test_a_user_cannot_bring_in_mail_of_others(box: Host) -> None:
    """Such a line of a user is removed."""
    with guarded.child(box) as kid:
        sent = mail.message(BOB.address, kid.address)
        sent[AUTHOR] = CAROL.address
        mail.submit(box.ip, BOB, sent)
        assert guarded.arrived(box, kid, sent)[AUTHOR] is None


def test_no_mail_app_sees_the_mail_that_waits(box: Host) -> None:
    with guarded.child(box) as kid:
        wait_until_waiting(box, kid, bring(box, kid, DAVE))
        with mail.mailbox(box.ip, kid.address, kid.password) as session:
            _, listed = session.list('""', '"*"')
            assert not [each for each in listed if each and b'aiting' in bytes(each)]
            for name in ('freedombox-waiting/Waiting', 'freedombox-waiting', '.Waiting'):
                assert session.select(f'"{name}"')[0] == 'NO', f'{name} can be opened'
            with suppress(imaplib.IMAP4.error):
                session.create('"freedombox-waiting/Waiting"')
            assert session.select('"freedombox-waiting/Waiting"')[1] in ([b'0'], [None])
        assert len(waiting(box, kid)) == 1


def test_no_script_of_its_person_comes_first(box: Host) -> None:
    with guarded.child(box) as kid:
        with ManageSieve(box.ip) as session:
            session.starttls()
            session.login(kid.address, kid.password)
            session.put('mine', 'keep;\n')
            session.activate('mine')
        wait_until_waiting(box, kid, bring(box, kid, DAVE))


def test_filters_that_may_not_be_changed_cannot_be_reached(box: Host) -> None:
    with (
        guarded.child(box, '--may-filters', 'no') as kid,
        ManageSieve(box.ip) as session,
    ):
        session.starttls()
        with pytest.raises(RefusedScriptError, match='administrator'):
            session.login(kid.address, kid.password)
        assert mail.reads(box, kid.address, kid.password), 'reading is another matter'


def test_a_script_cannot_forward_where_the_person_may_not(box: Host, outside: Host) -> None:
    with guarded.child(box) as kid:
        with ManageSieve(box.ip) as session:
            session.starttls()
            session.login(kid.address, kid.password)
            with suppress(RefusedScriptError):
                session.put('out', f'redirect "{CAROL.address}";\n')
                session.activate('out')
        sent = bring(box, kid, CAROL)
        guarded.arrived(box, kid, sent)
        with mail.mailbox(outside.ip, CAROL.username, CAROL.password, encrypted=False) as session:
            assert not mail.numbers(session, sent), 'it was forwarded'


def test_a_message_that_waits_is_named_by_no_other_text(box: Host) -> None:
    with guarded.child(box) as kid:
        found = wait_until_waiting(box, kid, bring(box, kid, DAVE))
        for name in (
            '',
            '*',
            '../../cur',
            found['id'][:-1],
            found['id'].upper(),
            f'{found["id"]}/',
        ):
            assert not box.succeeds(CALL, 'guard', 'approve', kid.address, '--', name), name
        assert len(waiting(box, kid)) == 1
