# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wanted records against the published ones: one verdict for each record.

Records are compared by what they mean. An SPF rule that lets this box send in another way, a
DMARC policy stricter than ours, a second mail server, or a key cut into strings elsewhere
are right; the same text published twice is not.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence

from ..directory.domain import DMARC
from . import setups, spf, tags
from .answer import Answer, Dnssec, Seen, Status, Verdict, View
from .records import ISSUER, Record, Severity, Site

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
_POLICIES = DMARC

Judge = Callable[[Record, tuple[str, ...], Site, Seen], Verdict]


def is_private(address: str) -> bool:
    """Return whether the internet can't reach an address, or it is not an address."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return True
    return any(
        number in network for network in _LOCAL_NETWORKS if network.version == number.version
    )


def shown(values: Sequence[str]) -> tuple[str, ...]:
    """Return the first values, none too long for a page, and the count of the others."""
    first = [value[:_LONGEST] + '…' * (len(value) > _LONGEST) for value in values[:_SHOWN]]
    return (*first, f'+{len(values) - _SHOWN}') if len(values) > _SHOWN else tuple(first)


def missing(record: Record) -> Verdict:
    """Return the verdict on a record that is not there."""
    if record.absence:
        return Verdict('look', record.absence)
    if record.severity is Severity.NEEDED:
        return Verdict('broken', 'missing-needed')
    if record.severity is Severity.ADVISED:
        return Verdict('look', 'missing-advised')
    return Verdict('look', 'missing-optional')


def _wrong(record: Record, code: str, **params: str) -> Verdict:
    optional = record.severity is Severity.OPTIONAL
    return Verdict('look' if optional else 'broken', code, params)


def _judge_mx(record: Record, values: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    hosts = sorted(
        (int(p), h.rstrip('.').lower()) for p, _, h in (v.partition(' ') for v in values)
    )
    if [host for _preference, host in hosts] == ['']:
        return _wrong(record, 'mx-none')
    ours = [entry for entry in hosts if _is_us(entry[1], site, seen)]
    if not ours:
        return _wrong(record, 'mx-elsewhere', host=hosts[0][1])
    if len(hosts) > _MANY:
        return Verdict('look', 'mx-many', {'count': str(len(hosts))})
    if ours[0][0] > hosts[0][0]:
        return Verdict('look', 'mx-not-first', {'host': hosts[0][1]})
    if len(hosts) > len(ours):
        return Verdict('works', 'mx-more')
    return Verdict('works', 'right')


def _is_us(host: str, site: Site, seen: Seen) -> bool:
    """Return whether a mail host is this box, by its name or by its address."""
    if host == site.host:
        return True
    ours = set(site.addresses or seen.addresses(site.host))
    return bool(host) and bool(ours.intersection(seen.addresses(host)))


def _judge_address(record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
    private = [value for value in values if is_private(value)]
    if private:
        return _wrong(record, 'address-private', address=private[0])
    if not record.value:
        return Verdict('works', 'address-unproven')
    if record.value not in values:
        return _wrong(record, 'address-other', address=values[0])
    return Verdict('works', 'right') if len(values) == 1 else Verdict('look', 'address-more')


def _judge_spf(record: Record, values: tuple[str, ...], _site: Site, seen: Seen) -> Verdict:
    rules = [value for value in values if spf.is_spf(value)]
    if not rules:
        near = [value for value in values if 'spf1' in value.lower()]
        return _wrong(record, 'spf-garbage') if near else missing(record)
    if len(rules) > 1:
        return _wrong(record, 'duplicated', count=str(len(rules)))
    if rules[0] == record.value:
        return Verdict('works', 'right')
    results = set(seen.spf.values())
    for result, code in (('permerror', 'spf-garbage'), ('fail', 'spf-refuses')):
        if result in results:
            return _wrong(record, code)
    if results & {'softfail', 'neutral', 'none'}:
        return Verdict('look', 'spf-doubts')
    if results == {'pass'}:
        return Verdict('works', 'spf-other')
    return Verdict('unknown', 'spf-unknown')


def _tagged(values: Sequence[str], version: str) -> list[str]:
    return [value for value in values if tags.is_version(value, version)]


def _judge_dkim(record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
    if len(values) > 1:
        return _wrong(record, 'duplicated', count=str(len(values)))
    try:
        found, ours = tags.parse(values[0]), tags.parse(record.value)
    except ValueError:
        return _wrong(record, 'garbage')
    if 'p' not in found or found.get('v', 'DKIM1') != 'DKIM1':
        return _wrong(record, 'garbage')
    if not found['p']:
        return _wrong(record, 'dkim-revoked')
    same_kind = found.get('k', 'rsa') == ours['k']
    if not same_kind or tags.squeezed(found['p']) != ours['p']:
        return _wrong(record, 'dkim-other')
    if 'y' in found.get('t', '').split(':'):
        return Verdict('look', 'dkim-testing')
    return Verdict('works', 'right')


def _judge_dmarc(record: Record, values: tuple[str, ...], site: Site, _seen: Seen) -> Verdict:
    policies = _tagged(values, 'DMARC1')
    if not policies:
        return _wrong(record, 'garbage')
    if len(policies) > 1:
        return _wrong(record, 'duplicated', count=str(len(policies)))
    try:
        found = tags.parse(policies[0])
    except ValueError:
        return _wrong(record, 'garbage')
    policy = _policy(found)
    if policy not in _POLICIES:
        return _wrong(record, 'garbage')
    if 'rua' not in found:
        return Verdict('look', 'dmarc-no-reports')
    return _judge_policy(policy, found, tags.parse(record.value)['rua'], site)


def _policy(found: Mapping[str, str]) -> str:
    """Return the policy of a record; receivers take one for `none` that has reports only."""
    policy = found.get('p', '').strip().lower()
    return policy if policy in _POLICIES or 'rua' not in found else 'none'


def _judge_policy(policy: str, found: Mapping[str, str], wanted: str, site: Site) -> Verdict:
    """Judge a DMARC policy that can be read (RFC 9989), and where its reports go.

    With the mark of a test, `t=y`, receivers act one step milder. Newer ones know no `pct`,
    older ones follow the policy for a part of the mail only.
    """
    chosen = _POLICIES.index(site.dmarc_policy)
    is_test = found.get('t', '').lower() == 'y'
    place = max(0, _POLICIES.index(policy) - is_test)
    if place < chosen:
        return Verdict('look', 'dmarc-testing' if is_test else 'dmarc-milder')
    if policy != 'none' and found.get('pct', '100') != '100':
        return Verdict('look', 'dmarc-part')
    if place > chosen:
        return Verdict('works', 'dmarc-stricter')
    if wanted.lower() not in found['rua'].lower():
        return Verdict('works', 'dmarc-reports-elsewhere')
    return Verdict('works', 'right')


def _judge_mta_sts(record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
    verdict = _judge_tagged('STSv1', 'id')(record, values, _site, _seen)
    if verdict.code != 'right' or _tagged(values, 'STSv1')[0] == record.value:
        return verdict
    if tags.parse(_tagged(values, 'STSv1')[0])['id'] != tags.parse(record.value)['id']:
        return Verdict('look', 'mta-sts-old')
    return verdict


def _judge_tagged(version: str, needed: str) -> Judge:
    def judge(record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
        found = _tagged(values, version)
        if not found:
            return _wrong(record, 'garbage')
        if len(found) > 1:
            return _wrong(record, 'duplicated', count=str(len(found)))
        try:
            parsed = tags.parse(found[0])
        except ValueError:
            return _wrong(record, 'garbage')
        return Verdict('works', 'right') if parsed.get(needed) else _wrong(record, 'garbage')

    return judge


def _judge_tlsa(record: Record, values: tuple[str, ...], site: Site, _seen: Seen) -> Verdict:
    published = {tags.squeezed(value).lower() for value in values}
    ours = [tags.squeezed(f'311{key}') for key in site.certificate_keys]
    if tags.squeezed(record.value) in published:
        return Verdict('works', 'right' if published <= set(ours) else 'tlsa-more')
    if ours[0] in published:
        return Verdict('look', 'tlsa-next')
    return Verdict('broken', 'tlsa-other')


def _judge_srv(record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
    _priority, _weight, port, target = record.value.lower().split()
    entries = [value.lower().split() for value in values]
    if any(entry[2:] == [port, target] for entry in entries):
        return Verdict('works', 'right')
    if all(entry[-1] == '.' for entry in entries):
        return Verdict('look', 'srv-off')
    return _wrong(record, 'srv-elsewhere', host=entries[0][-1].rstrip('.'))


def _judge_caa(_record: Record, values: tuple[str, ...], _site: Site, _seen: Seen) -> Verdict:
    issuers = []
    for value in values:
        _flags, tag, issuer = (*value.split(None, 2), '', '')[:3]
        if tag.lower() == 'issue':
            issuers.append(issuer.strip('"').split(';')[0].strip().lower())
    if not issuers or ISSUER in issuers:
        return Verdict('works', 'right')
    return Verdict('broken', 'caa-forbids', {'issuer': ', '.join(filter(None, issuers)) or '-'})


_JUDGES: tuple[tuple[str, Judge], ...] = (
    ('mx', _judge_mx),
    ('address-', _judge_address),
    ('spf', _judge_spf),
    ('dkim-', _judge_dkim),
    ('dmarc', _judge_dmarc),
    ('tls-rpt', _judge_tagged('TLSRPTv1', 'rua')),
    ('tlsa-', _judge_tlsa),
    ('srv-', _judge_srv),
    ('caa', _judge_caa),
)


def _judge_for(record: Record) -> Judge:
    if record.role == 'mta-sts':
        return _judge_mta_sts
    return next(judge for prefix, judge in _JUDGES if record.role.startswith(prefix))


def _judge_name(record: Record, site: Site, seen: Seen) -> Verdict:
    """Judge a name that should lead to the mail host, by an alias or by its address."""
    view = seen.view(record.name, 'A')
    problem = _trouble(view)
    if problem:
        return problem
    if site.host in view.best.via:
        return Verdict('works', 'right', found=shown(view.best.via))
    found, ours = seen.addresses(record.name), set(seen.addresses(site.host))
    if not found:
        return missing(record)
    code = 'right' if set(found) <= ours else 'name-elsewhere'
    state = 'works' if code == 'right' else 'look'
    return Verdict(state, code, found=shown(found))


def _trouble(view: View) -> Verdict | None:
    """Return the verdict when no server gave an answer that could be judged."""
    best = view.best
    if best.status is Status.LOOP:
        return Verdict('broken', 'loop', found=shown(best.via))
    if best.status.is_answer:
        return None
    if best.status is Status.GARBAGE:
        return Verdict('unknown', 'server-garbage')
    if best.status is Status.BOGUS:
        return Verdict('broken', 'dnssec-broken', found=shown(best.values))
    return Verdict('unknown', 'server-silent')


def _values(record: Record, answer: Answer, seen: Seen, site: Site) -> tuple[str, ...]:
    """Return the values of a record: its own, or those of the domain above."""
    if answer.status is Status.FOUND or record.role != 'caa':
        return answer.values
    labels = site.domain.split('.')
    for start in range(1, len(labels) - 1):
        above = seen.view('.'.join(labels[start:]), 'CAA').best
        if above.status is Status.FOUND:
            return above.values
    return ()


def _inherits(site: Site, seen: Seen) -> bool:
    """Return whether a DMARC policy of a domain above counts for this one."""
    labels = site.domain.split('.')
    above = ('.'.join(labels[start:]) for start in range(1, len(labels) - 1))
    return any(_tagged(seen.view(f'_dmarc.{name}', 'TXT').best.values, 'DMARC1') for name in above)


def _milder(record: Record, verdict: Verdict) -> Verdict:
    """Return the verdict on a key that signs nothing now, so that its faults do no harm yet."""
    if record.absence and verdict.state != 'works':
        return Verdict('look', 'key-not-ready', verdict.params)
    return verdict


def _judge_answer(record: Record, answer: Answer, site: Site, seen: Seen) -> Verdict:
    """Judge one server's answer."""
    if answer.status is Status.LOOP:
        return Verdict('broken', 'loop', found=shown(answer.via))
    values = _values(record, answer, seen, site)
    if values:
        verdict = _milder(record, _judge_for(record)(record, values, site, seen))
        mine = tuple(v for v in values if record.role != 'spf' or 'spf' in v.lower())
        return Verdict(verdict.state, verdict.code, verdict.params, shown(mine))
    if record.role == 'dmarc' and _inherits(site, seen):
        return Verdict('works', 'dmarc-inherited')
    if record.role.startswith('tlsa-') and seen.dnssec is not Dnssec.SIGNED:
        return Verdict('look', 'tlsa-unsigned')
    return missing(record)


def compare(record: Record, site: Site, seen: Seen) -> Verdict:
    """Return the verdict on one record, and on what is found where it leads."""
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
        return outside or Verdict('unknown', 'server-silent')
    worst = next((each for each in verdicts if each.state != 'works'), verdicts[0])
    if worst.state != 'works' and any(each.state == 'works' for each in verdicts):
        return Verdict('look', 'servers-differ', found=worst.found)
    if worst.state == 'works' and outside and outside.state != 'works':
        return Verdict('works', 'spreading', {'minutes': _minutes(view.resolver)}, worst.found)
    return worst


def _minutes(answer: Answer) -> str:
    """Return how long a resolver goes on giving its answer, at least a minute."""
    return str(max(1, round((answer.ttl or 300) / 60)))
