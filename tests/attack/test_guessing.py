# SPDX-License-Identifier: AGPL-3.0-or-later
"""Strangers who guess passwords are few guesses away from silence, and shut no one else out.

The guesser sits on the lab's bridge with addresses of its own, for a banned host must not
be the machine the other tests run on.
"""

import base64
import json
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host
from tests.integration import mail

from .households import BOX_SIX, FOURS, HOME, SIX, SIXES, VICTIM, banned, count_guesses, elsewhere

ALICE, BOB = settings.USERS
UNIT = 'freedombox-email-auth-policy'
PORTS = {'imap': 993, 'pop3': 995, 'sieve': 4190, 'smtp': 465}
GUESSERS = dict(zip(PORTS, FOURS, strict=False))
"""A household for each protocol that is guessed over."""
FOUR = GUESSERS['imap']
KNOWN, PHONE = FOURS[4:6]
ENDLESS = FOURS[7:11]
ENDED = r'refused|reset|unreachable|timed out|ended'
NAMED = 20
"""Different wrong passwords until a household is named."""
ON_CONNECTION = 5
"""Wrong passwords until a connection ends; Postfix names no connections to Dovecot, and counts
errors of its own."""
MOST_ERRORS = 10


@pytest.fixture(scope='module', autouse=True)
def fixture_guesser(box: Host) -> Iterator[None]:
    """Addresses for the guessers."""
    with elsewhere(box):
        yield


class Client:
    """A connection on which one password after the other can be tried."""

    def __init__(self, protocol: str, ip: str, source: str = '', patience: float = 30) -> None:
        self._protocol = protocol
        where = (source, 0) if source else None
        self._socket = socket.create_connection((ip, PORTS[protocol]), 30, where)
        if protocol == 'sieve':
            self._open()
            self._until_ok()
            self._say('STARTTLS')
            self._file.close()
        self._socket = mail.tls().wrap_socket(self._socket)
        self._open()
        if protocol == 'sieve':
            self._until_ok()
        else:
            self._file.readline()
        if protocol == 'smtp':
            self._say(f'EHLO {mail.HELO}')
        self._socket.settimeout(patience)

    def _open(self) -> None:
        self._file = self._socket.makefile('rb')

    def _until_ok(self) -> None:
        while not self._file.readline().startswith(b'OK'):
            pass

    def _say(self, line: str) -> str:
        """Say something and return the last line of the answer."""
        self._socket.sendall(line.encode() + b'\r\n')
        answer = self._file.readline()
        while answer[3:4] == b'-':
            answer = self._file.readline()
        if not answer:
            raise ConnectionResetError('the box ended the connection')
        return answer.decode()

    def try_(self, login: str, password: str) -> str:
        """Try a password and return the answer."""
        secret = base64.b64encode(f'\0{login}\0{password}'.encode()).decode()
        return self._say(
            {
                'imap': f'a AUTHENTICATE PLAIN {secret}',
                'pop3': f'AUTH PLAIN {secret}',
                'sieve': f'AUTHENTICATE "PLAIN" "{secret}"',
                'smtp': f'AUTH PLAIN {secret}',
            }[self._protocol]
        )

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()


def once(protocol: str, ip: str, login: str, password: str, source: str = '') -> str:
    """Try one password and return the answer."""
    client = Client(protocol, ip, source)
    try:
        return client.try_(login, password)
    finally:
        client.close()


def at_once(ip: str, tries: list[tuple[str, str, str, str]]) -> list[str]:
    """Try passwords all at the same time: protocol, login, password, source."""

    def attempt(protocol: str, login: str, password: str, source: str) -> str:
        try:
            return once(protocol, ip, login, password, source)
        except OSError as error:
            return str(error)

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(lambda each: attempt(*each), tries))


def attempt(client: Client, password: str) -> str:
    """Try a password on an open connection; whatever comes of it is the answer."""
    try:
        return client.try_(ALICE.username, password)
    except OSError as error:
        return str(error)


def guesses(protocol: str, source: str, count: int = NAMED) -> list[tuple[str, str, str, str]]:
    """Guesses over one protocol."""
    return [(protocol, ALICE.username, f'guess {n}', source) for n in range(count)]


