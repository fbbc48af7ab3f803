# SPDX-License-Identifier: AGPL-3.0-or-later
"""Claims of a stranger on port 25 the box does not believe: its name, and a message's sender."""

import smtplib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dkim
import pytest

from lab import dns, life, settings
from tests.conftest import Host
from tests.integration import mail
from tests.integration.test_dmarc_policy import PRIVATE, PUBLIC

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
OURS, OTHER = settings.DOMAINS
SELECTOR = f's{uuid.uuid4().hex}'
"""Never used before: the key of an earlier run may still be in the box's cache."""
QUIET = f'q{uuid.uuid4().hex[:15]}'
LIST = 'lists.test'
PROBE = 'dns-probe-'
"""The beginning of names below our domain that are asked for to learn whether DNS answers."""


@pytest.fixture(autouse=True, scope='module')
def _zones() -> Iterator[None]:
    """Serve the box's domains with a key of ours, other signers, and a domain without IPv4."""
    key = f'{SELECTOR}._domainkey TXT ({PUBLIC})'
    ours = [
        dns.MailZone(name, settings.BOX.ip, records=(*life.key_records(name)[name], key))
        for name in (OURS, OTHER)
    ]
    served = [each for each in life.zones() if each.domain not in {OURS, OTHER}]
    others = [dns.LabZone(name, f'@ MX 0 {name}.\n@ A {settings.GATEWAY}\n{key}')
              for name in ('evil.test', LIST, 'google.com')]  # fmt: skip
    others.append(dns.LabZone('only-ipv6.test', '@ AAAA 2001:db8::1'))
    dns.publish([*served, *ours, *others])
    yield
    life.publish_zones()


def _signed(content: bytes, domain: str, selector: str = SELECTOR) -> bytes:
    return dkim.sign(content, selector.encode(), domain.encode(), PRIVATE, linesep=b'\n') + content


def _bring(
    box: Host, content: bytes, sender: str = CAROL.address, helo: str = mail.HELO
) -> tuple[int, str]:
    with smtplib.SMTP(box.ip, 25, local_hostname=helo, timeout=60) as session:
        session.command_encoding = 'utf-8'
        return mail.answer(lambda: session.sendmail(sender, ALICE.address, mail.as_sent(content)))


@pytest.mark.parametrize('signers', [(), ('evil.test',), (OTHER,), ('evil.test', OTHER)])
def test_only_a_signature_of_the_same_domain_vouches(box: Host, signers: tuple[str, ...]) -> None:
    content = mail.message(BOB.address, ALICE.address).as_bytes()
    for domain in signers:
        content = _signed(content, domain)
    code, text = _bring(box, content)
    assert (code, 'log in first' in text) == (554, True), f'signed by {signers}: {code} {text}'


@pytest.mark.parametrize('signers', [(OURS,), ('evil.test', OURS)])
def test_a_signature_of_the_domain_vouches(box: Host, signers: tuple[str, ...]) -> None:
    sent = mail.message(BOB.address, ALICE.address)
    content = sent.as_bytes()
    for domain in signers:
        content = _signed(content, domain)
    assert _bring(box, content)[0] == 250
    mail.wait_for(box.ip, ALICE, sent)


def test_a_broken_signature_does_not_vouch(box: Host) -> None:
    content = _signed(mail.message(BOB.address, ALICE.address).as_bytes(), OURS)
    assert _bring(box, content + b'Pay this at once.\n')[0] == 554


def test_sender_counts_as_from_does(box: Host) -> None:
    sent = mail.message(CAROL.address, ALICE.address, Sender=BOB.address)
    assert _bring(box, sent.as_bytes())[0] == 554
    assert _bring(box, _signed(sent.as_bytes(), OURS))[0] == 250
    mail.wait_for(box.ip, ALICE, sent)


