# SPDX-License-Identifier: AGPL-3.0-or-later
"""A test of the way out: the conversation Postfix would have, up to the recipient.

A test sends no message; a notice to an address outside (`outside_notice.py`) goes the same way
and is sent at its end. Every step is a verdict, whose sentence is in `words/route.py`; it holds the
other side's own words, and never a password.

DIAGNOSTICS
    address-invalid   a sender or recipient that is none
    domain-missing.no-mail-domain, mail-not-set-up   see the directory
"""

import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..directory.address import parse
from ..directory.domain import Domain
from ..directory.relay import Relay, chain
from ..directory.routing import Decision, decide, relays_of
from ..directory.store import Store
from ..dns import endpoints
from ..errors import MailError
from ..status import State, Verdict
from ..system.json_value import JsonValue
from . import relay_secrets
from .smtp_wire import Reply, SmtpWire

SECONDS = 12.0
MOST_HOSTS = 3
_DNS_SECONDS = 5.0
PORT = 25


@dataclass(frozen=True)
class Conversation(JsonValue):
    """The steps of a test, and whether the way works."""

    sender: str
    recipient: str
    steps: tuple[Verdict, ...]

    @property
    def works(self) -> bool:
        """Whether all went well."""
        return all(step.state is not State.BROKEN for step in self.steps)


@dataclass(frozen=True)
class _Target:
    """The host to talk to: a relay, or a server of the recipient's domain."""

    host: str
    port: int
    relay: Relay | None = None
    password: str = ''

    def where(self, address: str) -> dict[str, str]:
        """The values that name it at one of its addresses."""
        return {'host': self.host, 'address': address, 'port': str(self.port)}


class BrokenOffError(Exception):
    """The end of a conversation; its step says why."""

    def __init__(self, code: str, said: str = '', **params: str) -> None:
        self.step = Verdict(State.BROKEN, code, params, (said,) if said else ())
        super().__init__(code)


def _fine(code: str, said: str = '', **params: str) -> Verdict:
    return Verdict(State.WORKS, code, params, (said,) if said else ())


def _must(reply: Reply, code: str, **params: str) -> str:
    """The words of a reply that is fine; else the conversation ends with this code."""
    if not reply.is_fine:
        raise BrokenOffError(code, reply.said, **params)
    return reply.said


def _mail_hosts(place: str) -> list[str]:
    """The servers that take mail for a domain, the first choice first."""
    import dns.exception  # slow to import, and root's door has no use for it
    import dns.resolver

    resolver = dns.resolver.Resolver()
    try:
        found = resolver.resolve(place, 'MX', lifetime=_DNS_SECONDS)
    except dns.resolver.NoAnswer:
        return [place]
    except dns.exception.DNSException as error:
        raise BrokenOffError('mx-unknown', type(error).__name__, domain=place) from error
    rows = sorted((each.preference, str(each.exchange).rstrip('.')) for each in found)
    if [name for _, name in rows] == ['']:
        raise BrokenOffError('mx-null', domain=place)
    return [name for _, name in rows][:MOST_HOSTS]


def _addresses(host: str) -> list[str]:
    """The addresses of a host, as many as are tried."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise BrokenOffError('host-unknown', str(error), host=host) from error
    kinds = {str(each[4][0]): each[0] for each in found}
    firsts = {kind: address for address, kind in reversed(kinds.items())}
    return list(firsts.values())


def _why(error: OSError) -> tuple[str, str]:
    """The code for a connection that failed, and the system's own words where they tell more."""
    if isinstance(error, TimeoutError):
        return 'connect-timeout', ''
    if isinstance(error, ConnectionRefusedError):
        return 'connect-refused', ''
    return 'connect-failed', str(error.strerror or error)


def _connect(target: _Target, until: float) -> tuple[SmtpWire, str]:
    """A connection to one of the addresses of a host, and this address."""
    failed = BrokenOffError('host-unknown', host=target.host)
    for address in _addresses(target.host):
        try:
            return SmtpWire(address, target.port, until), address
        except OSError as error:
            failed = BrokenOffError(*_why(error), **target.where(address))
    raise failed


