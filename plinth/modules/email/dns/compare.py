# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wanted records against the published ones: one verdict for each record.

Records are compared by what they mean. An SPF rule that lets this box send in another way, a
DMARC policy stricter than ours, a second mail server, or a key cut into strings elsewhere
are right; the same text published twice is not.
"""

import functools
import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from ..directory.domain import DMARC
from ..status import State, Verdict
from . import caa, dmarc, keys, setups, spf, spf_verdict, tags, tlsa
from .answer import Answer, Dnssec, DnsView, Seen, Status
from .records import Record, Severity, Site

_MANY = 20
_SHOWN = 6
_LONGEST = 500
_LOCAL_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        ('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '169.254.0.0/16',
         '100.64.0.0/10', '0.0.0.0/8', 'fc00::/7', 'fe80::/10', '::1/128', '::/128'),
    )
)  # fmt: skip
_ABSENT = frozenset({'missing-needed', 'missing-advised', 'missing-optional', 'missing-next',
                     'missing-old', 'dmarc-inherited'})  # fmt: skip

Judge = Callable[[Record, tuple[str, ...], Site, Seen], Verdict]


def is_private(address: str) -> bool:
    """Whether the internet can't reach an address, or it is not an address."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return True
    return any(
        number in network for network in _LOCAL_NETWORKS if network.version == number.version
    )


def is_outside(address: str, own: Collection[str]) -> bool:
    """Whether an address is neither private, nor ours, nor in a network of ours."""
    if is_private(address) or address in own:
        return False
    number = ipaddress.ip_address(address)
    return not any(number in each for each in _networks(frozenset(own)))


@functools.lru_cache(maxsize=1)
def _networks(own: frozenset[str]) -> tuple[ipaddress.IPv6Network, ...]:
    """The networks our IPv6 addresses are in; a journal asks for each of its lines."""
    return tuple(ipaddress.IPv6Network(f'{each}/64', strict=False) for each in own if ':' in each)


def shown(values: Sequence[str]) -> tuple[str, ...]:
    """The first values, none too long for a page, and the count of the others."""
    first = [value[:_LONGEST] + '…' * (len(value) > _LONGEST) for value in values[:_SHOWN]]
    return (*first, f'+{len(values) - _SHOWN}') if len(values) > _SHOWN else tuple(first)


def missing(record: Record) -> Verdict:
    """The verdict on a record that is not there."""
    if record.absence:
        return Verdict(State.LOOK, record.absence)
    if record.severity is Severity.NEEDED:
        return Verdict(State.BROKEN, 'missing-needed')
    if record.severity is Severity.ADVISED:
        return Verdict(State.LOOK, 'missing-advised')
    return Verdict(State.LOOK, 'missing-optional')


def _wrong(record: Record, code: str, **params: str) -> Verdict:
    optional = record.severity is Severity.OPTIONAL
    return Verdict(State.LOOK if optional else State.BROKEN, code, params)