@contextmanager
def _silence(box: Host, *beginnings: str) -> Iterator[None]:
    """Have no question answered about names that begin like this."""
    dropped = '\n'.join(
        f'udp sport 53 @th,168,{8 * len(each)} 0x{each.encode().hex()} drop' for each in beginnings
    )
    rules = f"""
        table inet silence {{}}
        delete table inet silence
        table inet silence {{
            chain answers {{
                type filter hook input priority -500
                {dropped}
                tcp sport 53 drop
            }}
        }}
    """
    box.run('nft', '-f', '-', stdin=rules)
    try:
        yield
    finally:
        box.run('nft', 'delete', 'table', 'inet', 'silence')


def test_a_key_that_cannot_be_asked_for_makes_mail_wait(box: Host) -> None:
    content = mail.message(BOB.address, ALICE.address).as_bytes()
    with _silence(box, QUIET):
        code, text = _bring(box, _signed(content, OURS, QUIET))
    assert code == 451, f'Silence of DNS became a refusal for good: {code} {text}'


def test_the_key_of_another_that_cannot_be_asked_for_is_no_excuse(box: Host) -> None:
    content = mail.message(BOB.address, ALICE.address).as_bytes()
    with _silence(box, QUIET):
        assert _bring(box, _signed(content, 'evil.test', QUIET))[0] == 554


def test_a_sender_whose_domain_cannot_be_asked_for_waits(box: Host) -> None:
    content = mail.message(CAROL.address, ALICE.address).as_bytes()
    with _silence(box, QUIET):
        code, text = _bring(box, content, sender=f'x@{QUIET}.test')
    assert (code, 'looked up' in text) == (451, True), f'{code} {text}'


def test_slow_name_servers_of_our_own_domain_are_no_dead_dns(box: Host) -> None:
    content = mail.message(CAROL.address, ALICE.address).as_bytes()
    with _silence(box, QUIET, PROBE):
        code, text = _bring(box, content, sender=f'x@{QUIET}.test')
        assert (code, 'looked up' in text) == (451, True), f'{code} {text}'
        since = box.journal_since()
        sent = mail.message(CAROL.address, ALICE.address)
        assert _bring(box, sent.as_bytes())[0] == 250
    results = mail.parsed(mail.wait_for(box.ip, ALICE, sent))['Authentication-Results']
    assert 'spf=pass' in ' '.join(str(results).split()), 'SPF was left out'
    assert 'without it' not in since('-u', 'rspamd')


NAMES = [OURS, OURS.upper(), f'{OTHER}.', f'[{settings.BOX.ip}]']


@pytest.mark.parametrize('helo', NAMES)
def test_no_one_greets_as_the_box_itself(box: Host, helo: str) -> None:
    content = mail.message(CAROL.address, ALICE.address).as_bytes()
    code, text = _bring(box, content, helo=helo)
    assert (code, 'greet' in text) == (554, True), f'{helo}: {code} {text}'


def test_a_name_that_only_looks_like_ours_is_no_valid_one(box: Host) -> None:
    content = mail.message(CAROL.address, ALICE.address).as_bytes()
    assert _bring(box, content, helo='exam\u200bple.test')[0] == 501


@pytest.mark.parametrize('helo', ['mail.example.test', f'[{settings.GATEWAY}]', 'localhost'])
def test_other_greetings_are_no_ones(box: Host, helo: str) -> None:
    sent = mail.message(CAROL.address, ALICE.address)
    assert _bring(box, sent.as_bytes(), helo=helo)[0] == 250
    mail.wait_for(box.ip, ALICE, sent)


def test_users_may_greet_as_they_like(box: Host) -> None:
    sent = mail.message(BOB.address, ALICE.address)
    with smtplib.SMTP_SSL(box.ip, 465, local_hostname=OURS, context=mail.tls()) as session:
        session.login(BOB.username, BOB.password)
        session.send_message(sent)
    mail.wait_for(box.ip, ALICE, sent)


@pytest.mark.parametrize('sender', ['x@no-such-domain.test', 'x@[192.0.2.1]'])
def test_a_sender_whose_domain_does_not_exist_is_refused(box: Host, sender: str) -> None:
    content = mail.message(CAROL.address, ALICE.address).as_bytes()
    code, text = _bring(box, content, sender=sender)
    assert (code, 'does not exist' in text) == (554, True), f'{code} {text}'


