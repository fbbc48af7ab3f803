# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail that goes out is delivered as carefully as its receiver asks for (DANE, MTA-STS)."""

import functools
import hashlib
import http.server
import re
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab import dns, life, settings
from tests.conftest import Host

from . import mail, webserver

ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
DOMAIN = settings.OUTSIDE_DOMAIN
MX = f'mail.{DOMAIN}'
POLICY_HOST = f'mta-sts.{DOMAIN}'
AUTHORITY = '/usr/local/share/ca-certificates/lab-outside.crt'
ANCHOR = '/etc/dnssec-trust-anchors.d/lab.positive'
UNITS = ('freedombox-email-tls-policy.service', 'postfix-mta-sts-resolver.service')
OTHER = f'other.{DOMAIN}'
MANY = [f'{number:02}-{"x" * 24}.{DOMAIN}' for number in range(30)]


def enforce(*hosts: str) -> str:
    """A policy that names these hosts."""
    names = ''.join(f'mx: {host}\r\n' for host in hosts)
    return f'version: STSv1\r\nmode: enforce\r\n{names}max_age: 86400\r\n'


class PartnerCertificate:
    """A self-made certificate with its key."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.key, self.chain = folder / f'{names[0]}.key', folder / f'{names[0]}.crt'
        alternatives = ','.join(f'DNS:{name}' for name in names)
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
             f'/CN={names[0]}', '-addext', f'subjectAltName={alternatives}', '-keyout',
             str(self.key), '-out', str(self.chain)],
            check=True, capture_output=True,
        )  # fmt: skip

    @property
    def text(self) -> str:
        """Key and certificate, as Postfix reads them from one file."""
        return self.key.read_text() + self.chain.read_text()

    @property
    def tlsa(self) -> str:
        """The data of a TLSA record of its key."""
        pem = subprocess.run(['openssl', 'x509', '-in', str(self.chain), '-pubkey', '-noout'],
                             capture_output=True, check=True).stdout  # fmt: skip
        der = subprocess.run(['openssl', 'pkey', '-pubin', '-outform', 'DER'], input=pem,
                             capture_output=True, check=True).stdout  # fmt: skip
        return f'3 1 1 {hashlib.sha256(der).hexdigest()}'


@pytest.fixture(name='right', scope='module')
def fixture_right(
    tmp_path_factory: pytest.TempPathFactory, box: Host
) -> Iterator[PartnerCertificate]:
    """A certificate for the other mail host and its policy, trusted by the box."""
    made = PartnerCertificate(tmp_path_factory.mktemp('right'), MX, POLICY_HOST, OTHER)
    box.run('tee', AUTHORITY, stdin=made.chain.read_text())
    box.run('update-ca-certificates')
    yield made
    box.run('rm', AUTHORITY)
    box.run('update-ca-certificates', '--fresh')
    box.run('systemctl', 'reload', 'postfix')


@pytest.fixture(name='wrong', scope='module')
def fixture_wrong(tmp_path_factory: pytest.TempPathFactory) -> PartnerCertificate:
    """An untrusted certificate, for another name."""
    return PartnerCertificate(tmp_path_factory.mktemp('wrong'), 'somebody-else.test')


@pytest.fixture(autouse=True)
def _forgetful(box: Host, outside: Host) -> Iterator[None]:
    """Let each test begin without anything remembered, and leave the world as it was."""
    forget(box)
    yield
    for number in mail.waiting(box, ALICE.address):
        box.run('postsuper', '-d', number)
    outside.run('postconf', '-X', 'smtpd_tls_chain_files')
    outside.run('systemctl', 'reload', 'postfix')


@pytest.fixture(autouse=True, scope='module')
def _as_it_was(box: Host) -> Iterator[None]:
    """Serve the usual zones again when all is over."""
    yield
    life.publish_zones()
    forget(box)


@functools.cache
def others() -> list[dns.LabZone | dns.MailZone]:
    """The zones that stay as they are."""
    return [each for each in life.zones() if each.domain != DOMAIN]


def forget(box: Host) -> None:
    """Make the box forget policies and answers."""
    box.run('systemctl', 'stop', *UNITS)
    box.run('find', '/var/lib/mta-sts', '-type', 'f', '-delete')
    box.run('resolvectl', 'flush-caches')
    box.run('systemctl', 'reload', 'postfix')


def show(outside: Host, certificate: PartnerCertificate) -> None:
    """Let the other mail host show a certificate."""
    outside.run('tee', '/etc/postfix/lab.pem', stdin=certificate.text)
    outside.run('postconf', '-e', 'smtpd_tls_chain_files=/etc/postfix/lab.pem')
    outside.run('systemctl', 'reload', 'postfix')


def publish(*records: str, options: tuple[str, ...] = ()) -> None:
    """Serve the other domain with further records."""
    zone = dns.MailZone(
        DOMAIN, settings.OUTSIDE_IP, 'mail', 'mx',
        (f'mail A {settings.OUTSIDE_IP}', f'ns A {settings.DNS}',
         f'mta-sts A {settings.GATEWAY}', *records), options,
    )  # fmt: skip
    dns.publish([zone, *others()])


@contextmanager
def policy_server(certificate: PartnerCertificate, *hosts: str) -> Iterator[None]:
    """Serve the policy of the other domain over HTTPS."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header('Content-Type', 'text/plain')
            self.end_headers()
            self.wfile.write(enforce(*(hosts or (MX,))).encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    server = http.server.ThreadingHTTPServer((settings.GATEWAY, 443), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with webserver.answering(server):
        yield


def send(box: Host) -> mail.EmailMessage:
    """Send a mail out."""
    sent = mail.message(ALICE.address, CAROL.address)
    mail.submit(box.ip, ALICE, sent)
    return sent


def connection(box: Host, outside: Host) -> str:
    """Send a mail out, wait until it is there, and return how Postfix calls the connection."""
    start = f'@{box.run("date", "+%s.%N").strip()}'
    mail.wait_for(outside.ip, CAROL, send(box), encrypted=False)
    log = box.run('journalctl', '-q', '--since', start, '-o', 'cat', '-t', 'postfix/smtp')
    (found,) = re.findall(rf'^(\w+) TLS connection established to {MX}', log, re.MULTILINE)
    return str(found)


def assert_waits(box: Host, reason: str) -> None:
    """Check that the mail waits, for this reason."""
    mail.until('the mail to be put off', lambda: reason in box.run('postqueue', '-j'), 60)


STS = '_mta-sts TXT "v=STSv1; id=1"'


def test_a_right_certificate_is_delivered_to(
    box: Host, outside: Host, right: PartnerCertificate
) -> None:
    show(outside, right)
    publish(STS)
    with policy_server(right):
        assert connection(box, outside) == 'Verified'


def test_a_wrong_certificate_is_not_delivered_to(
    box: Host, outside: Host, right: PartnerCertificate, wrong: PartnerCertificate
) -> None:
    show(outside, wrong)
    publish(STS)
    with policy_server(right):
        send(box)
        assert_waits(box, 'not verified')


@pytest.mark.parametrize('hosts', [(*MANY, MX), (f'*.{DOMAIN}',)])
def test_a_policy_may_name_many_hosts(
    box: Host, outside: Host, right: PartnerCertificate, hosts: tuple[str, ...]
) -> None:
    show(outside, right)
    publish(STS)
    with policy_server(right, *hosts):
        assert connection(box, outside) == 'Verified'


def test_a_host_the_policy_does_not_name_gets_nothing(
    box: Host, outside: Host, right: PartnerCertificate
) -> None:
    """Its certificate fits a name of the policy, as that of another host there may do."""
    show(outside, right)
    publish(STS)
    with policy_server(right, OTHER, f'*.deeper.{DOMAIN}'):
        journal = box.journal_since()
        send(box)
        assert_waits(box, 'server unavailable or unable to receive mail')
    assert f"MX name '{MX}' does not match STS MX pattern" in journal('-t', 'postfix/smtp')


@pytest.mark.usefixtures('right')
def test_a_policy_no_one_can_fetch_is_no_policy(
    box: Host, outside: Host, wrong: PartnerCertificate
) -> None:
    show(outside, wrong)
    publish(STS)
    assert connection(box, outside) == 'Untrusted'


@pytest.mark.usefixtures('right')
def test_without_any_policy_any_certificate_will_do(
    box: Host, outside: Host, wrong: PartnerCertificate
) -> None:
    show(outside, wrong)
    publish()
    assert connection(box, outside) == 'Untrusted'


@pytest.fixture(name='signed')
def fixture_signed(box: Host) -> Iterator[Callable[[str], None]]:
    """A way to serve the other domain signed, to a box that looks at signatures."""

    def serve(*records: str) -> None:
        publish(*records, options=dns.SIGNED)
        box.run('mkdir', '-p', str(Path(ANCHOR).parent))
        box.run('tee', ANCHOR, stdin=dns.delegation(DOMAIN).replace(' DS ', ' IN DS '))
        box.run('systemctl', 'restart', 'systemd-resolved')
        box.run('resolvectl', 'dnssec', 'host0', 'yes')

    yield serve
    box.run('rm', '-f', ANCHOR)
    box.run('resolvectl', 'dnssec', 'host0', 'no')
    box.run('systemctl', 'restart', 'systemd-resolved')


def test_dane_with_the_right_key(
    box: Host, outside: Host, signed: Callable[[str], None], wrong: PartnerCertificate
) -> None:
    """The name in the certificate is of no matter then, nor who made it."""
    show(outside, wrong)
    signed(f'_25._tcp.mail TLSA {wrong.tlsa}')
    assert connection(box, outside) == 'Verified'


def test_dane_with_the_wrong_key(
    box: Host, outside: Host, signed: Callable[[str], None], right: PartnerCertificate
) -> None:
    show(outside, right)
    signed(f'_25._tcp.mail TLSA 3 1 1 {"ab" * 32}')
    send(box)
    assert_waits(box, 'not verified')


def test_dane_goes_before_mta_sts(
    box: Host, outside: Host, right: PartnerCertificate, signed: Callable[..., None]
) -> None:
    """A certificate that is good enough for MTA-STS does not excuse a wrong key (RFC 8461, 2)."""
    show(outside, right)
    signed(f'_25._tcp.mail TLSA 3 1 1 {"ab" * 32}', STS)
    with policy_server(right):
        send(box)
        assert_waits(box, 'not verified')


def test_nothing_of_it_runs_when_no_mail_goes_out(box: Host, outside: Host) -> None:
    assert box.run('systemctl', 'is-enabled', UNITS[1], check=False).strip() == 'disabled'
    mail.wait_for(outside.ip, CAROL, send(box), encrypted=False)
    assert box.succeeds('systemctl', 'is-active', UNITS[1])
    box.run('systemctl', 'stop', UNITS[0])
    mail.until('it to stop', lambda: not box.succeeds('systemctl', 'is-active', UNITS[1]), 30)
