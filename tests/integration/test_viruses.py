# SPDX-License-Identifier: AGPL-3.0-or-later
"""The optional part “antivirus”: installed, caught by it, passed by it, down, and removed again.

Its signatures are two: one of the lab for EICAR's test file, and the app's own for GTUBE.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
EICAR = rb'X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'
GTUBE = b'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
SIGNATURE = f'{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Lab.EICAR\n'
FOLDER = '/var/lib/clamav'
SOCKET = '/run/freedombox-email-clamd.sock'
UNITS = ('freedombox-email-clamd.service', 'freedombox-email-clamd.socket')
_SAY = """
import socket, sys
with socket.socket(socket.AF_UNIX) as one:
    one.connect(sys.argv[1])
    one.sendall(sys.argv[2].encode())
    print(one.recv(100))
"""
_LIAR = """
import socketserver, sys
class Says(socketserver.StreamRequestHandler):
    def handle(self):
        self.request.recv(100000)
        self.wfile.write(sys.argv[2].encode() + bytes(1))
with socketserver.ThreadingUnixStreamServer(sys.argv[1], Says) as server:
    server.serve_forever()
"""


@pytest.fixture(scope='module', autouse=True)
def _antivirus(box: Host) -> Iterator[None]:
    """Have the scanner installed, with signatures as if they had been downloaded."""
    box.run('mkdir', '-p', FOLDER)
    box.run('tee', f'{FOLDER}/lab.hdb', stdin=SIGNATURE)
    box.run('freedombox-email', 'component', 'install', 'antivirus')
    yield
    box.run('freedombox-email', 'component', 'remove', 'antivirus')
    box.run('rm', '-rf', FOLDER)


def _with_file(name: str, content: bytes) -> EmailMessage:
    """A message with an attached file."""
    sent = mail.message(CAROL.address, BOB.address)
    sent.add_attachment(content, 'application', 'octet-stream', filename=name)
    return sent


def _zipped(content: bytes, name: str = 'content.bin') -> bytes:
    """A compressed archive with one file."""
    with io.BytesIO() as stream:
        with zipfile.ZipFile(stream, 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return stream.getvalue()


def _plain(content: bytes) -> EmailMessage:
    return _with_file('content.bin', content)


def _in_zip(content: bytes) -> EmailMessage:
    return _with_file('content.zip', _zipped(content))


def _in_zip_in_zip(content: bytes) -> EmailMessage:
    return _with_file('content.zip', _zipped(_zipped(content), 'content.zip'))


def _nested(content: bytes) -> EmailMessage:
    outer = mail.message(CAROL.address, BOB.address)
    outer.add_attachment(_plain(content))
    return outer


def _in_zip_in_nested(content: bytes) -> EmailMessage:
    outer = mail.message(CAROL.address, BOB.address)
    outer.add_attachment(_in_zip(content))
    return outer


SHAPES = [_plain, _in_zip, _in_zip_in_zip, _nested, _in_zip_in_nested]


def _refusal(box: Host, sent: EmailMessage) -> tuple[int, str]:
    """The answer to a message from outside."""
    return mail.answer(lambda: mail.deliver(box.ip, sent))


@pytest.mark.parametrize('content', [EICAR, GTUBE], ids=['eicar', 'gtube'])
@pytest.mark.parametrize('shape', SHAPES)
def test_it_is_refused(box: Host, shape: Callable[[bytes], EmailMessage], content: bytes) -> None:
    code, text = _refusal(box, shape(content))
    assert code == 554
    assert 'virus' in text or 'Gtube' in text


def test_it_is_refused_in_mail_of_our_own_users_too(box: Host) -> None:
    sent = mail.message(ALICE.address, CAROL.address)
    sent.add_attachment(_zipped(EICAR), 'application', 'zip', filename='holiday.zip')
    code, text = mail.answer(lambda: mail.submit(box.ip, ALICE, sent))
    assert code == 554
    assert 'contains a virus: Lab.EICAR' in text


def test_what_is_clean_passes(box: Host) -> None:
    sent = _in_zip(b'only numbers ' * 1000)
    mail.deliver_in_time(box.ip, sent)
    mail.wait_for(box.ip, BOB, sent)


def test_a_message_as_large_as_may_be_passes(box: Host) -> None:
    sent = mail.message(ALICE.address, BOB.address)
    sent.add_attachment(bytes(30_000_000), 'application', 'x-zeros', filename='zeros')
    mail.submit(box.ip, ALICE, sent)
    mail.wait_for(box.ip, BOB, sent)


def test_mail_waits_while_the_scanner_is_down(box: Host) -> None:
    sent = mail.message(ALICE.address, BOB.address)
    box.run('systemctl', 'stop', *UNITS)
    try:
        code, text = mail.answer(lambda: mail.submit(box.ip, ALICE, sent))
        assert code == 451
        assert 'scanner is not ready' in text
        assert _refusal(box, mail.message(CAROL.address, BOB.address))[0] == 451
    finally:
        box.run('systemctl', 'start', *UNITS)
    mail.submit(box.ip, ALICE, sent)
    mail.wait_for(box.ip, BOB, sent)


@pytest.mark.parametrize('said', ['INSTREAM size limit exceeded. ERROR', 'stream: OKAY', ''])
def test_mail_waits_when_the_scanner_says_something_else(box: Host, said: str) -> None:
    box.run('systemctl', 'stop', *UNITS)
    liar = ('systemd-run', '--unit=liar', '--uid=_rspamd', '--collect')
    box.run('install', '-d', '-o', '_rspamd', '/run/liar')
    box.run(*liar, 'python3', '-c', _LIAR, '/run/liar/sock', said)
    box.run('ln', '-s', '/run/liar/sock', SOCKET)
    try:
        wait_for('the liar', lambda: box.succeeds('test', '-S', '/run/liar/sock'), 10)
        sent = mail.message(ALICE.address, BOB.address)
        assert mail.answer(lambda: mail.submit(box.ip, ALICE, sent))[0] == 451
    finally:
        box.run('systemctl', 'stop', 'liar')
        box.run('rm', '-rf', '/run/liar', SOCKET)
        box.run('systemctl', 'start', *UNITS)


@pytest.mark.parametrize('account', ['nobody', 'alice', 'www-data', 'vmail', 'clamav', 'plinth'])
def test_no_account_ends_or_blinds_the_scanner(box: Host, account: str) -> None:
    say = ('runuser', '-u', account, '--', 'python3', '-c', _SAY, SOCKET, 'SHUTDOWN\n')
    assert 'Permission denied' in box.run(*say, check=False)
    assert box.run('python3', '-c', _SAY, SOCKET, 'PING\n').strip() == "b'PONG\\n'"
    assert not box.succeeds('systemctl', 'is-active', 'clamav-daemon.service')


def test_the_scanner_sees_no_mail_and_no_keys(box: Host) -> None:
    pid = box.run('systemctl', 'show', '-P', 'MainPID', UNITS[0]).strip()
    for path in ('/var/vmail', '/var/lib/freedombox-email', '/var/spool/postfix'):
        seen = ('nsenter', '-t', pid, '-m', '--', 'setpriv', '--reuid=clamav', '--clear-groups')
        assert not box.succeeds(*seen, 'ls', path)


def test_a_crash_of_the_scanner_is_mended(box: Host) -> None:
    before = box.run('systemctl', 'show', '-P', 'MainPID', UNITS[0]).strip()
    box.run('kill', '-KILL', before)
    wait_for('another one', lambda: _pid(box) not in (before, '0'), 30)


def _pid(box: Host) -> str:
    return box.run('systemctl', 'show', '-P', 'MainPID', UNITS[0]).strip()