def _context(target: _Target) -> ssl.SSLContext:
    """How a connection is encrypted; the name of a server by MX is not known for certain."""
    context = ssl.create_default_context()
    if not target.relay or not target.relay.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _encrypt(wire: SmtpWire, target: _Target) -> Verdict:
    """Go on encrypted, and by what."""
    try:
        wire.encrypt(_context(target), target.host)
    except ssl.SSLCertVerificationError as error:
        raise BrokenOffError('certificate-wrong', error.verify_message, host=target.host) from error
    except ssl.SSLError as error:
        raise BrokenOffError('tls-failed', str(error.reason), host=target.host) from error
    version, cipher = wire.cipher
    is_checked = bool(target.relay and target.relay.verify)
    code = 'encrypted' if is_checked else 'encrypted-unchecked'
    return _fine(code, host=target.host, version=version, cipher=cipher)


def _hello(wire: SmtpWire, name: str) -> Reply:
    """The reply to our greeting."""
    found = wire.ask(f'EHLO {name}')
    _must(found, 'hello-refused')
    return found


def _methods(hello: Reply) -> tuple[str, ...]:
    """The ways to log in that a server offers."""
    return tuple(
        word.upper()
        for line in hello.lines
        if line.upper().startswith('AUTH')
        for word in line[4:].replace('=', ' ').split()
    )


def _offers_tls(hello: Reply) -> bool:
    return any(line.strip().upper() == 'STARTTLS' for line in hello.lines)


class _Talk:
    """A conversation with one host over an open connection, whose steps it notes."""

    def __init__(self, wire: SmtpWire, target: _Target, name: str, steps: list[Verdict]) -> None:
        self._wire = wire
        self._target = target
        self._name = name
        self._steps = steps

    def _hello(self) -> Reply:
        """The reply to our greeting."""
        found = self._wire.ask(f'EHLO {self._name}')
        _must(found, 'hello-refused')
        return found

    def _begin(self) -> Reply:
        """Come to a conversation that is encrypted as wanted; the reply to our greeting in it."""
        relay, host = self._target.relay, self._target.host
        wish = relay.tls if relay else 'starttls'
        if wish == 'implicit':
            self._steps.append(_encrypt(self._wire, self._target))
        self._steps.append(_fine('greeted', _must(self._wire.reply(), 'greeting-refused')))
        hello = self._hello()
        if wish == 'starttls' and _offers_tls(hello):
            _must(self._wire.ask('STARTTLS'), 'tls-refused')
            self._steps.append(_encrypt(self._wire, self._target))
            return self._hello()
        if wish == 'starttls' and relay:
            raise BrokenOffError('tls-missing', host=host)
        if wish != 'implicit':
            self._steps.append(Verdict(State.LOOK, 'not-encrypted', {'host': host}))
        return hello

    def _log_in(self, hello: Reply) -> None:
        """Log in, where there is a login."""
        relay = self._target.relay
        if relay is None or not relay.login:
            return
        if not self._target.password:
            raise BrokenOffError('password-unknown', relay=relay.name)
        reply = self._wire.login(_methods(hello), relay.login, self._target.password)
        if reply is None:
            raise BrokenOffError('login-missing', host=self._target.host)
        _must(reply, 'login-refused', login=relay.login)
        self._steps.append(_fine('login-taken', login=relay.login))

    def run(self, sender: str, recipient: str, content: bytes) -> None:
        """Talk up to the recipient, and send a message if there is one."""
        self._log_in(self._begin())
        said = _must(self._wire.ask(f'MAIL FROM:<{sender}>'), 'sender-refused', sender=sender)
        self._steps.append(_fine('sender-taken', said, sender=sender))
        if recipient:
            reply = self._wire.ask(f'RCPT TO:<{recipient}>')
            said = _must(reply, 'recipient-refused', recipient=recipient)
            self._steps.append(_fine('recipient-taken', said, recipient=recipient))
        if content:
            _must(self._wire.ask('DATA'), 'message-refused')
            _must(self._wire.send(content), 'message-refused')


