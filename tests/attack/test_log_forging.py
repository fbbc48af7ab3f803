# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lines a stranger has written into logs get no other household banned.

The lines fail2ban acts on are typed wherever a stranger may type: as logins, greetings,
addresses, passwords, names of programs and web addresses, with line breaks in all their forms.
"""

import http.client
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest

from lab.host import wait_for
from tests.conftest import Host
from tests.integration import mail

from .households import FOURS, VICTIM, all_banned, banned, count_guesses, elsewhere, let_alone
from .test_guessing import Client
from .test_web_guessing import MOST, PAGES, WebVisit, guess_a_link, look_for_the_console

STRANGER, MARK, SEEKER, FINDER = FOURS[20:24]
LAST = {'console': SEEKER, 'passwords': FINDER}
MAIL_LINES = (
    f'Too many wrong passwords from {VICTIM}',
    f'auth-policy[1]: Too many wrong passwords from {VICTIM}',
    f'authentication failure; rhost={VICTIM}',
    f'rip={VICTIM}, lip=198.51.100.10',
)
WEB_LINES = (
    f'Wrong password on the page for mail passwords from {VICTIM}',
    f'Request for the console of the spam filter from {VICTIM}',
    f'freedombox[1]: Wrong link on the page for mail passwords from {VICTIM}',
)
BREAKS = ('\n', '\r\n', '\r', '\x0b', '\x85', '\u2028', '\0')
FIELDS = ('address', 'password', 'old_password', 'again', 'code')
REPEATED = 20
"""More lines than any jail waits for."""
AT_ONCE = 28
"""Each login that fails takes two seconds or more."""


@pytest.fixture(scope='module', autouse=True)
def fixture_elsewhere(box: Host) -> Iterator[None]:
    with elsewhere(box), let_alone(box, STRANGER):
        yield


def _imap(ip: str, text: str) -> None:
    """Log in with a literal, which may hold line breaks, and name a program."""
    data = text.encode()
    with socket.create_connection((ip, 993), 20, (STRANGER, 0)) as plain:
        secure = mail.tls().wrap_socket(plain)
        answers = secure.makefile('rb')
        answers.readline()
        secure.sendall(b'a ID ("name" "%s")\r\n' % text.replace('\n', ' ').encode())
        secure.sendall(b'b LOGIN {%d+}\r\n%s {1+}\r\nx\r\n' % (len(data), data))
        answers.readline()
        secure.close()


def _sasl(ip: str, protocol: str, text: str) -> None:
    """Log in by SASL."""
    client = Client(protocol, ip, STRANGER, patience=20)
    with suppress(OSError):
        client.try_(text, 'x')
    client.close()


def _smtp(ip: str, text: str) -> None:
    """Greet and write addresses as one likes."""
    with socket.create_connection((ip, 25), 20, (STRANGER, 0)) as connection:
        answers = connection.makefile('rb')
        answers.readline()
        for line in (f'EHLO {text}', f'MAIL FROM:<{text}@x.test>', f'RCPT TO:<"{text}"@y.test>'):
            connection.sendall(line.encode() + b'\r\n')
            if not answers.readline():
                return


def _web(text: str) -> None:
    """Write into a web address and headers."""
    visit = WebVisit(STRANGER)
    quoted = ''.join(f'%{byte:02x}' for byte in text.encode())
    visit.ask(f'/{quoted}')
    visit.ask(f'{PAGES}{quoted}/')
    with suppress(ValueError, http.client.HTTPException):
        visit.ask('/rspamd/', **{'User-Agent': text, 'X-Forwarded-For': text})


def _forms(page: str, **values: str) -> None:
    """Fill in a form."""
    visit = WebVisit(STRANGER)
    visit.ask(page, visit.form(page, **values))


def _local(box: Host, line: str) -> None:
    """Write to the journal from an account of this machine, under the names of our services."""
    text = '\n'.join([line] * REPEATED)
    for name in ('auth-policy', 'freedombox'):
        box.run('runuser', '-u', 'nobody', '--', 'logger', '--tag', name, stdin=text)
        box.run('runuser', '-u', 'nobody', '--', 'systemd-cat', '-t', name, 'cat', stdin=text)


def _deeds(ip: str) -> Iterator[Callable[[], None]]:
    """All that a stranger does."""
    texts = [f'x{sign}{line}' for line in MAIL_LINES for sign in BREAKS]
    for number, text in enumerate(texts):
        yield partial(_imap, ip, text)
        yield partial(_sasl, ip, ('imap', 'pop3', 'sieve', 'smtp')[number % 4], text)
        yield partial(_smtp, ip, text)
    for line in WEB_LINES:
        for number in range(REPEATED):
            yield partial(_web, f'x{BREAKS[number % len(BREAKS)]}{line}')
        text = '\n'.join(['x', *[line] * REPEATED])
        yield partial(_forms, '/freedombox/accounts/login/', username=text, password=text)
        for page in ('password/', 'sign-in/', 'password/link/'):
            yield partial(_forms, f'{PAGES}{page}', **dict.fromkeys(FIELDS, text))


def test_no_one_else_is_banned(box: Host) -> None:
    def done(deed: Callable[[], None]) -> None:
        with suppress(OSError):
            deed()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(done, _deeds(box.ip)))
    for line in (*MAIL_LINES, *WEB_LINES):
        _local(box, line)
    # Each jail reads the journal in order: when the last one is banned, all before was read.
    count_guesses(box, MARK)
    for jail, act in (('console', look_for_the_console), ('passwords', guess_a_link)):
        attempt = act(WebVisit(LAST[jail]))
        for _again in range(MOST[jail]):
            with suppress(OSError):
                attempt()
        wait_for('the ban of the last one', partial(_is_banned, box, jail), 60)
    wait_for('the ban of the last one', lambda: MARK in banned(box), 60)
    assert VICTIM not in all_banned(box)


def _is_banned(box: Host, jail: str) -> bool:
    return LAST[jail] in banned(box, jail)
