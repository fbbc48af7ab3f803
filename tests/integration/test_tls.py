# SPDX-License-Identifier: AGPL-3.0-or-later
"""TLS 1.2 and 1.3 are spoken on every port, older versions and weak ciphers on none."""

import re
import subprocess

import pytest

from tests.conftest import Host

PORTS = {25: 'smtp', 465: '', 587: 'smtp', 143: 'imap', 993: '', 995: '', 4190: 'sieve'}
VERSIONS = {'tls1': False, 'tls1_1': False, 'tls1_2': True, 'tls1_3': True}
WEB = 443
"""FreedomBox's own; the pages for mail passwords and webmail are there."""
WEAK = 'aNULL:kRSA:SHA1:SHA256:SHA384'
"""Without a certificate, without forward secrecy, or CBC."""


@pytest.mark.parametrize('port', PORTS)
@pytest.mark.parametrize('version', VERSIONS)
def test_versions(box: Host, port: int, version: str) -> None:
    starttls = ['-starttls', PORTS[port]] if PORTS[port] else []
    # At security level 0 OpenSSL still offers what today's defaults forbid.
    done = subprocess.run(
        ['openssl', 's_client', '-connect', f'{box.ip}:{port}', f'-{version}', *starttls,
         '-cipher', 'ALL:@SECLEVEL=0', '-brief'],
        input='', capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert ('CONNECTION ESTABLISHED' in done.stderr) is VERSIONS[version], done.stderr
    if not VERSIONS[version]:
        assert 'alert' in done.stderr, 'it was not the other side that refused'


def _negotiated(box: Host, port: int, ciphers: str) -> str:
    """The cipher of a session of TLS 1.2, '' if the other side refuses all that are offered.

    At security level 0 OpenSSL still offers what today's defaults forbid.
    """
    starttls = ['-starttls', PORTS[port]] if PORTS.get(port) else []
    done = subprocess.run(
        ['openssl', 's_client', '-connect', f'{box.ip}:{port}', '-tls1_2', *starttls,
         '-cipher', f'{ciphers}:@SECLEVEL=0', '-brief'],
        input='', capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    found = re.search(r'^Ciphersuite: (\S+)', done.stderr, re.MULTILINE)
    assert found or 'alert' in done.stderr, f'it was not the other side that refused: {done.stderr}'
    return found[1] if found else ''


@pytest.mark.parametrize('port', [*(port for port in PORTS if port != 25), WEB])
@pytest.mark.parametrize('ciphers', WEAK.split(':'))
def test_no_password_passes_by_a_weak_cipher(box: Host, port: int, ciphers: str) -> None:
    assert not _negotiated(box, port, ciphers), f'port {port} speaks {ciphers}'


@pytest.mark.parametrize('port', [port for port in PORTS if port != 25])
def test_mail_programs_of_years_ago_still_get_in(box: Host, port: int) -> None:
    """Android 5, iOS 9, Outlook on Windows 10 and Thunderbird 38 all know one of these."""
    for cipher in ('ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'):
        assert _negotiated(box, port, cipher) == cipher


def test_a_mail_host_gets_any_cipher_that_has_a_certificate(box: Host) -> None:
    """One that knows better ones takes these; an old one would come unencrypted."""
    assert not _negotiated(box, 25, 'aNULL')
    assert _negotiated(box, 25, 'kRSA')
    assert _negotiated(box, 25, 'ECDHE+SHA1') in {'ECDHE-RSA-AES256-SHA', 'ECDHE-RSA-AES128-SHA'}
