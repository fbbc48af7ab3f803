# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policies of other domains for spoofed mail are applied to mail that comes in (DMARC, ARC)."""

import uuid
from collections.abc import Iterator

import dkim
import pytest

from lab import dns, life, settings
from tests.conftest import Host

from . import mail
from .senders import PRIVATE, PUBLIC

BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
LIST = f'list@{settings.OUTSIDE_DOMAIN}'


SELECTOR = f's{uuid.uuid4().hex}'
"""Never used before: the key of an earlier run may still be in the box's cache."""


@pytest.fixture(autouse=True, scope='module')
def _zones() -> Iterator[None]:
    """Serve a domain for each policy, and signers with a key of ours."""
    key = f'{SELECTOR}._domainkey TXT ({PUBLIC})'
    policies = [
        dns.LabZone(
            f'{policy}.test', f'@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p={policy}"\n{key}'
        )
        for policy in ('none', 'quarantine', 'reject')
    ]
    signers = [dns.LabZone(name, key) for name in ('google.com', 'unknown-forwarder.test')]
    dns.publish([*life.zones(), *policies, *signers])
    yield
    life.publish_zones()


def forged(policy: str) -> mail.EmailMessage:
    """A mail in the name of a person who did not send it."""
    return mail.message(f'boss@{policy}.test', BOB.address)


def bring(box: Host, content: bytes) -> tuple[int, str]:
    """Bring a mail as a mailing list does, and return the answer."""
    with mail.smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        return mail.answer(lambda: session.sendmail(LIST, BOB.address, mail.as_sent(content)))


def test_reject_is_refused_and_said_why(box: Host) -> None:
    code, text = bring(box, forged('reject').as_bytes())
    assert code == 554
    assert 'reject.test' in text
    assert 'DMARC' in text


def test_quarantine_goes_to_junk(box: Host) -> None:
    sent = forged('quarantine')
    assert bring(box, sent.as_bytes())[0] == 250
    mail.wait_for(box.ip, BOB, sent, 'Junk')


def test_none_is_delivered(box: Host) -> None:
    sent = forged('none')
    assert bring(box, sent.as_bytes())[0] == 250
    arrived = mail.parsed(mail.wait_for(box.ip, BOB, sent))
    assert 'dmarc=fail' in ' '.join(arrived.get_all('Authentication-Results', []))


@pytest.mark.parametrize('policy', ['quarantine', 'reject'])
def test_what_is_signed_is_delivered(box: Host, policy: str) -> None:
    sent = forged(policy)
    plain = sent.as_bytes()
    signature = dkim.sign(
        plain, SELECTOR.encode(), f'{policy}.test'.encode(), PRIVATE, linesep=b'\n'
    )
    assert bring(box, signature + plain)[0] == 250
    arrived = mail.parsed(mail.wait_for(box.ip, BOB, sent))
    assert 'dmarc=pass' in ' '.join(arrived.get_all('Authentication-Results', []))


def passed_on(sent: mail.EmailMessage, by: str, found: str) -> bytes:
    """A mail with the seal of a forwarder that changed it."""
    results = f'Authentication-Results: {by}; dmarc={found} header.from=reject.test\n'
    plain = results.encode() + sent.as_bytes() + b'-- \nPassed on by a list.\n'
    seal = dkim.arc_sign(plain, SELECTOR.encode(), by.encode(), PRIVATE, by.encode(), linesep=b'\n')
    return b''.join(seal) + plain


@pytest.mark.parametrize(
    ('by', 'found', 'wanted'),
    [
        ('google.com', 'pass', 250),
        ('google.com', 'fail', 554),
        ('unknown-forwarder.test', 'pass', 554),
    ],
)
def test_forwarders_are_believed_when_they_are_known(
    box: Host, by: str, found: str, wanted: int
) -> None:
    sent = forged('reject')
    assert bring(box, passed_on(sent, by, found))[0] == wanted
    if wanted == 250:
        mail.wait_for(box.ip, BOB, sent)
