# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories of real messages: each kind is made for real, and compared with what its story says."""

import json
import smtplib
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest

from lab import settings
from lab.answering import answering
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail, misuse

ALICE, BOB = settings.USERS
CAROL, DAVE = settings.OUTSIDE_USERS
CALL, UNIT = 'freedombox-email', 'freedombox-email-trace.service'
HOSTS = {
    'googlemail.com': 'smtp.google.com',
    'outlook.com': 'outlook-com.olc.protection.outlook.com',
    'yahoo.com': 'mta5.am0.yahoodns.net',
    'gmx.net': 'mx00.gmx.net',
    't-online.de': 'mx00.t-online.de',
    'icloud.com': 'mx01.mail.icloud.com',
}
ANSWERS = {
    'none@googlemail.com': (
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 "
        "double-checking the recipient's email address for typos or\n550 5.1.1 unnecessary spaces. "
        'https://support.google.com/mail/?p=NoSuchUser - gsmtp',
        'returned', 'The address does not exist at the other mail server.',
    ),
    'unproven@googlemail.com': (
        '550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n550 5.7.26 '
        'Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp',
        'returned', 'The other mail server could not verify the sender domain (SPF, DKIM, DMARC).',
    ),
    'listed@outlook.com': (
        '550 5.7.1 Unfortunately, messages from [198.51.100.10] weren\'t sent. Please contact your '
        'Internet service provider since part of their network is on our block list (S3140).',
        'returned', 'The IP address or domain of this server is on a block list.',
    ),
    'busy@outlook.com': (
        '451 4.7.650 The mail server [198.51.100.10] has been temporarily rate limited due to IP '
        'reputation. (S775)',
        'waiting',
        'The other mail server has a bad opinion of the IP address or domain of this server.',
    ),
    'complained@yahoo.com': (
        '421 4.7.0 [TSS04] Messages from 198.51.100.10 temporarily deferred due to unexpected '
        'volume or user complaints - 4.16.55.1',
        'waiting',
        'The other mail server received too many messages, or complaints, from this server.',
    ),
    'nameless@gmx.net': (
        '554-gmx.net (mxgmx117) Nemesis ESMTP Service not available\n554-No SMTP service\n554 Bad '
        'DNS PTR resource record.',
        'returned',
        'The IP address of this server has no matching name in DNS (reverse DNS, PTR).',
    ),
    'stranger@t-online.de': (
        '554 IP=198.51.100.10 - None/bad reputation. Ask your postmaster for help or to contact '
        'tobr@rx.t-online.de for reset. (NOWL)',
        'returned', 'The other mail server does not know this server yet.',
    ),
    'full@icloud.com': (
        '552 5.2.2 <full@icloud.com>: user is over quota (in reply to RCPT TO command)',
        'returned', "The recipient's mailbox is full.",
    ),
    'fine@icloud.com': ('250 2.1.5 Ok', 'sent', ''),
}  # fmt: skip
"""The usual texts of large providers, the result, and what the story says of them."""

Story = dict[str, Any]


def find(box: Host, sent: EmailMessage | str) -> list[Story]:
    """The stories of a message by its Message-ID, or of an address."""
    name = sent if isinstance(sent, str) else str(sent['Message-ID'])
    text = box.run(CALL, 'trace', '--json', '--lines', name, check=False)
    answer, _end = json.JSONDecoder().raw_decode(text)  # the sentence on stderr follows
    found: list[Story] = answer.get('messages', [])
    return found


def story(box: Host, sent: EmailMessage | str, result: str, seconds: float = 30) -> Story:
    """The story of a message, once it has ended like this; there is one."""
    found: list[Story] = []

    def has_ended() -> bool:
        found[:] = find(box, sent)
        return bool(found) and found[0]['result'] == result

    try:
        wait_for(f'a story with the result {result}', has_ended, seconds)
    except Exception as error:
        raise AssertionError(json.dumps(found, indent=1)[:6000]) from error
    assert len(found) == 1
    return found[0]


