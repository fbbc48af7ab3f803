# SPDX-License-Identifier: AGPL-3.0-or-later
"""How carefully Postfix must deliver to a domain: by DANE or else by MTA-STS.

Debian's mta-sts-daemon knows what domains ask for by MTA-STS, but its answer would take the
place of DANE, which must go first (RFC 8461 section 2). So Postfix asks here. For a domain with
signed TLSA records the answer is that there is no policy, and Postfix does DANE by itself;
all other questions are passed on.

It runs only while Postfix sends mail (systemd starts it with the first question), and so does
the daemon behind it, which takes 26 MiB.

DIAGNOSTICS
    NOTFOUND    no policy: deliver by DANE, or encrypted if the other side can
    TEMP        unknown: Postfix keeps the message and asks again
"""

import asyncio
import pathlib
import socket
import sys
from collections.abc import Iterable

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from .socketmap import FIRST_SOCKET, LONGEST, NOT_FOUND, SocketMapService, encode, read

DAEMON = pathlib.Path('/usr/bin/mta-sts-daemon')
UPSTREAM = ('127.0.0.1', 8461)
RESOLVER = '127.0.0.53'
_SECONDS = 4.0
_UPSTREAM_SECONDS = 20.0
_MOST_HOSTS = 10


async def ask(name: str, kind: str) -> tuple[bool, list[str]] | None:
    """Whether an answer is signed, and its values; None when it is unknown."""
    question = dns.message.make_query(name, kind, want_dnssec=True)
    try:
        answer, _tcp = await dns.asyncquery.udp_with_fallback(question, RESOLVER, _SECONDS)
    except (OSError, dns.exception.DNSException):
        return None
    if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return None
    wanted = dns.rdatatype.from_text(kind)
    found = [str(each) for rrset in answer.answer if rrset.rdtype == wanted for each in rrset]
    return bool(answer.flags & dns.flags.AD), found


def _hosts(domain: str, values: Iterable[str]) -> list[str]:
    """The hosts mail for a domain goes to."""
    return [value.rpartition(' ')[2] for value in values][:_MOST_HOSTS] or [domain]


async def has_dane(domain: str) -> bool:
    """Whether Postfix will go by signed TLSA records, or by their signed failure.

    When it cannot be found out behind a signed MX record, Postfix cannot find it out either,
    and waits: to ask for less would let an attacker through who holds answers back.
    """
    found = await ask(domain, 'MX')
    if found is None or not found[0]:
        return False
    hosts = _hosts(domain, found[1])
    answers = await asyncio.gather(*(ask(f'_25._tcp.{host}', 'TLSA') for host in hosts))
    return any(answer is None or (answer[0] and answer[1]) for answer in answers)


async def pass_on(request: bytes) -> bytes:
    """The daemon's answer to a question."""
    reader, writer = await asyncio.open_connection(*UPSTREAM)
    try:
        writer.write(encode(request))
        return await read(reader) or b'TEMP no answer'
    finally:
        writer.close()


def with_hosts(domain: str, answer: bytes) -> bytes:
    """An answer by which Postfix goes wholly: with the hosts that the policy names.

    Postfix 3.10 takes `match` for names a certificate may have. That the host itself must be
    named by the policy (RFC 8461 section 4.1), which forged DNS answers would get around, it
    only sees to where it is told that this is MTA-STS. The daemon says so with `tlsrpt: true`
    in its own settings; these belong to the administrator.
    """
    words = answer.decode('utf-8', 'replace').split()
    names = [word.removeprefix('match=') for word in words if word.startswith('match=')]
    if words[:2] != ['OK', 'secure'] or not names or b'policy_type=' in answer:
        return answer
    hosts = (f'*{name}' if name.startswith('.') else name for name in names[0].split(':'))
    more = ' '.join(f'mx_host_pattern={host}' for host in hosts)
    whole = b'%b policy_type=sts policy_domain=%b %b' % (answer, domain.encode(), more.encode())
    return whole if len(whole) <= LONGEST else b'TEMP the policy for encryption is too long'


async def answer(request: bytes) -> bytes:
    """The answer to a question of Postfix's: `postfix DOMAIN`."""
    _map, _space, key = request.decode('utf-8', 'replace').partition(' ')
    if key.startswith(('.', '[')) or '.' not in key:
        return NOT_FOUND  # not the domain of an address
    try:
        dns.name.from_text(key)
        if await has_dane(key):
            return NOT_FOUND
        return with_hosts(key, await asyncio.wait_for(pass_on(request), _UPSTREAM_SECONDS))
    except dns.exception.DNSException:
        return NOT_FOUND
    except (OSError, ValueError, EOFError, TimeoutError) as error:
        if not DAEMON.exists():
            return NOT_FOUND  # who removes it does without MTA-STS, not without mail
        print(f'{key}: {type(error).__name__} {error}', file=sys.stderr)
        return b'TEMP the policy for encryption cannot be asked for'


def main() -> None:
    """Serve the socket systemd hands over."""
    asyncio.run(SocketMapService(answer).run(socket.socket(fileno=FIRST_SOCKET)))