@pytest.mark.parametrize('sender', ['x@_odd.no-such-domain.test', 'x@no_such.test'])
def test_a_name_rspamd_cannot_read_is_looked_up_too(box: Host, sender: str) -> None:
    content = mail.message(CAROL.address, ALICE.address).as_bytes()
    code, text = _bring(box, content, sender=sender)
    assert code == 550, f'{code} {text}'


@pytest.mark.parametrize('sender', ['', 'x@only-ipv6.test'])
def test_other_senders_are_taken(box: Host, sender: str) -> None:
    sent = mail.message(CAROL.address, ALICE.address)
    assert _bring(box, sent.as_bytes(), sender=sender)[0] == 250
    mail.wait_for(box.ip, ALICE, sent)


def _own_post(box: Host) -> mail.EmailMessage:
    """A message that one of us has sent to a list."""
    sent = mail.message(BOB.address, CAROL.address)
    mail.submit(box.ip, BOB, sent)
    return sent


def _back(sent: mail.EmailMessage, *, listed: bool = True) -> bytes:
    """The message as a list brings it back: the subject and the text changed."""
    head = f'List-Id: <users.{LIST}>\n' if listed else ''
    return head.encode() + sent.as_bytes() + b'-- \nThe list\n'


def test_own_posts_come_back_into_junk(box: Host) -> None:
    sent = _own_post(box)
    code, text = _bring(box, _back(sent), sender=f'users-bounces@{LIST}')
    assert code == 250, f'The list would drop its member: {code} {text}'
    mail.wait_for(box.ip, ALICE, sent, 'Junk')


def _another_author(sent: mail.EmailMessage) -> bytes:
    return _back(sent).replace(BOB.address.encode(), ALICE.address.encode())


def _another_id(sent: mail.EmailMessage) -> bytes:
    return _back(sent).replace(b'Message-ID: <', b'Message-ID: <x')


def _no_list(sent: mail.EmailMessage) -> bytes:
    return _back(sent, listed=False)


@pytest.mark.parametrize('change', [_another_author, _another_id, _no_list])
def test_a_list_does_not_vouch_for_others(
    box: Host, change: Callable[[mail.EmailMessage], bytes]
) -> None:
    code, _ = _bring(box, change(_own_post(box)), sender=f'users-bounces@{LIST}')
    assert code == 554


def _sealed(content: bytes, by: str, found: str = '') -> bytes:
    """A message with another seal of a forwarder."""
    results = (
        f'Authentication-Results: {by}; dmarc={found or "pass"} header.from={OURS};\n'
        f' arc={"pass" if b"ARC-Seal" in content else "none"}\n'
    )
    plain = results.encode() + content
    seal = dkim.arc_sign(plain, SELECTOR.encode(), by.encode(), PRIVATE, by.encode(), linesep=b'\n')
    return b''.join(seal) + plain


def test_a_trusted_forwarder_vouches_for_us(box: Host) -> None:
    sent = mail.message(BOB.address, ALICE.address)
    code, text = _bring(box, _sealed(sent.as_bytes(), 'google.com'))
    assert code == 250, f'{code} {text}'
    mail.wait_for(box.ip, ALICE, sent)


@pytest.mark.parametrize('found', ['fail', 'none'])
def test_a_trusted_forwarder_must_have_found_a_proof(box: Host, found: str) -> None:
    sent = mail.message(BOB.address, ALICE.address)
    assert _bring(box, _sealed(sent.as_bytes(), 'google.com', found))[0] == 554


def test_a_seal_on_top_of_a_trusted_one_does_not_vouch(box: Host) -> None:
    """The seals of one message could be put onto any other."""
    sealed = _sealed(mail.message(BOB.address, ALICE.address).as_bytes(), 'google.com')
    code, _ = _bring(box, _sealed(sealed, 'evil.test'))
    assert code == 554