def kinds(told: Story) -> list[str]:
    """The kinds of steps, in order."""
    return [step['kind'] for step in told['steps']]


def ends(told: Story) -> dict[str, str]:
    """The results by recipient."""
    return {each['address']: each['result'] for each in told['ends']}


def step(told: Story, kind: str) -> dict[str, Any]:
    """The last step of a kind."""
    found: dict[str, Any] = [each for each in told['steps'] if each['kind'] == kind][-1]
    return found


def bring(box: Host, sent: EmailMessage, *recipients: str) -> tuple[int, str]:
    """Bring a message to several people, once, and the last answer."""

    def hand_in() -> None:
        with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=60) as session:
            session.send_message(sent, CAROL.address, list(recipients))

    return mail.answer(hand_in)


@contextmanager
def filtered(box: Host, *options: str) -> Iterator[LabUser]:
    """A mailbox with a filter for the word “special” in subjects."""
    with directory.mailbox(box, f'traced-{uuid.uuid4().hex[:8]}@{ALICE.domain}') as user:
        box.run(CALL, 'rules', 'add-filter', user.address, '--subject', 'special', *options,
                '--', 'Special ones')  # fmt: skip
        yield user


def test_a_message_to_a_mailbox(box: Host) -> None:
    sent = mail.message(BOB.address, ALICE.address)
    mail.submit(box.ip, BOB, sent)
    told = story(box, sent, 'delivered')
    assert kinds(told) == ['arrived', 'checked', 'accepted', 'stored']
    assert (told['way'], told['login'], told['sender']) == ('login', BOB.address, BOB.address)
    assert told['steps'][0]['sentence'].startswith(f'Sent by {BOB.address} from ')
    assert step(told, 'stored')['target'] == 'INBOX'
    assert all(told['queue_ids'][0] in line['text'] or 'sieve' in line['text']
               or 'rspamd' in line['source'] for line in told['lines'])  # fmt: skip


def test_a_greylisted_message_that_comes_again_is_one_story(box: Host) -> None:
    sent = mail.message(f'{uuid.uuid4().hex[:8]}@{CAROL.domain}', ALICE.address)
    for name in ('Date', 'Subject', 'MIME-Version'):
        del sent[name]
    assert mail.answer(lambda: mail.deliver(box.ip, sent))[0] == 451
    told = story(box, sent, 'put-off')
    assert kinds(told) == ['arrived', 'checked', 'refused']
    mail.deliver_in_time(box.ip, sent)
    told = story(box, sent, 'delivered')
    assert kinds(told)[:3] == ['arrived', 'checked', 'refused']
    assert kinds(told)[-2:] == ['accepted', 'stored']


def test_answers_of_large_providers_are_explained_in_one_message(box: Host) -> None:
    answers = {address: answer for address, (answer, _result, _meaning) in ANSWERS.items()}
    with answering(HOSTS, answers):
        sent = mail.message(BOB.address, 'fine@icloud.com')
        with mail.submission(box.ip, BOB.username, BOB.password) as session:
            session.send_message(sent, BOB.address, list(ANSWERS))
        told = story(box, sent, 'returned', 60)
        wait_for('all answers', lambda: len(ends(story(box, sent, 'returned'))) == len(ANSWERS), 30)
        told = story(box, sent, 'returned')
        box.run('postqueue', '-f')
    found = ends(told)
    for address, (_answer, result, meaning) in ANSWERS.items():
        assert found[address] == result, address
        steps = [each for each in told['steps'] if each['recipient'] == address]
        assert (address, steps[-1]['meaning']) == (address, meaning)
    assert 'This server wrote to the sender about it.' in [
        each['sentence'] for each in told['steps']
    ]
    name = f'{step(told, "notice")["target"]}@{BOB.domain}'
    text = box.run('doveadm', 'fetch', '-u', BOB.address, 'text', 'HEADER', 'Message-ID', name)
    for address, (_answer, result, meaning) in ANSWERS.items():
        if result == 'returned':
            assert f'<{address}>: {meaning}'[:70] in ' '.join(text.split()), 'said in the notice'
    box.run(CALL, 'queue', 'delete', '--from', BOB.address, '--count=9', check=False)
    wait_for('it', lambda: 'removed' in ends(story(box, sent, 'returned')).values(), 20)