def _judge_mx(record: Record, values: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    hosts = sorted(
        (int(p), h.rstrip('.').lower()) for p, _, h in (v.partition(' ') for v in values)
    )
    named = [entry for entry in hosts if entry[1]]
    if not named:
        return _wrong(record, 'mx-none')
    ours = [entry for entry in named if _is_us(entry[1], site, seen)]
    if not ours:
        return _wrong(record, 'mx-elsewhere', host=named[0][1])
    if len(hosts) > _MANY:
        return Verdict(State.LOOK, 'mx-many', {'count': str(len(hosts))})
    if len(named) < len(hosts):
        return Verdict(State.LOOK, 'mx-none-too')
    return _judge_mx_order(named, ours, site, seen)


def _judge_mx_order(
    named: Sequence[tuple[int, str]], ours: Sequence[tuple[int, str]], site: Site, seen: Seen
) -> Verdict:
    """Judge who is asked first: servers of the same number take turns (RFC 5321 section 5.1)."""
    others = [entry for entry in named if entry not in ours]
    for preference, host in others:
        if preference <= ours[0][0]:
            code = 'mx-shared' if preference == ours[0][0] else 'mx-not-first'
            return Verdict(State.LOOK, code, {'host': host})
    for _preference, host in ours:
        if host != site.host and _strange(seen.addresses(host), site):
            return Verdict(State.LOOK, 'mx-shared', {'host': host})
        if seen.view(host, 'A').best.via:
            return Verdict(State.LOOK, 'mx-alias', {'host': host})
    return Verdict(State.WORKS, 'mx-more' if others else 'right')


def _is_us(host: str, site: Site, seen: Seen) -> bool:
    """Whether a host is this box, by its name or by an address."""
    if host == site.host:
        return True
    ours = site.addresses or seen.addresses(site.host)
    return bool(host) and _meet(seen.addresses(host), ours)


def _meet(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether an address is among both, however it is written."""
    return bool(set(map(_spelled, some)) & set(map(_spelled, others)))


def _strange(found: Iterable[str], site: Site) -> list[str]:
    """The addresses that are not this box, as far as it knows its own.

    Behind a router it may know its IPv6 addresses only. Without one of these it has none.
    """
    knows_four = any(':' not in each for each in site.addresses)
    judged = [each for each in found if knows_four or (site.addresses and ':' in each)]
    return [each for each in judged if not _meet([each], site.addresses)]


def _spelled(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address


def _judge_address(record: Record, values: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    private = [value for value in values if is_private(value)]
    if private:
        return _wrong(record, 'address-private', address=private[0])
    if not record.value:
        return Verdict(State.WORKS, 'address-unproven')
    if not _meet([record.value], values):
        return _wrong(record, 'address-other', address=values[0])
    strange = _strange([*values, *seen.addresses(site.host)], site)
    if strange:
        return Verdict(State.LOOK, 'address-more', {'address': strange[0]})
    return Verdict(State.WORKS, 'right')


def _judge_spf(record: Record, values: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    rules = [value for value in values if spf.is_spf(value)]
    if not rules:
        near = any(map(spf.is_meant, values))
        return _wrong(record, 'spf-garbage') if near else missing(record)
    if len(rules) > 1:
        return _wrong(record, 'duplicated', count=str(len(rules)))
    if rules[0] == record.value:
        return Verdict(State.WORKS, 'right')
    return spf_verdict.judge(rules[0], site, seen)


def _judge_dkim(record: Record, values: tuple[str, ...], site: Site, _seen: Seen) -> Verdict:
    key = next(each for each in site.keys if record.role == f'dkim-{each.selector}')
    code = keys.judge(values, key)
    if code == keys.ABSENT:
        return missing(record)
    if code == keys.RIGHT:
        return Verdict(State.WORKS, code)
    params = {'count': str(len(values))} if code == keys.DUPLICATED else {}
    return Verdict(State.LOOK, code) if code == keys.TESTING else _wrong(record, code, **params)


def _judge_dmarc(record: Record, values: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    policies = dmarc.records(values)
    if not policies:
        near = any(tags.is_meant(value, tags.DMARC) for value in values)
        return _wrong(record, 'garbage') if near else _judge_above(record, site, seen)
    if len(policies) > 1:
        return _wrong(record, 'duplicated', count=str(len(policies)))
    policy = dmarc.read(policies[0])
    if policy is None:
        return _wrong(record, 'garbage')
    return _judge_policy(policy, tags.parse(record.value)['rua'], site)


def _judge_policy(policy: dmarc.DmarcPolicy, wanted: str, site: Site) -> Verdict:
    """Judge a DMARC policy that can be read, and where its reports go."""
    if not policy.reports:
        return Verdict(State.LOOK, 'dmarc-no-reports')
    chosen = DMARC.index(site.dmarc_policy)
    if policy.strength < chosen:
        return Verdict(State.LOOK, 'dmarc-testing' if policy.is_test else 'dmarc-milder')
    if policy.name != 'none' and policy.is_part:
        return Verdict(State.LOOK, 'dmarc-part')
    if policy.strength > chosen:
        return Verdict(State.WORKS, 'dmarc-stricter')
    if wanted.lower() not in policy.reports:
        return Verdict(State.WORKS, 'dmarc-reports-elsewhere')
    return Verdict(State.WORKS, 'dmarc-as-none' if policy.is_misspelled else 'right')


def _judge_above(record: Record, site: Site, seen: Seen) -> Verdict:
    """Judge the policy of the nearest domain above that has one (RFC 9989 section 4.10)."""
    for above in site.above:
        view = seen.view(f'_dmarc.{above}', 'TXT')
        found = dmarc.records(view.best.values)
        policy = dmarc.read(found[0]) if len(found) == 1 else None
        if policy:
            is_milder = policy.for_name_below().strength < DMARC.index(site.dmarc_policy)
            return _MILDER if is_milder else Verdict(State.WORKS, 'dmarc-inherited')
    return missing(record)


_MILDER = Verdict(State.LOOK, 'dmarc-milder')


def _judge_mta_sts(record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
    found = _one(record, values, tags.MTA_STS)
    if isinstance(found, Verdict):
        return found
    if not re.fullmatch('[A-Za-z0-9]{1,32}', found.get('id', '')):
        return _wrong(record, 'garbage')
    ours = tags.parse(record.value)['id']
    return (
        Verdict(State.WORKS, 'right') if found['id'] == ours else Verdict(State.LOOK, 'mta-sts-old')
    )


def _judge_tls_rpt(record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
    found = _one(record, values, tags.TLS_RPT)
    if isinstance(found, Verdict):
        return found
    addresses = [each.strip().lower() for each in found.get('rua', '').split(',')]
    if not any(re.fullmatch(r'https:.+|mailto:[^@\s]+@[^@\s]+', each) for each in addresses):
        return _wrong(record, 'garbage')
    return Verdict(State.WORKS, 'right')


def _one(record: Record, values: tuple[str, ...], version: str) -> dict[str, str] | Verdict:
    """The tags of the one record of a version (RFC 8461 and 8460 section 3)."""
    found = [value for value in values if tags.is_version(value, version)]
    if not found:
        near = any(tags.is_meant(value, version) for value in values)
        return _wrong(record, 'garbage') if near else missing(record)
    if len(found) > 1:
        return _wrong(record, 'duplicated', count=str(len(found)))
    try:
        return tags.parse(found[0])
    except ValueError:
        return _wrong(record, 'garbage')


def _judge_tlsa(record: Record, values: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    code = _tlsa_code(record, values, site)
    if code in (tlsa.RIGHT, tlsa.MORE):
        return Verdict(State.WORKS, code)
    if seen.dnssec_of_host is Dnssec.UNSIGNED:
        return Verdict(State.LOOK, 'tlsa-unsigned')
    if code == tlsa.OTHER:
        is_known = seen.dnssec_of_host is not Dnssec.UNKNOWN
        return Verdict(State.BROKEN, code) if is_known else Verdict(State.UNKNOWN, 'tlsa-unknown')
    return Verdict(State.LOOK, code)


def _tlsa_code(record: Record, values: tuple[str, ...], site: Site) -> str:
    """The code for the published keys of the certificate shown now, or of the next one."""
    live, *coming = [f'3 1 1 {key}' for key in site.certificate_keys]
    matching = (live, *site.certificate_forms)
    if record.value == live:
        return tlsa.judge(values, (*matching, *coming) if _has(values, matching) else matching)
    if _has(values, [record.value]):
        return tlsa.judge(values, (*matching, *coming))
    code = tlsa.judge(values, matching)
    return 'tlsa-next' if code in (tlsa.RIGHT, tlsa.MORE) else code


def _has(values: Iterable[str], wanted: Iterable[str]) -> bool:
    return tlsa.judge(values, tuple(wanted)) in (tlsa.RIGHT, tlsa.MORE)


def _judge_srv(record: Record, values: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    """Judge where a service is: clients go to the lowest number first (RFC 2782)."""
    port = record.value.split()[2]
    entries = sorted((int(p), number, host.rstrip('.').lower())
                     for p, _weight, number, host in map(str.split, values))  # fmt: skip
    entries = [entry for entry in entries if entry[2]]
    if not entries:
        return Verdict(State.LOOK, 'srv-off')
    lowest = [entry for entry in entries if entry[0] == entries[0][0]]
    for _priority, number, host in lowest:
        if not _is_us(host, site, seen):
            return _wrong(record, 'srv-elsewhere', host=host)
        if number != port:
            return _wrong(record, 'srv-port', port=number, host=host)
    return Verdict(State.WORKS, 'right')


def _judge_caa(_record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
    return caa.judge(values)


_JUDGES: tuple[tuple[str, Judge], ...] = (
    ('mx', _judge_mx),
    ('address-', _judge_address),
    ('spf', _judge_spf),
    ('dkim-', _judge_dkim),
    ('dmarc', _judge_dmarc),
    ('tls-rpt', _judge_tls_rpt),
    ('mta-sts', _judge_mta_sts),
    ('tlsa-', _judge_tlsa),
    ('srv-', _judge_srv),
    ('caa', _judge_caa),
)


def _judge_for(record: Record) -> Judge:
    return next(judge for prefix, judge in _JUDGES if record.role.startswith(prefix))


def _judge_name(record: Record, site: Site, seen: Seen) -> Verdict:
    """Judge a name that should lead to the mail host, by an alias or by its address."""
    view = seen.view(record.name, 'A')
    problem = _trouble(view)
    if problem:
        return problem
    if site.host in view.best.via:
        return Verdict(State.WORKS, 'right', found=shown(view.best.via))
    found, ours = seen.addresses(record.name), set(seen.addresses(site.host))
    if not found:
        return missing(record)
    code = 'right' if set(found) <= ours else 'name-elsewhere'
    state = State.WORKS if code == 'right' else State.LOOK
    return Verdict(state, code, found=shown(found))


def _trouble(view: DnsView) -> Verdict | None:
    """The verdict when no server gave an answer that could be judged."""
    best = view.best
    if best.status is Status.LOOP:
        return Verdict(State.BROKEN, 'loop', found=shown(best.via))
    if best.status.is_answer:
        return None
    if best.status is Status.GARBAGE:
        return Verdict(State.UNKNOWN, 'server-garbage')
    if best.status is Status.BOGUS:
        return Verdict(State.BROKEN, 'dnssec-broken', found=shown(best.values))
    return Verdict(State.UNKNOWN, 'server-silent')


def _values(record: Record, answer: Answer, seen: Seen, site: Site) -> tuple[str, ...]:
    """The values of a record: its own, or those of the domain above."""
    if answer.status is Status.FOUND or record.role != 'caa':
        return answer.values
    for above in site.above:
        found = seen.view(above, 'CAA').best
        if found.status is Status.FOUND:
            return found.values
    return ()


def _milder(record: Record, verdict: Verdict) -> Verdict:
    """The verdict on a key that signs nothing now, so that its faults do no harm yet."""
    if record.absence not in ('', verdict.code) and verdict.state is not State.WORKS:
        return Verdict(State.LOOK, 'key-not-ready', verdict.params)
    return verdict


def _judge_answer(record: Record, answer: Answer, site: Site, seen: Seen) -> Verdict:
    """Judge one server's answer."""
    if answer.status is Status.LOOP:
        return Verdict(State.BROKEN, 'loop', found=shown(answer.via))
    values = _values(record, answer, seen, site)
    if values:
        verdict = _milder(record, _judge_for(record)(record, values, site, seen))
        mine = values if record.role != 'spf' else tuple(filter(spf.is_meant, values))
        if verdict.code in _ABSENT:
            mine = ()  # what is there is of something else, or of a wildcard
        return replace(verdict, found=shown(mine))
    if record.role == 'dmarc':
        return _judge_above(record, site, seen)
    if record.role.startswith('tlsa-') and seen.dnssec_of_host is not Dnssec.SIGNED:
        return Verdict(State.LOOK, 'tlsa-unsigned')
    return missing(record)


def compare(record: Record, site: Site, seen: Seen) -> Verdict:
    """The verdict on one record, and on the place it leads to."""
    return setups.behind(record, _compare(record, site, seen), site, seen)


def _compare(record: Record, site: Site, seen: Seen) -> Verdict:
    if record.kind == 'CNAME':
        return _judge_name(record, site, seen)
    view = seen.view(record.name, record.kind)
    problem = _trouble(view)
    if problem:
        return problem
    answers = [answer for answer in view.own if answer.status.is_answer]
    verdicts = [_judge_answer(record, each, site, seen) for each in answers]
    public = view.resolver.status.is_answer
    outside = _judge_answer(record, view.resolver, site, seen) if public else None
    if not verdicts:
        return outside or Verdict(State.UNKNOWN, 'server-silent')
    worst = next((each for each in verdicts if each.state is not State.WORKS), verdicts[0])
    if worst.state is not State.WORKS and any(each.state is State.WORKS for each in verdicts):
        return Verdict(State.LOOK, 'servers-differ', found=worst.found)
    if worst.state is State.WORKS and outside and outside.state is not State.WORKS:
        return Verdict(State.WORKS, 'spreading', {'minutes': _minutes(view.resolver)}, worst.found)
    return worst


def _minutes(answer: Answer) -> str:
    """How long a resolver goes on giving its answer, at least a minute."""
    return str(max(1, round((answer.ttl or 300) / 60)))