@dataclass
class RouteTrial:
    """The test of one way; what was seen so far is in `steps`."""

    sender: str
    recipient: str
    name: str
    until: float
    content: bytes = b''
    """The message to send, which is none in a test."""
    steps: list[Verdict] = field(default_factory=list)

    def _with(self, target: _Target) -> None:
        """Talk to one host."""
        wire, address = _connect(target, self.until)
        try:
            with wire:
                self.steps.append(_fine('connected', **target.where(address)))
                _Talk(wire, target, self.name, self.steps).run(
                    self.sender, self.recipient, self.content
                )
        except TimeoutError as error:
            raise BrokenOffError('silent', host=target.host) from error
        except (OSError, ValueError) as error:
            raise BrokenOffError('broken-off', str(error), host=target.host) from error

    def _in_turn(self, targets: Sequence[_Target]) -> None:
        """Talk to the first host that can be connected to."""
        for number, target in enumerate(targets, 1):
            try:
                self._with(target)
            except BrokenOffError as error:
                can_go_on = error.step.code.startswith(('connect-', 'host-'))
                if number == len(targets) or not can_go_on:
                    raise
                self.steps.append(replace(error.step, state=State.LOOK))
            else:
                return

    def by_relay(self, targets: Sequence[_Target]) -> None:
        """Send by a relay or its backups."""
        self._in_turn(targets)

    def direct(self, place: str, fallback: Sequence[_Target], relay: str) -> None:
        """Send directly, and by a relay where that fails."""
        try:
            self._in_turn(_servers(place))
        except BrokenOffError as error:
            if not fallback:
                raise
            self.steps += [replace(error.step, state=State.LOOK), _fine('falls-back', relay=relay)]
            self._in_turn(fallback)


def _relays(store: Store, decision: Decision) -> list[_Target]:
    """The relay of a way and its backups."""
    relays = relays_of(store)
    first = relays.get(decision.route.relay)
    return [
        _Target(each.host, each.port, each, relay_secrets.password_of(each))
        for each in (chain(first, relays) if first else ())
    ]


def _servers(place: str) -> list[_Target]:
    """The servers of a domain; without one, servers all the world knows."""
    hosts = _mail_hosts(place) if place else list(endpoints.load().mail_hosts)
    return [_Target(host, PORT) for host in hosts[:MOST_HOSTS]]


def go(store: Store, test: RouteTrial) -> None:
    """Go the way of a message, as far as it leads."""
    place = parse(test.recipient).domain if test.recipient else ''
    if place and (domain := store.find(Domain, place)):
        test.steps.append(_fine('stays-here', domain=domain.name))
        return
    decision = decide(store, test.sender, place)
    route, relays = decision.route, _relays(store, decision)
    chosen = {'relay': route.relay, 'key': decision.key}
    test.steps.append(_fine(f'way-{route.kind}-{decision.cause}', **chosen))
    if route.kind == 'relay':
        test.by_relay(relays)
    else:
        test.direct(place, relays, route.relay)
    test.steps.append(_fine('no-message-sent'))


def run(sender: str = '', recipient: str = '') -> Conversation:
    """Test the way of a message; without a sender that of the postmaster."""
    with Store() as store:
        primary = store.settings().primary_domain
        if not primary:
            raise MailError('mail-not-set-up')
        given = str(parse(sender.strip())) if sender.strip() else f'postmaster@{primary}'
        to = str(parse(recipient.strip())) if recipient.strip() else ''
        test = RouteTrial(given, to, primary, time.monotonic() + SECONDS)
        try:
            go(store, test)
        except BrokenOffError as error:
            test.steps.append(error.step)
    return Conversation(given, to, tuple(test.steps))