@pytest.fixture(scope='module')
def guessed(box: Host) -> Iterator[Client]:
    """Households guess, each over one protocol, and one from which a right password came before.

    A connection of the first is open meanwhile.
    """
    assert once('imap', box.ip, BOB.username, BOB.password, KNOWN).startswith('a OK')
    open_one = Client('imap', box.ip, FOUR, patience=5)
    tries = [each for pair in GUESSERS.items() for each in guesses(*pair)]
    said = at_once(box.ip, [*tries, *guesses('imap', KNOWN)])
    assert not any('OK' in line or line.startswith('235') for line in said)
    yield open_one
    open_one.close()


def test_who_guesses_is_shut_out_and_no_one_else(box: Host, guessed: Client) -> None:
    assert not attempt(guessed, 'one more guess').startswith('a OK')
    wait_for('the ban of a guesser', lambda: FOUR in banned(box), 30)
    with pytest.raises(OSError, match=ENDED):
        Client('imap', box.ip, FOUR)
    with pytest.raises(OSError, match=r'reset|ended|EOF|Broken pipe'):
        guessed.try_(ALICE.username, 'a guess on a connection that was open before')
    left = box.run('ss', '--tcp', '--no-header', f'dst {FOUR} and sport = :993')
    assert not left.strip(), 'the box holds a connection of a guesser'
    assert once('imap', box.ip, ALICE.username, ALICE.password).startswith('a OK')


@pytest.mark.usefixtures('guessed')
@pytest.mark.parametrize('protocol', PORTS)
def test_a_guesser_is_banned_and_unbanned(box: Host, protocol: str) -> None:
    source = GUESSERS[protocol]
    with suppress(OSError):
        once(protocol, box.ip, ALICE.username, 'one more guess', source)
    wait_for('the ban of a guesser', lambda: source in banned(box), 30)
    with pytest.raises(OSError, match=ENDED):
        Client(protocol, box.ip, source)
    assert source in box.run('freedombox-email', 'bans', 'list')
    box.run('freedombox-email', 'bans', 'remove', source)
    assert source not in banned(box)
    said = once(protocol, box.ip, ALICE.username, ALICE.password, source)
    assert said.startswith(('a OK', '+OK', 'OK', '235')), f'its guesses are not forgotten: {said}'


@pytest.mark.usefixtures('guessed')
def test_a_right_password_is_refused_to_a_guesser(box: Host) -> None:
    said = once('imap', box.ip, ALICE.username, ALICE.password, KNOWN)
    assert said.startswith('a NO'), 'whoever guesses right at last must not learn it'


@pytest.mark.usefixtures('guessed')
def test_a_known_household_is_refused_and_not_banned(box: Host) -> None:
    listed = json.loads(box.run('freedombox-email', 'bans', 'list', '--json'))['bans']
    assert (KNOWN, 'refused') in {(each['network'], each['rule']) for each in listed}
    assert KNOWN not in banned(box)
    Client('imap', box.ip, KNOWN).close()
    box.run('freedombox-email', 'bans', 'remove', KNOWN)
    assert once('imap', box.ip, ALICE.username, ALICE.password, KNOWN).startswith('a OK')


def test_a_network_of_the_box_is_never_banned(box: Host) -> None:
    for source in (HOME, VICTIM):
        count_guesses(box, source)
    wait_for('the ban of the other one', lambda: VICTIM in banned(box), 30)
    assert HOME not in banned(box)
    assert once('imap', box.ip, ALICE.username, ALICE.password, HOME).startswith('a NO')
    for source in (HOME, VICTIM):
        box.run('freedombox-email', 'bans', 'remove', source)
    assert once('imap', box.ip, ALICE.username, ALICE.password, HOME).startswith('a OK')


def _tries_until_it_ends(ip: str, protocol: str, source: str) -> int:
    """How often one wrong password can be tried on a connection that stays open."""
    client = Client(protocol, ip, source)
    try:
        for number in range(4 * ON_CONNECTION):
            try:
                client.try_(ALICE.username, 'the password of last year')
            except OSError:
                return number
        return 4 * ON_CONNECTION
    finally:
        client.close()


@pytest.fixture(scope='module', autouse=True)
def endless(box: Host, fixture_guesser: None) -> Iterator[dict[str, Future[int]]]:  # noqa: ARG001
    """Try on open connections, each of another household, while other tests run."""
    with ThreadPoolExecutor(len(PORTS)) as pool:
        yield {
            protocol: pool.submit(_tries_until_it_ends, box.ip, protocol, source)
            for protocol, source in zip(PORTS, ENDLESS, strict=True)
        }


