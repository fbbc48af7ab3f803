# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail that leaves the box again: its sender, its seal, and what does not leave."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import dkim
import dns.resolver
import pytest

from lab import dns as lab_dns
from lab import life, settings, strict
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail, senders

ALICE, BOB = settings.USERS
CAROL, DAVE = settings.OUTSIDE_USERS
STRICT = f'{CAROL.username}@{strict.DOMAIN}'
FORWARD = f'forward@{ALICE.domain}'
SIGNED, UNSIGNED = 'signed.test', 'unsigned.test'
DOUBTFUL = 'quarantine.test'
DESK, SHARED = 'desk.test', 'counter.test'


@pytest.fixture(autouse=True, scope='module')
def _zones() -> Iterator[None]:
    """Serve senders with policies, and a host that obeys these."""
    strict.up()
    lab_dns.publish([
        *life.zones(), strict.ZONE, senders.zone(SIGNED, 'reject'),
        senders.zone(UNSIGNED, spf=''), senders.zone(DOUBTFUL, 'quarantine', spf=''),
    ])  # fmt: skip
    yield
    life.publish_zones()


@pytest.fixture(name='forward', scope='module')
def fixture_forward(box: Host) -> Iterator[str]:
    """An address that leads to the strict host alone."""
    with directory.alias(box, FORWARD, STRICT):
        yield FORWARD


@pytest.fixture(name='copied', scope='module')
def fixture_copied(box: Host) -> Iterator[LabUser]:
    """A mailbox with a forward to the strict host."""
    with directory.mailbox(box, f'copied@{ALICE.domain}') as user:
        box.run('freedombox-email', 'mailbox', 'forward', user.address, STRICT)
        yield LabUser(user.address, user.password, user.domain)


def bring(ip: str, content: bytes, sender: str, *recipients: str) -> tuple[int, str]:
    """The answer to a message that another mail host brings, again while it is told to wait."""
    answers: list[tuple[int, str]] = []

    def is_answered() -> bool:
        with smtplib.SMTP(ip, 25, local_hostname=mail.HELO, timeout=30) as session:
            answers.append(
                mail.answer(lambda: session.sendmail(sender, recipients, mail.as_sent(content)))
            )
        return answers[-1][0] != 451

    mail.in_time('the message to be answered', is_answered, 60)
    return answers[-1]


def arrived(outside: Host, sent: EmailMessage) -> EmailMessage:
    """A message as it reached the strict host."""
    return mail.parsed(mail.wait_for(outside.ip, CAROL, sent, encrypted=False))


