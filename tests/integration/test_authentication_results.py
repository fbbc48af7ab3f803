# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail says whether its sender's SPF, DKIM and DMARC hold, and only we say so in our name."""

import subprocess

import dkim
import pytest

from lab import settings
from tests.conftest import Host

from . import mail

BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
NAME = settings.DOMAINS[0]
FORGED = 'dkim=pass header.d=bank.test; spf=pass smtp.mailfrom=chief@bank.test'


def _results(box: Host, sent: mail.EmailMessage, content: bytes | None = None) -> list[str]:
    """Bring a mail in and return what stands in its Authentication-Results."""
    with mail.smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        session.sendmail(CAROL.address, BOB.address, mail.as_sent(content or sent.as_bytes()))
    arrived = mail.parsed(mail.wait_for(box.ip, BOB, sent))
    return [' '.join(str(value).split()) for value in arrived.get_all('Authentication-Results', [])]


def test_results_are_written_into_each_mail(box: Host) -> None:
    (result,) = _results(box, mail.message(CAROL.address, BOB.address))
    assert result.startswith(f'{NAME};')
    for part in ('spf=pass', 'dkim=none', 'dmarc=pass'):
        assert part in result


def test_a_signature_no_one_can_check_does_not_pass(box: Host) -> None:
    make = ['openssl', 'genrsa', '-traditional', '2048']
    key = subprocess.run(make, capture_output=True, check=True).stdout
    sent = mail.message(CAROL.address, BOB.address)
    plain = sent.as_bytes()
    domain = settings.OUTSIDE_DOMAIN.encode()
    signature = dkim.sign(plain, b'nosuchkey', domain, key, linesep=b'\n')
    (result,) = _results(box, sent, signature + plain)
    assert 'dkim=pass' not in result
    assert 'dkim=' in result


@pytest.mark.parametrize('name', [NAME, NAME.upper(), settings.DOMAINS[1], f'"{NAME}"'])
def test_results_forged_in_our_name_are_removed(box: Host, name: str) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    sent['Authentication-Results'] = f'{name}; {FORGED}'
    (result,) = _results(box, sent)
    assert 'bank.test' not in result