@pytest.mark.parametrize('protocol', list(PORTS))
def test_a_connection_ends_after_a_few_tries(
    box: Host, endless: dict[str, Future[int]], protocol: str
) -> None:
    most = MOST_ERRORS + 1 if protocol == 'smtp' else ON_CONNECTION + 1
    assert endless[protocol].result() <= most
    source = dict(zip(PORTS, ENDLESS, strict=True))[protocol]
    assert once('imap', box.ip, BOB.username, BOB.password, source).startswith('a OK'), (
        'others in that household are shut out'
    )


def test_all_addresses_of_an_ipv6_household_are_one(box: Host) -> None:
    tries = [(list(PORTS)[n % 4], ALICE.username, f'guess {n}', SIXES[n % 4]) for n in range(NAMED)]
    at_once(BOX_SIX, tries)
    at_once(BOX_SIX, [('imap', ALICE.username, 'one more guess', SIXES[0])])
    wait_for('the ban of a network', lambda: f'{SIX}::/64' in banned(box), 30)
    with pytest.raises(OSError, match=ENDED):
        Client('imap', BOX_SIX, SIXES[4])
    box.run('freedombox-email', 'bans', 'remove', SIXES[3])
    assert once('imap', BOX_SIX, BOB.username, BOB.password, SIXES[4]).startswith('a OK')


def test_an_old_phone_shuts_no_household_out(box: Host) -> None:
    old = [('imap', ALICE.username, 'the password of last year', PHONE)] * 13
    old += [('smtp', ALICE.username, 'the password of last year', PHONE)] * 13
    assert len(old) > NAMED
    said = at_once(box.ip, old)
    assert not any('OK' in line or line.startswith('235') for line in said)
    assert once('imap', box.ip, BOB.username, BOB.password, PHONE).startswith('a OK')
    assert PHONE not in banned(box), 'an old phone is no guesser'
    log = box.run('journalctl', '-u', UNIT, '-n', '50', '--output=cat', '--no-pager')
    assert f'passwords from {PHONE}' not in log


def test_no_other_process_has_a_household_shut_out(box: Host) -> None:
    words = ['curl', '--silent', '--max-time', '5', '--data', '{"login":"a","remote":"192.0.2.1",'
             '"pwhash":"0","success":false}', 'http://127.0.0.1:8463/?command=report']  # fmt: skip
    for user in ('www-data', 'nobody'):
        said = box.run('runuser', '-u', user, '--', *words, check=False)
        assert 'status' not in said, f'{user} may report wrong passwords of others'


@pytest.mark.journal_may_say(r'auth.*policy: Policy server HTTP error')
def test_logins_go_on_when_no_one_counts(box: Host) -> None:
    box.run('systemctl', 'stop', f'{UNIT}.socket', f'{UNIT}.service')
    try:
        assert once('imap', box.ip, ALICE.username, ALICE.password).startswith('a OK')
        assert once('smtp', box.ip, ALICE.username, ALICE.password).startswith('235')
    finally:
        box.run('systemctl', 'start', f'{UNIT}.socket')


def test_answers_say_nothing_about_who_has_a_mailbox(box: Host) -> None:
    passwords = ('', 'a', 'abc', 'é', 'abcd', 'ab\\', '*', 'x' * 200)
    logins = ('nobody-here', '*', 'ali*', 'a)(uid=*', 'a\\2a', 'alice)', '(')
    tries = [(ALICE.username, password) for password in passwords]
    tries += [('nobody-here', password) for password in passwords[:3]]
    tries += [(login, ALICE.password) for login in logins]
    assert len(tries) < NAMED
    sources = dict(zip(PORTS, FOURS[12:16], strict=True))
    wanted = [(protocol, *each, source) for protocol, source in sources.items() for each in tries]
    answers = at_once(box.ip, wanted)
    for protocol in PORTS:
        said = {a for a, each in zip(answers, wanted, strict=True) if each[0] == protocol}
        assert len(said) == 1, (protocol, said)
        assert not said.pop().startswith(('a OK', '+OK', 'OK', '235'))


@pytest.mark.parametrize('login', ['ALICE', 'alice@example.test', 'Alice@Example.Test'])
def test_ordinary_logins_go_on(box: Host, login: str) -> None:
    assert once('imap', box.ip, login, ALICE.password).startswith('a OK')
