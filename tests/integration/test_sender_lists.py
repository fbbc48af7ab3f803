# SPDX-License-Identifier: AGPL-3.0-or-later
"""Own lists of senders, the score for junk and greylisting decide on mail from outside."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest

from lab import dns, life, settings
from tests.conftest import Host

from . import mail
from .mail import until
from .senders import signed, zone

ALICE, BOB = settings.USERS[:2]
FRIEND = f'friend{uuid.uuid4().hex[:6]}.test'
"""A domain whose mail is signed, and that has a policy (DMARC)."""
PLAIN = f'plain{uuid.uuid4().hex[:6]}.test'
"""One without."""
SPAM = ('freedombox-email', 'spam')
REFUSED = 'does not accept mail from this sender'
DOUBT, JUNK = 5, 8
"""Points of messages: those that have to come again, and those for Junk."""


@pytest.fixture(autouse=True, scope='module')
def _zones() -> Iterator[None]:
    dns.publish([*life.zones(), zone(FRIEND, 'reject'), zone(PLAIN)])
    yield
    life.publish_zones()


@pytest.fixture(autouse=True, scope='module')
def _points(box: Host) -> Iterator[None]:
    """A rule that gives a message as many points as it says, and no rule of DNS or form."""
    path = '/etc/rspamd/lua.local.d/zz-points.lua'
    box.run('tee', path, stdin=_RULE)
    mail.restart_filter(box)
    yield
    box.run('rm', path)
    mail.restart_filter(box)


_RULE = """
rspamd_config:register_symbol {
  name = 'LAB_POINTS', type = 'postfilter', priority = 1, score = 1.0,
  callback = function(task)
    local wanted = tonumber(task:get_header('X-Lab-Points') or '')
    if wanted then
      task:insert_result('LAB_POINTS', wanted - task:get_metric_score()[1])
    end
  end,
}
"""


@contextmanager
def listed(box: Host, *arguments: str, user: settings.LabUser | None = None) -> Iterator[None]:
    """Have senders on a list of a user, or on that for all."""
    mailbox = ['--mailbox', user.address] if user else []
    box.run(*SPAM, *arguments, *mailbox)
    try:
        yield
    finally:
        box.run(*SPAM, *arguments, '--remove', *mailbox)


@contextmanager
def score(box: Host, level: str, user: settings.LabUser | None = None) -> Iterator[None]:
    """Have another score for junk."""
    mailbox = ['--mailbox', user.address] if user else []
    box.run(*SPAM, 'threshold', level, *mailbox)
    try:
        yield
    finally:
        box.run(*SPAM, 'threshold', 'usual', *mailbox)


def letter(sender: str, *recipients: settings.LabUser, points: int = 0) -> EmailMessage:
    """A message with so many points."""
    to = ', '.join(each.address for each in recipients or (BOB,))
    more = {'X_Lab_Points': str(points)} if points else {}
    return mail.message(sender, to, **more)


def bring(box: Host, message: EmailMessage, proven: bool = True) -> tuple[int, str]:
    """Bring a message, signed by its domain or not, and return the answer."""
    sender = str(message['From'])
    content = signed(message, sender.partition('@')[2]) if proven else message.as_bytes()
    recipients = str(message['To']).split(', ')
    with mail.smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        envelope = sender if proven else f'{uuid.uuid4().hex}@{settings.OUTSIDE_DOMAIN}'
        return mail.answer(lambda: session.sendmail(envelope, recipients, mail.as_sent(content)))


def test_a_sender_is_refused_for_the_person_who_denies_them(box: Host) -> None:
    with listed(box, 'deny', f'pest@{FRIEND}', user=BOB):
        code, text = bring(box, letter(f'pest@{FRIEND}'))
        assert (code, REFUSED in text) == (554, True)
        for passed in (letter(f'other@{FRIEND}'), letter(f'pest@{FRIEND}', ALICE)):
            assert bring(box, passed)[0] == 250
    assert bring(box, letter(f'pest@{FRIEND}'))[0] == 250


def test_an_own_list_refuses_nothing_for_others(box: Host) -> None:
    with listed(box, 'deny', f'pest@{FRIEND}', user=BOB):
        assert bring(box, letter(f'pest@{FRIEND}', ALICE, BOB))[0] == 250


@pytest.mark.long
def test_a_domain_stands_for_the_names_below_it_and_for_the_envelope(box: Host) -> None:
    with listed(box, 'deny', settings.OUTSIDE_DOMAIN, user=BOB):
        code, _ = bring(box, letter(f'a@{PLAIN}'), proven=False)  # its envelope is of that domain
        assert code == 554
        assert bring(box, letter(f'a@{PLAIN}'))[0] == 250


@pytest.mark.long
def test_a_list_for_all_is_for_all_and_an_own_one_wins(box: Host) -> None:
    with listed(box, 'deny', FRIEND):
        assert bring(box, letter(f'a@{FRIEND}', ALICE, BOB))[0] == 554
        with listed(box, 'allow', f'a@{FRIEND}', user=BOB):
            assert bring(box, letter(f'a@{FRIEND}', BOB))[0] == 250
            assert bring(box, letter(f'a@{FRIEND}', ALICE))[0] == 554
            assert bring(box, letter(f'b@{FRIEND}', BOB))[0] == 554


def test_an_allowed_sender_gets_in_whatever_the_filter_says(box: Host) -> None:
    with listed(box, 'allow', f'friend@{FRIEND}', user=BOB):
        for points in (DOUBT, JUNK, 30):
            sent = letter(f'friend@{FRIEND}', points=points)
            assert bring(box, sent)[0] == 250
            mail.wait_for(box.ip, BOB, sent)
        assert bring(box, letter(f'friend@{FRIEND}', ALICE, points=30))[0] == 554


def test_a_false_from_line_is_not_allowed_in(box: Host) -> None:
    with listed(box, 'allow', f'friend@{PLAIN}', user=BOB):
        assert bring(box, letter(f'friend@{PLAIN}', points=30), proven=False)[0] == 554


def test_an_own_list_lets_nothing_in_for_others(box: Host) -> None:
    with listed(box, 'allow', FRIEND, user=BOB):
        assert bring(box, letter(f'friend@{FRIEND}', ALICE, BOB, points=30))[0] == 554
    with listed(box, 'allow', FRIEND):
        assert bring(box, letter(f'friend@{FRIEND}', ALICE, BOB, points=30))[0] == 250


def arrives(box: Host, message: EmailMessage, folder: str) -> None:
    """Bring a message, again if it is told to come again, and find it in a folder."""
    mail.in_time('the message to be taken', lambda: bring(box, message)[0] == 250, 30)
    mail.wait_for(box.ip, BOB, message, folder)


@pytest.mark.long
def test_the_score_for_junk_is_the_one_chosen(box: Host) -> None:
    sender = f'shop@{FRIEND}'
    with score(box, 'strict', BOB):
        arrives(box, letter(sender, points=DOUBT), 'Junk')
    arrives(box, letter(sender, points=DOUBT), 'INBOX')
    with score(box, 'lenient', BOB):
        arrives(box, letter(sender, points=JUNK), 'INBOX')
    arrives(box, letter(sender, points=JUNK), 'Junk')


@pytest.mark.long
def test_the_score_for_all_holds_until_a_person_chooses_another(box: Host) -> None:
    sender = f'shop@{FRIEND}'
    with score(box, 'strict'):
        arrives(box, letter(sender, points=DOUBT), 'Junk')
        with score(box, 'lenient', BOB):
            arrives(box, letter(sender, points=JUNK), 'INBOX')


def test_the_sender_of_a_released_message_is_allowed(box: Host) -> None:
    sender = f'{uuid.uuid4().hex}@{FRIEND}'
    call = ('freedombox-email', 'quarantine')
    box.run(*call, 'mailbox', BOB.address, 'on')
    try:
        arrives(box, letter(sender, points=JUNK), 'Quarantine')
        listed = json.loads(box.run(*call, 'list', BOB.address, '--json'))['quarantine']
        (found,) = (each for each in listed['messages'] if each['author'] == sender)
        box.run(*call, 'release', '--allow', BOB.address, found['id'])
        arrives(box, letter(sender, points=JUNK), 'INBOX')
    finally:
        box.run(*call, 'mailbox', BOB.address, 'default')
        box.run(*SPAM, 'allow', '--remove', '--mailbox', BOB.address, sender)


@contextmanager
def no_greylisting(box: Host) -> Iterator[None]:
    """Have greylisting turned off."""
    box.run(*SPAM, 'greylisting', 'off')
    try:
        yield
    finally:
        box.run(*SPAM, 'greylisting', 'on')


def test_doubtful_mail_of_unknown_senders_has_to_come_again(box: Host) -> None:
    sent = letter(f'{uuid.uuid4().hex}@{FRIEND}', points=DOUBT)
    assert bring(box, sent) == (451, '4.7.1 Try again later')
    assert bring(box, sent)[0] == 451  # a minute has not passed
    mail.in_time('the message to be taken', lambda: bring(box, sent)[0] == 250, 30)
    mail.wait_for(box.ip, BOB, sent)
    until('the record to say why it was late', lambda: 'greylisting' in record(box, sent), 20)


@contextmanager
def full_redis(box: Host) -> Iterator[None]:
    """Have no room for anything new in what the filter remembers."""
    command = ('redis-cli', '-s', mail.REDIS, 'CONFIG', 'SET')
    box.run(*command, 'maxmemory-policy', 'noeviction', 'maxmemory', '1mb')
    try:
        yield
    finally:
        box.run(*command, 'maxmemory', '256mb', 'maxmemory-policy', 'volatile-ttl')


def test_mail_need_not_come_again_for_ever_where_nothing_can_be_noted(box: Host) -> None:
    with full_redis(box):
        assert bring(box, letter(f'{uuid.uuid4().hex}@{FRIEND}', points=DOUBT))[0] == 250


def record(box: Host, message: EmailMessage) -> str:
    """The record of a message, or that there is none yet."""
    return box.run('freedombox-email', 'trace', str(message['Message-ID']), check=False)


@pytest.mark.long
def test_nothing_has_to_come_again_while_greylisting_is_off(box: Host) -> None:
    with no_greylisting(box):
        assert bring(box, letter(f'{uuid.uuid4().hex}@{FRIEND}', points=DOUBT))[0] == 250
    assert bring(box, letter(f'{uuid.uuid4().hex}@{FRIEND}', points=DOUBT))[0] == 451


def test_whom_a_recipient_wrote_to_need_not_come_again(box: Host) -> None:
    name = f'{uuid.uuid4().hex}@{settings.OUTSIDE_DOMAIN}'
    doubtful = letter(name, points=DOUBT)
    assert bring(box, doubtful, proven=False)[0] == 451
    mail.submit(box.ip, BOB, mail.message(BOB.address, name))
    assert bring(box, letter(name, points=DOUBT), proven=False)[0] == 250
    assert bring(box, letter(name, ALICE, points=DOUBT), proven=False)[0] == 451


@pytest.mark.parametrize(
    ('subject', 'body'),
    [
        ('Your verification code is 482913', 'It is valid for ten minutes.\n'),
        ('Ihr Bestätigungscode', 'Ihr Code: 482913\n'),
        pytest.param(
            'Accès', 'Voici votre code de vérification : 482 913\n', marks=pytest.mark.long
        ),
    ],
)
def test_a_code_to_sign_in_need_not_come_again(box: Host, subject: str, body: str) -> None:
    """From a sender that passes DMARC, and no other."""
    for domain, code in ((FRIEND, 250), (PLAIN, 451)):
        sent = mail.message(
            f'{uuid.uuid4().hex}@{domain}', BOB.address, body, Subject=subject,
            X_Lab_Points=str(DOUBT),
        )  # fmt: skip
        assert bring(box, sent)[0] == code


def held(box: Host, message: EmailMessage) -> dict[str, Any]:
    """The row of a message in the list of held-off senders."""
    found = json.loads(box.run(*SPAM, 'held', '--json', BOB.address))['messages']
    return next((each for each in found if each['sender'] == message['From']), {})


def test_who_is_let_in_gets_in_at_the_next_try(box: Host) -> None:
    sent = letter(f'{uuid.uuid4().hex}@{FRIEND}', points=DOUBT)
    assert bring(box, sent)[0] == 451
    assert until('the sender to be listed', lambda: held(box, sent), 20)['tries'] == 1
    box.run(*SPAM, 'let-in', BOB.address, str(sent['From']))
    assert held(box, sent)['let_in']
    assert bring(box, sent)[0] == 250
    until('the sender to be off the list', lambda: not held(box, sent), 20)
    assert bring(box, letter(str(sent['From']), ALICE, points=DOUBT))[0] == 451


def test_lists_go_out_and_come_in_as_text(box: Host) -> None:
    text = f'# friends\n@Example.ORG\nalice@BÜCHER.example  # a shop\n\nb@{FRIEND}\n'
    box.run(*SPAM, 'import-list', 'allowed', '--mailbox', BOB.address, stdin=text)
    try:
        shown = box.run(*SPAM, 'export-list', 'allowed', '--mailbox', BOB.address)
        assert shown.split() == ['alice@xn--bcher-kva.example', f'b@{FRIEND}', 'example.org']
        found = json.loads(box.run(*SPAM, 'allow', '--json', '--mailbox', BOB.address, 'x.test'))
        assert found['lists']['allowed'][-1] == 'x.test'
    finally:
        box.run(*SPAM, 'import-list', 'allowed', '--mailbox', BOB.address, stdin='')
