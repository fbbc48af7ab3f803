# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail programs of a person's computer, told servers, login and password, and nothing else."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from subprocess import CompletedProcess

from lab import laptop
from lab.host import wait_for
from tests.integration import certificates

from ..conftest import Host
from .qr import DeviceAccount

_MBSYNC = """IMAPAccount box
Host {0.imap[0]}
Port {0.imap[1]}
User {0.login}
Pass {0.password}
TLSType IMAPS

IMAPStore there
Account box

MaildirStore here
Path ~/Mail/
Inbox ~/Mail/INBOX
SubFolders Verbatim

Channel all
Far :there:
Near :here:
Patterns *
Create Near
SyncState *
"""
_MSMTP = """account default
host {0.smtp[0]}
port {0.smtp[1]}
tls on
tls_starttls off
auth on
user {0.login}
password {0.password}
from {0.address}
"""
_NEOMUTT = """set from = "{0.address}"
set smtp_url = "smtps://{0.login}@{0.smtp[0]}:{0.smtp[1]}/"
set smtp_pass = "{0.password}"
set ssl_ca_certificates_file = "/etc/ssl/certs/ca-certificates.crt"
"""
_SIEVE = 'exec sieve-connect --server "$1" --user "$2" --passwordfd 3 --exec commands 3<password'


@contextmanager
def computer(box: Host, name: str) -> Iterator[None]:
    """A computer that trusts the certificate a box shows under a name."""
    with certificates.authority(box):
        key = certificates.issue(box, name)
        certificates.renewed(box, name)
        wait_for('the certificate', lambda: certificates.shown(box, name) == (key,) * 2, 60)
        laptop.up()
        laptop.trust(box.run('cat', certificates.AUTHORITY))
        laptop.forget_names()
        try:
            yield
        finally:
            laptop.down()
    certificates.reload_web(box)


def configure(account: DeviceAccount) -> None:
    """Write the files of all programs anew."""
    laptop.run('rm', '-rf', 'Mail', 'password')
    laptop.run('mkdir', 'Mail')
    for name, form in (('.mbsyncrc', _MBSYNC), ('.msmtprc', _MSMTP), ('.neomuttrc', _NEOMUTT)):
        laptop.put(name, form.format(account))
    laptop.put('password', f'{account.password}\n')


def fetch(*, check: bool = True) -> CompletedProcess[str]:
    """Have mbsync fetch all folders."""
    return laptop.run('mbsync', '--all', check=check)


def fetched(subject: str, folder: str = 'INBOX') -> str:
    """The names of the files with a message that mbsync has brought."""
    return laptop.run('grep', '-rlF', subject, f'Mail/{folder}', check=False).stdout.strip()


def send_by_msmtp(message: EmailMessage, *, check: bool = True) -> CompletedProcess[str]:
    """Have msmtp hand in a message."""
    return laptop.run('msmtp', message['To'], stdin=message.as_bytes(), check=check)


def send_by_neomutt(message: EmailMessage, *, check: bool = True) -> CompletedProcess[str]:
    """Have NeoMutt write a message and hand it in."""
    words = ['neomutt', '-s', message['Subject'], '--', message['To']]
    return laptop.run(*words, stdin=message.get_content(), check=check)


def sieve(account: DeviceAccount, *commands: str, check: bool = True) -> CompletedProcess[str]:
    """Give commands to sieve-connect; the server is what DNS says of the address's domain."""
    laptop.put('commands', '\n'.join([*commands, '']))
    domain = account.address.rpartition('@')[2]
    return laptop.run('timeout', '60', 'sh', '-c', _SIEVE, 'sh', domain, account.login, check=check)


def account_of(document: str, address: str, password: str) -> DeviceAccount:
    """The account as autoconfig's document describes it."""
    (provider,) = ET.fromstring(document).iter('emailProvider')
    imap, smtp = (
        _server(provider, f'{tag}[@type="{kind}"]', address)
        for tag, kind in (('incomingServer', 'imap'), ('outgoingServer', 'smtp'))
    )
    return DeviceAccount(imap[:2], smtp[:2], imap[2], password, address)


def _server(provider: ET.Element, path: str, address: str) -> tuple[str, int, str]:
    """Host, port and user name of the first server of a kind."""
    found = provider.find(path)
    assert found is not None, f'no {path}'
    said = {each.tag: each.text or '' for each in found}
    assert said['socketType'] == 'SSL'
    assert said['authentication'] == 'password-cleartext'
    return said['hostname'], int(said['port']), said['username'].replace('%EMAILADDRESS%', address)
