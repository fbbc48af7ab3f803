# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Postfix for the ways mail leaves the box.

Each relay has two services of its own, one that sends by it alone and one that tries the
direct way first. So a login and a password can reach no other host, and the TLS of a relay is
neither weakened nor replaced by the policies of other domains. Postfix chooses by the
recipient's domain (`transport_maps`), then by the sender, first the mailbox and then the domain
(`sender_dependent_default_transport_maps`), then `default_transport`. Without relays there is
nothing of this, and no look-up.

A relay that refuses our login or our sender is a matter of settings, so such mail waits
(`smtp_delivery_status_filter`). On the direct way a refusal for reasons of policy (5.7.x: a line
of homes, no name of its address) counts as a temporary one (`smtp_reply_filter`), so that the relay
is tried.

DIAGNOSTICS
    Nothing here fails at run time. A table of passwords that is missing stops deliveries by
    its relay alone, and mail waits.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..directory.address import unicode_domain
from ..directory.relay import Relay, chain
from ..directory.route import DIRECT, Route, RouteRule
from .state import MasterService, Value, WholeFile, made

PASSWORDS = '/var/lib/freedombox-email/relays/{}.login'
"""The table with the passwords of a relay and its backups, which only root reads."""
SKIPPED = '/var/lib/freedombox-email/relays/direct-skipped.regexp'
"""Destinations that the direct way did not reach lately, as a filter of DNS."""
DIRECT_LOG = 'postfix/direct/smtp'
"""The name under which services that try the direct way first write into the journal."""
SERVICES = ('freedombox-relay-', 'freedombox-direct-')
"""How the names of our services begin."""
_ENCRYPTION = '/etc/postfix/freedombox-email-relay-tls'
_PLACES = '/etc/postfix/freedombox-email-route-places'
_WAITING = '/etc/postfix/freedombox-email-relay-waiting.regexp'
_REFUSED = '/etc/postfix/freedombox-email-direct-refused.regexp'
_CONNECT_SECONDS = '10s'
_MOST_HOSTS = '3'


@dataclass(frozen=True)
class Routing:
    """The relays, the rules for places, and services of relays that are gone."""

    relays: tuple[Relay, ...] = ()
    rules: tuple[RouteRule, ...] = ()
    usual: Route = DIRECT
    former: tuple[str, ...] = ()
    """Names of services of ours that master.cf still has."""

    @property
    def by_name(self) -> Mapping[str, Relay]:
        """The relays by their names."""
        return {relay.name: relay for relay in self.relays}

    @property
    def fallbacks(self) -> tuple[Relay, ...]:
        """The relays that can stand in for the direct way: with TLS from the start none can."""
        return tuple(relay for relay in self.relays if relay.tls != 'implicit')


def transport(route: Route, relays: Mapping[str, Relay]) -> str:
    """A way as Postfix names it: the service, and the place it delivers to."""
    relay = relays.get(route.relay)
    if relay is None:
        return 'smtp:'
    if route.kind == 'relay':
        return f'{SERVICES[0]}{relay.name}:{relay.destination}'
    return f'{SERVICES[1]}{relay.name}:' if relay.tls != 'implicit' else 'smtp:'


def _ways(routing: Routing) -> str:
    """The table from a choice in the directory to a way."""
    routes = [DIRECT, *(Route('relay', relay.name) for relay in routing.relays)]
    routes += [Route('fallback', relay.name) for relay in routing.fallbacks]
    pairs = (f'{route}={transport(route, routing.by_name)}' for route in routes)
    return f'inline:{{{", ".join(pairs)}}}'


def by_place(routing: Routing) -> str:
    """The look-up of the way to a domain elsewhere, to follow other look-ups."""
    return f', texthash:{_PLACES}' if routing.relays else ''


def keys(routing: Routing, *choices: str) -> dict[str, Value]:
    """Parameters of main.cf, with the look-ups of what a mailbox and a domain chose.

    On a box that never had a relay they are an administrator's own.
    """
    if not routing.relays and not routing.former:
        return {}
    usual, senders = 'default_transport', 'sender_dependent_default_transport_maps'
    if not routing.relays:
        return {usual: None, senders: None}
    ways = _ways(routing)
    return {
        usual: transport(routing.usual, routing.by_name).removesuffix(':'),
        senders: ', '.join(f'proxy:pipemap:{{{choice}, {ways}}}' for choice in choices),
    }


def _level(relay: Relay) -> str:
    """How carefully a relay is connected to, as a policy of Postfix."""
    if relay.tls == 'none':
        return 'none'
    return f'secure match={relay.host}' if relay.verify else 'encrypt'


def _service(name: str, options: Iterable[tuple[str, Value]]) -> MasterService:
    return MasterService(name, 'unix', 'smtp', chroot='y', options=tuple(options))


def _login(relay: Relay) -> tuple[tuple[str, Value], ...]:
    """Options for logging in, with a password this service alone knows."""
    return (
        ('smtp_sasl_auth_enable', 'yes'),
        ('smtp_sasl_password_maps', f'texthash:{PASSWORDS.format(relay.name)}'),
        ('smtp_sasl_security_options', 'noanonymous'),
        ('smtp_sasl_auth_soft_bounce', 'yes'),
        ('smtp_delivery_status_filter', f'regexp:{_WAITING}'),
    )