def test_a_held_message_and_its_release(box: Host) -> None:
    with misuse.person(box, per_hour=1) as user:
        first, second = misuse.strangers(2)
        misuse.send(box, user, first)
        sent = mail.message(user.address, second)
        with mail.submission(box.ip, user.address, user.password) as session:
            session.send_message(sent)
        told = story(box, sent, 'held')
        assert kinds(told) == ['arrived', 'held', 'checked']
        assert 'is over its sending limit' in step(told, 'held')['text']
        box.run(CALL, 'queue', 'release', user.address)
        told = story(box, sent, 'sent')
        assert kinds(told) == ['arrived', 'held', 'checked', 'released', 'accepted', 'sent']


def test_a_message_sorted_by_a_rule(box: Host) -> None:
    with filtered(box, '--folder', 'Special') as user:
        sent = mail.message(BOB.address, user.address, Subject=f'special {uuid.uuid4()}')
        mail.submit(box.ip, BOB, sent)
        told = story(box, sent, 'delivered')
        assert step(told, 'ruled')['target'] == 'Special ones', 'the filter is named'
        assert step(told, 'stored')['sentence'] == (
            f'Put into the folder Special of {user.address} by a rule.'
        )


def test_a_message_discarded_by_a_rule(box: Host) -> None:
    with filtered(box, '--discard') as user:
        sent = mail.message(BOB.address, user.address, Subject=f'special {uuid.uuid4()}')
        mail.submit(box.ip, BOB, sent)
        told = story(box, sent, 'discarded')
        assert step(told, 'ruled')['sentence'] == (
            f'The filter “Special ones” of {user.address} applied.'
        )
        assert step(told, 'discarded')['sentence'] == f'Discarded by a rule of {user.address}.'


def test_a_message_forwarded_by_a_rule(box: Host, outside: Host) -> None:
    with filtered(box, '--forward', DAVE.address) as user:
        sent = mail.message(BOB.address, user.address, Subject=f'special {uuid.uuid4()}')
        mail.submit(box.ip, BOB, sent)
        mail.wait_for(outside.ip, DAVE, sent, encrypted=False)
        told = story(box, sent, 'delivered')
        wait_for('the copy', lambda: DAVE.address in ends(story(box, sent, 'delivered')), 20)
        told = story(box, sent, 'delivered')
        assert step(told, 'forwarded')['target'] == DAVE.address
        assert ends(told)[DAVE.address] == 'sent'


def test_a_message_forwarded_with_a_rewritten_sender(box: Host, outside: Host) -> None:
    with directory.alias(box, f'away-{uuid.uuid4().hex[:8]}@{ALICE.domain}', DAVE.address) as away:
        sent = mail.message(CAROL.address, away)
        mail.deliver_in_time(box.ip, sent)
        mail.wait_for(outside.ip, DAVE, sent, encrypted=False)
        told = story(box, sent, 'sent')
        assert told['sender'] == CAROL.address
        assert told['rewritten'].startswith('SRS0=')
        (end,) = told['ends']
        assert (end['address'], end['asked_for']) == (DAVE.address, away)


def test_a_recipient_that_does_not_exist(box: Host) -> None:
    nobody = f'nobody-{uuid.uuid4().hex[:8]}@{ALICE.domain}'
    sent = mail.message(CAROL.address, nobody)
    assert bring(box, sent, nobody)[0] == 550
    told = story(box, nobody, 'refused')
    assert kinds(told) == ['refused']
    assert told['sender'] == CAROL.address


