# SPDX-License-Identifier: AGPL-3.0-or-later
"""TLS 1.2 and 1.3 are spoken on every port, older versions on none."""

import subprocess

import pytest

from tests.conftest import Host

PORTS = {25: 'smtp', 465: '', 587: 'smtp', 143: 'imap', 993: '', 995: '', 4190: 'sieve'}
VERSIONS = {'tls1': False, 'tls1_1': False, 'tls1_2': True, 'tls1_3': True}


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