def _by_relay(relay: Relay, relays: Mapping[str, Relay]) -> MasterService:
    """The service that sends by a relay and its backups alone."""
    is_implicit = relay.tls == 'implicit'
    others = (each for each in chain(relay, relays)[1:] if (each.tls == 'implicit') is is_implicit)
    backups = ','.join(each.destination for each in others)
    return _service(
        f'{SERVICES[0]}{relay.name}',
        (
            *_login(relay),
            # What no line of the table says of a place must never be weaker than this.
            ('smtp_tls_security_level', 'none' if relay.tls == 'none' else 'secure'),
            ('smtp_tls_policy_maps', f'texthash:{_ENCRYPTION}'),
            ('smtp_tls_wrappermode', 'yes' if is_implicit else 'no'),
            ('smtp_fallback_relay', backups),
        ),
    )


def _direct_first(relay: Relay, relays: Mapping[str, Relay], policy: str) -> MasterService:
    """The service that tries the direct way, and then a relay and its backups.

    It waits no longer than a minute where nothing can be reached.
    """
    found = (each for each in chain(relay, relays) if each.tls != 'implicit')
    places = ','.join(each.destination for each in found)
    return _service(
        f'{SERVICES[1]}{relay.name}',
        (
            ('syslog_name', DIRECT_LOG.rpartition('/')[0]),
            *_login(relay),
            ('smtp_tls_policy_maps', f'texthash:{_ENCRYPTION},{policy}'),
            ('smtp_fallback_relay', places),
            ('smtp_reply_filter', f'regexp:{_REFUSED}'),
            ('smtp_dns_reply_filter', f'regexp:{SKIPPED}'),
            ('smtp_connect_timeout', _CONNECT_SECONDS),
            ('smtp_mx_address_limit', _MOST_HOSTS),
        ),
    )


def services(routing: Routing, policy: str) -> tuple[MasterService, ...]:
    """The services of all relays; `policy` is the look-up of TLS policies of domains."""
    relays = routing.by_name
    return (
        *(_by_relay(relay, relays) for relay in routing.relays),
        *(_direct_first(relay, relays, policy) for relay in routing.fallbacks),
    )


def absent(routing: Routing) -> tuple[tuple[str, str], ...]:
    """Services of relays that are gone."""
    wanted = {service.name for service in services(routing, '')}
    return tuple((name, 'unix') for name in sorted(set(routing.former) - wanted))


def _waiting(routing: Routing) -> WholeFile:
    """The table of refusals by a relay after which mail waits.

    It is asked about the status and all words of a failure. Failures that Postfix found itself
    (no such host, no valid certificate) are about the relay and not the recipient. Of a relay's
    own answers these are: a refused login or sender, wherever in the conversation. A message
    that is too large, that needs an address in Unicode the relay cannot take, or that is taken
    for spam, is returned at once, and so is one that a host refuses on the direct way.
    """
    hosts = '|'.join(
        sorted({re.escape(relay.host).replace('/', '\\/') for relay in routing.relays})
    )
    return made(
        _WAITING,
        'if /^5\\./\n'
        'if !/^5\\.(3\\.4|6\\.[0-9]+) | said: 552[- ]|\\(nullMX\\)/\n'
        '/^5(\\.[0-9.]+ .*SASL (\\[CACHED\\] )?authentication failed.*)$/ 4$1\n'
        'if !/ said: /\n'
        '/^5(\\.[0-9.]+ .*)$/ 4$1\n'
        'endif\n'
        f'if /(host|server) ({hosts})\\[/\n'
        '/^5(\\.[0-9.]+ .*\\(in reply to (MAIL FROM|AUTH|EHLO|HELO|STARTTLS) command\\))$/ 4$1\n'
        'if !/spam|virus|malware|phish|content/\n'
        '/^5(\\.7\\.[0-9]+ .*)$/ 4$1\n'
        '/^5(\\.[0-9.]+ .* said: 5(30|35|38|50|53|54)[- ].*'
        '(relay|sender|auth|log ?in|credential|verified|not owned).*)$/ 4$1\n'
        'endif\n'
        'endif\n'
        'endif\n'
        'endif\n',
    )


def _refused() -> WholeFile:
    """The table of refusals on the direct way that a relay may be spared."""
    return made(_REFUSED, '/^5([0-9][0-9])([- ])5\\.7\\.([0-9]+)(.*)$/ 4$1${2}4.7.$3$4\n')


def _encryption(routing: Routing) -> WholeFile:
    """The table of how each relay is encrypted; of two at one place the strict one counts."""
    levels: dict[str, str] = {}
    for relay in sorted(routing.relays, key=lambda each: (each.verify, each.tls != 'none')):
        levels[relay.destination] = _level(relay)
    rows = (f'{place} {level}\n' for place, level in sorted(levels.items()))
    return made(_ENCRYPTION, ''.join(rows))


def _places(routing: Routing, own: Iterable[str]) -> WholeFile:
    """The table of ways to domains elsewhere; mail for a domain of ours never leaves."""
    found = {rule.place: transport(rule.way, routing.by_name) for rule in routing.rules}
    rows = (
        f'{spelling} {way}\n'
        for place, way in sorted(found.items())
        if place not in set(own)
        for spelling in dict.fromkeys((place, unicode_domain(place)))
    )
    return made(_PLACES, ''.join(rows))


def tables(routing: Routing, own: Iterable[str]) -> tuple[WholeFile, ...]:
    """All tables that are in use; `own` are our domains."""
    if not routing.relays:
        return ()
    found = (_encryption(routing), _places(routing, own), _waiting(routing))
    return (*found, _refused()) if routing.fallbacks else found


TABLES = (_ENCRYPTION, _PLACES, _WAITING, _REFUSED)
"""The files of all tables."""


def absent_files(routing: Routing) -> tuple[str, ...]:
    """Tables that no service asks any more."""
    if not routing.relays:
        return TABLES
    return () if routing.fallbacks else (_REFUSED,)