def _txt(name: bytes, timeout: int = 5) -> bytes:
    """A record as the lab's DNS has it."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.lifetime = [settings.DNS], timeout
    return b''.join(next(iter(resolver.resolve(name.decode(), 'TXT'))).strings)


@pytest.mark.parametrize(('way', 'seals'), [('plain', 1), ('broken', 1), ('sealed', 2)])
def test_a_strict_server_accepts_forwards(
    box: Host, outside: Host, forward: str, way: str, seals: int
) -> None:
    sent = mail.message(f'boss@{SIGNED}', forward)
    content = senders.signed(sent, SIGNED)
    if way == 'broken':
        content += b'-- \nAdded on the way.\n'
    elif way == 'sealed':
        content = senders.sealed(content, SIGNED, f'dmarc=pass header.from={SIGNED}')
    assert bring(box.ip, content, f'boss@{SIGNED}', forward)[0] == 250
    raw = mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
    found = mail.parsed(raw)
    assert found['Return-Path'].startswith('<SRS0=')
    assert found['Return-Path'].endswith(f'={SIGNED}=boss@{ALICE.domain}>')
    own = next(line for line in found.get_all('ARC-Seal', []) if f'i={seals};' in line)
    assert f'd={ALICE.domain}' in own
    assert 'dmarc=pass' in found['ARC-Authentication-Results']
    verdict, _results, reason = dkim.ARC(raw).verify(dnsfunc=_txt)
    assert verdict == dkim.CV_Pass, reason


def test_the_strict_server_is_strict(outside: Host) -> None:
    spoofed = mail.message(ALICE.address, STRICT)
    assert bring(strict.IP, spoofed.as_bytes(), ALICE.address, STRICT)[0] == 554
    broken = mail.message(f'boss@{SIGNED}', STRICT)
    content = senders.signed(broken, SIGNED) + b'Added on the way.\n'
    assert bring(strict.IP, content, CAROL.address, STRICT)[0] == 554, 'DMARC does not count'
    fine = mail.message(f'boss@{SIGNED}', STRICT)
    assert bring(strict.IP, senders.signed(fine, SIGNED), f'boss@{SIGNED}', STRICT)[0] == 250
    arrived(outside, fine)


def test_a_copy_leaves_and_the_mailbox_has_the_original_sender(
    box: Host, outside: Host, copied: LabUser
) -> None:
    sent = mail.message(DAVE.address, copied.username)
    assert bring(box.ip, sent.as_bytes(), DAVE.address, copied.username)[0] == 250
    assert arrived(outside, sent)['Return-Path'].startswith('<SRS0=')
    kept = mail.parsed(mail.wait_for(box.ip, copied, sent))
    assert kept['Return-Path'] == f'<{DAVE.address}>'


def test_without_a_copy_all_mail_leaves_but_spam(box: Host, outside: Host, copied: LabUser) -> None:
    command = ('freedombox-email', 'mailbox', 'forward')
    box.run(*command, '--no-copy', copied.username, STRICT)
    sent, spam = mail.message(DAVE.address, copied.username), forged(copied.username)
    assert bring(box.ip, sent.as_bytes(), DAVE.address, copied.username)[0] == 250
    assert bring(box.ip, spam.as_bytes(), f'boss@{DOUBTFUL}', copied.username)[0] == 250
    arrived(outside, sent)
    mail.wait_for(box.ip, copied, spam, 'Junk')
    with mail.mailbox(box.ip, copied.username, copied.password) as session:
        assert not mail.numbers(session, sent)
    box.run(*command, copied.username, STRICT)
    again = mail.message(DAVE.address, copied.username)
    assert bring(box.ip, again.as_bytes(), DAVE.address, copied.username)[0] == 250
    mail.wait_for(box.ip, copied, again)


@pytest.mark.long
def test_an_odd_sender_is_kept(box: Host, outside: Host, copied: LabUser) -> None:
    sender = f'"a b,c"@{DAVE.domain}'
    sent = mail.message(DAVE.address, copied.username)
    assert bring(box.ip, sent.as_bytes(), sender, copied.username)[0] == 250
    left = arrived(outside, sent)['Return-Path']
    assert left.endswith(f'={DAVE.domain}=a b,c"@{ALICE.domain}>')
    assert rcpt(box.ip, '', left.strip('<>'))[0] == 250
    assert mail.parsed(mail.wait_for(box.ip, copied, sent))['Return-Path'] == f'<{sender}>'


def test_a_copy_does_not_say_who_else_forwards_it(
    box: Host, outside: Host, forward: str, copied: LabUser
) -> None:
    sent = mail.message(DAVE.address, STRICT)
    assert bring(box.ip, sent.as_bytes(), DAVE.address, forward, copied.username)[0] == 250
    raw = mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
    assert len(mail.parsed(raw).get_all('X-FreedomBox-Forwarded', [])) == 2
    for address in (forward, copied.username):
        assert address.encode() not in raw


def test_mail_that_stays_is_not_touched(box: Host) -> None:
    sent = mail.message(DAVE.address, BOB.address)
    assert bring(box.ip, sent.as_bytes(), DAVE.address, BOB.address)[0] == 250
    kept = mail.parsed(mail.wait_for(box.ip, BOB, sent))
    assert kept['Return-Path'] == f'<{DAVE.address}>'
    assert 'ARC-Seal' not in kept


def test_our_own_mail_keeps_its_sender(box: Host, outside: Host, forward: str) -> None:
    sent = mail.message(ALICE.address, forward)
    mail.submit(box.ip, ALICE, sent)
    assert arrived(outside, sent)['Return-Path'] == f'<{ALICE.address}>'


def rewritten(box: Host, outside: Host, forward: str, sender: str) -> str:
    """The sender a message left with."""
    sent = mail.message(sender, forward)
    assert bring(box.ip, sent.as_bytes(), sender, forward)[0] == 250
    return str(arrived(outside, sent)['Return-Path']).strip('<>')


def rcpt(ip: str, sender: str, recipient: str) -> tuple[int, str]:
    """The answer to a recipient."""
    with smtplib.SMTP(ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        session.ehlo()
        session.mail(sender)
        code, text = session.rcpt(recipient)
        return code, text.decode()


def test_a_bounce_comes_back(box: Host, outside: Host, forward: str) -> None:
    made = rewritten(box, outside, forward, DAVE.address)
    bounce = mail.message(f'mailer-daemon@{CAROL.domain}', made)
    assert bring(box.ip, bounce.as_bytes(), '', made)[0] == 250
    mail.wait_for(outside.ip, DAVE, bounce, encrypted=False)


def test_a_bounce_to_an_unproven_sender_reaches_the_postmaster(
    box: Host, outside: Host, forward: str
) -> None:
    made = rewritten(box, outside, forward, f'anyone@{UNSIGNED}')
    assert made.startswith('SRS0-')
    bounce = mail.message(f'mailer-daemon@{CAROL.domain}', made)
    assert bring(box.ip, bounce.as_bytes(), '', made)[0] == 250
    mail.wait_for(box.ip, settings.ADMIN, bounce)


_EARLIER = """
import sys, time
from pathlib import Path
from plinth.modules.email.sending import srs
real = time.time
time.time = lambda: real() - float(sys.argv[2]) * 86400
known = srs.read_secrets(Path('/var/lib/freedombox-email/srs/secrets').read_text())
print(srs.SenderRewriter(known).forward(sys.argv[1], 'example.test', is_proven=True))
"""


def test_only_bounces_with_a_valid_and_recent_code_come_in(
    box: Host, outside: Host, forward: str
) -> None:
    made = rewritten(box, outside, forward, DAVE.address)
    assert rcpt(box.ip, '', made)[0] == 250
    code, text = rcpt(box.ip, CAROL.address, made)
    assert (code, 'takes bounces only' in text) == (550, True)
    code, text = rcpt(box.ip, '', made.replace('dave', 'carol'))
    assert (code, 'was not made here' in text) == (550, True)
    old = box.run('python3', '-c', _EARLIER, DAVE.address, '20').strip()
    code, text = rcpt(box.ip, '', old)
    assert (code, 'has expired' in text) == (550, True)
    fresh = box.run('python3', '-c', _EARLIER, DAVE.address, '13').strip()
    assert rcpt(box.ip, '', fresh)[0] == 250


def test_a_rewritten_address_elsewhere_is_not_ours(box: Host, outside: Host, forward: str) -> None:
    made = rewritten(box, outside, forward, DAVE.address)
    elsewhere = made.replace(ALICE.domain, CAROL.domain)
    assert rcpt(box.ip, '', elsewhere)[0] == 554, 'an open relay'


def test_the_secret_is_roots(box: Host) -> None:
    folder = '/var/lib/freedombox-email/srs'
    assert box.run('stat', '-c', '%a %U', folder, f'{folder}/secrets').split() == [
        '700', 'root', '600', 'root',
    ]  # fmt: skip


def forged(recipient: str) -> EmailMessage:
    """A message that goes to Junk: its domain wants it so."""
    return mail.message(f'boss@{DOUBTFUL}', recipient)


def test_spam_is_not_forwarded_and_stays_in_junk(box: Host, outside: Host, copied: LabUser) -> None:
    sent = forged(copied.username)
    assert bring(box.ip, sent.as_bytes(), f'boss@{DOUBTFUL}', copied.username)[0] == 250
    kept = mail.parsed(mail.wait_for(box.ip, copied, sent, 'Junk'))
    assert kept['Delivered-To'] == copied.username
    assert STRICT not in box.run('postqueue', '-j')
    with mail.mailbox(outside.ip, CAROL.username, CAROL.password, encrypted=False) as session:
        assert not mail.numbers(session, sent)


def test_an_address_that_only_forwards_refuses_spam(box: Host, forward: str) -> None:
    code, text = bring(box.ip, forged(forward).as_bytes(), f'boss@{DOUBTFUL}', forward)
    assert (code, 'spam is not forwarded' in text) == (554, True)


TURNING = f'turning@{CAROL.domain}'


@contextmanager
def turning_back(outside: Host, address: str, owner: str) -> Iterator[None]:
    """Have another server send messages to TURNING back, with the sender it got or its own."""
    lines = f'turning: {address}' + (f'\nowner-turning: {owner}' if owner else '')
    outside.run('sh', '-c', f'echo "{lines}" >>/etc/aliases; newaliases; postmulti -i - -p reload')
    try:
        yield
    finally:
        outside.run(
            'sh', '-c', 'sed -i /turning/d /etc/aliases; newaliases; postmulti -i - -p reload'
        )


@pytest.mark.parametrize(
    ('owner', 'said'),
    [
        pytest.param(CAROL.username, 'Mail loop: ', id='with a sender of its own'),
        pytest.param('', 'log in first', marks=pytest.mark.long, id='with our sender'),
    ],
)
def test_a_loop_ends_with_the_first_turn(box: Host, outside: Host, owner: str, said: str) -> None:
    address = f'loop@{ALICE.domain}'
    journal = box.journal_since()
    with turning_back(outside, address, owner), directory.alias(box, address, TURNING):
        sent = mail.message(DAVE.address, address)
        assert bring(box.ip, sent.as_bytes(), DAVE.address, address)[0] == 250
        mail.until('the loop to end', lambda: said in journal(), 30)
        assert journal().count(f'to=<{TURNING}>') == 1


def test_an_address_that_leads_nowhere_is_refused(box: Host) -> None:
    gone, address = f'gone@{ALICE.domain}', f'to-gone@{ALICE.domain}'
    with directory.mailbox(box, gone), directory.alias(box, address, gone):
        sent = mail.message(DAVE.address, address)
        with directory.switched_off(box, f'fbxMailAddress={gone},ou=mailboxes'):
            code, text = bring(box.ip, sent.as_bytes(), DAVE.address, address)
            assert (code, 'leads to no mailbox' in text) == (554, True)
        assert bring(box.ip, sent.as_bytes(), DAVE.address, address)[0] == 250


@pytest.fixture(name='desk', scope='module')
def fixture_desk(box: Host) -> Iterator[None]:
    """Addresses of all kinds that lead to the strict host, most of them by others."""
    with (
        directory.domain(box, DESK),
        directory.domain(box, SHARED, alias_of=DESK),
        directory.alias(box, f'far@{DESK}', STRICT),
        directory.alias(box, f'near@{DESK}', f'far@{DESK}'),
        directory.alias(box, f'shop-*@{DESK}', f'near@{SHARED}'),
        directory.alias(box, f'*@{DESK}', f'shop-x@{DESK}'),
    ):
        yield


@pytest.mark.long
@pytest.mark.usefixtures('desk')
@pytest.mark.parametrize(
    'recipient',
    [f'near@{DESK}', f'Near+label@{DESK.upper()}', f'near@{SHARED}', f'shop-a@{DESK}',
     f'anything@{DESK}', f'anything+label@{SHARED}'],
)  # fmt: skip
def test_all_ways_out_are_seen(box: Host, outside: Host, recipient: str) -> None:
    sent = mail.message(f'boss@{SIGNED}', recipient)
    content = senders.signed(sent, SIGNED)
    assert bring(box.ip, content, f'boss@{SIGNED}', recipient)[0] == 250
    assert arrived(outside, sent)['Return-Path'].startswith('<SRS0=')


def test_no_one_outside_delivers_past_the_forwards(box: Host) -> None:
    code, _ = rcpt(box.ip, DAVE.address, f'alice={ALICE.domain}@here.invalid')
    assert code == 554


def test_spam_names_no_address_that_becomes_another(box: Host, copied: LabUser) -> None:
    sent = mail.message(f'boss@{DOUBTFUL}', copied.username)
    lines = sent.as_bytes()
    shown = f'Sender: alice={ALICE.domain}@here (x) . invalid\n'.encode()
    code, _ = bring(box.ip, shown + lines, f'boss@{DOUBTFUL}', copied.username)
    assert code == 554


_LOCAL = """
import smtplib, sys
with smtplib.SMTP('127.0.0.1', 25, 'localhost') as session:
    session.sendmail(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
"""


def test_a_program_of_this_machine_cannot_pose_as_a_script(box: Host, outside: Host) -> None:
    sent = mail.message(f'boss@{UNSIGNED}', STRICT)
    forged = (
        'X-Sieve: Pigeonhole Sieve\n'
        f'X-Sieve-Redirected-From: {ALICE.address}\n'
        f'Authentication-Results: {ALICE.domain}; dmarc=pass (policy=none) '
        f'header.from={UNSIGNED}; spf=pass smtp.mailfrom=boss@{UNSIGNED}\n'
    )
    words = ('runuser', '-u', 'www-data', '--', 'python3', '-c', _LOCAL, f'boss@{UNSIGNED}', STRICT)
    box.run(*words, stdin=f'{forged}{sent.as_string()}'.replace('\n', '\r\n'))
    found = arrived(outside, sent)
    assert 'pass' not in found['ARC-Authentication-Results']
    assert found['Return-Path'].startswith('<SRS0-')