@pytest.mark.parametrize('is_announced', [True, False])
def test_a_message_that_is_too_large(box: Host, is_announced: bool) -> None:
    limit = int(box.run('postconf', '-h', 'message_size_limit'))
    sent = mail.message(f'{uuid.uuid4().hex[:8]}@{CAROL.domain}', ALICE.address)
    body = sent.as_bytes().replace(b'\n', b'\r\n') + (b'x' * 998 + b'\r\n') * (limit // 1000 + 10)
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=60) as session:
        session.ehlo()
        options = [f'SIZE={len(body)}'] if is_announced else []
        code, _text = session.mail(str(sent['From']), options)
        if not is_announced:
            session.rcpt(ALICE.address)
            code, _text = session.data(body)
    assert code == 552
    name = str(sent['From'] if is_announced else sent['Message-ID'])
    told = story(box, name, 'refused')
    assert step(told, 'refused')['code'] == '5.3.4'


def test_several_people_with_different_ends(box: Host) -> None:
    with filtered(box, '--discard') as user:
        sent = mail.message(BOB.address, ALICE.address, Subject=f'special {uuid.uuid4()}')
        people = [ALICE.address, user.address, CAROL.address, f'none@{CAROL.domain}']
        with mail.submission(box.ip, BOB.username, BOB.password) as session:
            session.send_message(sent, BOB.address, people)
        told = story(box, sent, 'returned')
        found = ends(told)
    assert [found[each] for each in people] == ['delivered', 'discarded', 'sent', 'returned']


def test_a_sender_that_hangs_up(box: Host) -> None:
    sent = mail.message(f'{uuid.uuid4().hex[:8]}@{CAROL.domain}', ALICE.address)
    with socket.create_connection((box.ip, 25), 30) as line:
        answers = line.makefile('rb')
        answers.readline()
        for words in (f'HELO {mail.HELO}', f'MAIL FROM:<{sent["From"]}>',
                      f'RCPT TO:<{ALICE.address}>', 'DATA'):  # fmt: skip
            line.sendall(words.encode() + b'\r\n')
            answers.readline()
        line.sendall(sent.as_bytes().replace(b'\n', b'\r\n')[:-20])
        line.shutdown(socket.SHUT_RDWR)
        answers.close()
    told = story(box, sent, 'canceled')
    assert kinds(told) == ['arrived', 'canceled']


def test_postfixs_notice_is_joined_to_the_message_it_is_about(box: Host) -> None:
    sent = mail.message(BOB.address, f'none@{CAROL.domain}')
    mail.submit(box.ip, BOB, sent)
    told = story(box, sent, 'returned')
    wait_for('the notice', lambda: 'notice' in kinds(story(box, sent, 'returned')), 20)
    told = story(box, sent, 'returned')
    assert step(told, 'notice')['target']


@pytest.mark.long
def test_killed_in_the_middle_there_is_no_gap_and_nothing_twice(box: Host) -> None:
    """Mail flows while the service is killed again and again."""
    sent = [mail.message(BOB.address, ALICE.address) for _ in range(60)]

    def hand_in(part: Sequence[EmailMessage]) -> None:
        with mail.submission(box.ip, BOB.username, BOB.password) as session:
            for each in part:
                session.send_message(each)

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(hand_in, sent[start::4]) for start in range(4)]
        while not all(each.done() for each in done):
            box.run('systemctl', 'kill', '--signal=KILL', UNIT, check=False)
            time.sleep(1.5)
        for each in done:
            each.result()
    box.run('systemctl', 'reset-failed', UNIT, check=False)
    box.run('systemctl', 'restart', UNIT)
    for each in sent:
        told = story(box, each, 'delivered')
        assert kinds(told) == ['arrived', 'checked', 'accepted', 'stored']
        assert all(one['count'] == 1 for one in told['steps'])
