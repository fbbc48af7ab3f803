# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a zone's signatures hold (DNSSEC), as far as its owner can break them.

Looked at are the zone's keys against what its parent says of them, and its own signatures.
Everything above the zone is taken as right.
"""

import asyncio

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset

from .answer import Dnssec, Question, Status
from .ask import Asker, Zone

_DIGESTS = {1: 'SHA1', 2: 'SHA256', 4: 'SHA384'}


def _rrset(message: dns.message.Message, zone: dns.name.Name, kind: str) -> dns.rrset.RRset | None:
    wanted = dns.rdatatype.from_text(kind)
    return next((r for r in message.answer if r.name == zone and r.rdtype == wanted), None)


def _signatures(
    message: dns.message.Message, zone: dns.name.Name, kind: str
) -> dns.rrset.RRset | None:
    covered = dns.rdatatype.from_text(kind)
    for rrset in message.answer:
        if rrset.name == zone and rrset.rdtype == dns.rdatatype.RRSIG and rrset.covers == covered:
            return rrset
    return None


def _trusted(keys: dns.rrset.RRset, delegation: dns.rrset.RRset, zone: dns.name.Name) -> bool:
    """Whether one of the keys is one the parent names."""
    for digest in delegation:
        if digest.digest_type not in _DIGESTS:
            continue
        for key in keys:
            made = dns.dnssec.make_ds(zone, key, _DIGESTS[digest.digest_type], validating=True)
            if made == digest:
                return True
    return False


def _holds(message: dns.message.Message, kind: str, keys: dns.rrset.RRset) -> bool:
    """Whether a message's records are signed by one of the keys."""
    zone = keys.name
    records, signatures = _rrset(message, zone, kind), _signatures(message, zone, kind)
    if records is None or signatures is None:
        return False
    try:
        dns.dnssec.validate(records, signatures, {zone: keys})
    except dns.exception.DNSException:
        return False
    return True


def judge(
    name: str,
    delegation: dns.message.Message,
    keys: dns.message.Message,
    start: dns.message.Message,
) -> Dnssec:
    """The state of a zone's signatures by its DS, DNSKEY and SOA records."""
    zone = dns.name.from_text(name)
    promised = _rrset(delegation, zone, 'DS')
    if promised is None:
        return Dnssec.UNSIGNED
    found = _rrset(keys, zone, 'DNSKEY')
    if found is None or not _trusted(found, promised, zone):
        return Dnssec.BROKEN
    good = _holds(keys, 'DNSKEY', found) and _holds(start, 'SOA', found)
    return Dnssec.SIGNED if good else Dnssec.BROKEN


async def look(asker: Asker, zone: Zone) -> Dnssec:
    """Whether a zone is signed, and rightly."""
    if not zone.addresses or not asker.resolvers:
        return Dnssec.UNKNOWN
    server = zone.addresses[0]
    recursing = dns.flags.RD | dns.flags.CD
    messages = await asyncio.gather(
        asker.exchange(Question(zone.name, 'DS'), asker.resolvers[0], recursing, dnssec=True),
        asker.exchange(Question(zone.name, 'DNSKEY'), server, dnssec=True),
        asker.exchange(Question(zone.name, 'SOA'), server, dnssec=True),
    )
    delegation, keys, start = messages
    if isinstance(delegation, Status) or isinstance(keys, Status) or isinstance(start, Status):
        return Dnssec.UNKNOWN
    try:
        return judge(zone.name, delegation, keys, start)
    except (dns.exception.DNSException, ValueError):
        return Dnssec.BROKEN
