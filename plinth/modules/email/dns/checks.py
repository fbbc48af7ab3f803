# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks besides records: outgoing connections, reverse DNS, block lists, clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise

from ..status import State, Verdict
from ..system.certificates import Certificate
from ..words import checks as titles
from . import reached, setups
from .answer import Answer, BlockListing, Dnssec, Seen, Status
from .endpoints import HOME, ODD
from .records import Severity, Site

CLOCK_SECONDS = 60
_UNTRIED = Verdict(State.UNKNOWN, 'port-25-unknown')
SHORT = timedelta(days=10)


@dataclass(frozen=True)
class Check:
    """A check, with its title and purpose."""

    role: str
    title: str | Promise
    purpose: str | Promise
    severity: Severity = Severity.ADVISED


CHECKS = (
    Check(
        'domain',
        *titles.DOMAIN,
        Severity.NEEDED,
    ),
    Check(
        'dnssec',
        *titles.DNSSEC,
        Severity.OPTIONAL,
    ),
    Check(
        'reverse',
        *titles.REVERSE,
    ),
    Check(
        'port-25',
        *titles.PORT_25,
        Severity.NEEDED,
    ),
    Check(
        'reach',
        *titles.REACH,
        Severity.OPTIONAL,
    ),
    Check(
        'ports',
        *titles.PORTS,
        Severity.OPTIONAL,
    ),
    Check(
        'lists',
        *titles.LISTS,
    ),
    Check(
        'certificate',
        *titles.CERTIFICATE,
    ),
    Check(
        'policy',
        *titles.POLICY,
        Severity.OPTIONAL,
    ),
    Check(
        'thunderbird',
        *titles.THUNDERBIRD,
        Severity.OPTIONAL,
    ),
    Check(
        'outlook',
        *titles.OUTLOOK,
        Severity.OPTIONAL,
    ),
    Check(
        'validation',
        *titles.VALIDATION,
        Severity.OPTIONAL,
    ),
    Check(
        'clock',
        *titles.CLOCK,
    ),
)  # fmt: skip


def _domain(site: Site, seen: Seen, _shown: Certificate | None, _now: datetime) -> Verdict:
    if not seen.resolver_answers:
        return Verdict(State.UNKNOWN, 'resolver-silent')
    if seen.zone is None:
        if seen.view(site.domain, 'MX').resolver.status is Status.NONE:
            return Verdict(State.BROKEN, 'domain-unknown')
        return Verdict(State.BROKEN, 'servers-silent')
    if seen.view(site.domain, 'MX').best.status is Status.NONE:
        return Verdict(State.BROKEN, 'domain-absent', {'zone': seen.zone}, seen.servers)
    return _servers(seen.view(site.domain, 'MX').own, seen)


def _servers(own: Iterable[Answer], seen: Seen) -> Verdict:
    """Judge the name servers of a domain by how they answered."""
    answered = [answer.status.is_answer for answer in own]
    lost = {'host': ', '.join(seen.lost_servers)}
    if seen.lost_servers and not seen.servers:
        return Verdict(State.BROKEN, 'servers-absent', lost)
    if not any(answered):
        return Verdict(State.BROKEN, _why_no_answer(own), found=seen.servers)
    if not all(answered):
        return Verdict(State.LOOK, 'server-down', found=seen.servers)
    if seen.lost_servers:
        return Verdict(State.LOOK, 'servers-absent', lost, seen.servers)
    return Verdict(State.WORKS, 'domain-answers', {'zone': str(seen.zone)}, seen.servers)


def _why_no_answer(own: Iterable[Answer]) -> str:
    """The code for the way all servers of a domain fail to answer."""
    failures = {answer.status for answer in own}
    if Status.GARBAGE in failures:
        return 'servers-garbage'
    return 'servers-refuse' if Status.REFUSED in failures else 'servers-silent'


def _dnssec(_site: Site, seen: Seen, _shown: Certificate | None, _now: datetime) -> Verdict:
    bogus = any(view.resolver.status is Status.BOGUS for view in seen.views.values())
    if seen.dnssec is Dnssec.BROKEN or bogus:
        return Verdict(State.BROKEN, 'dnssec-broken')
    if seen.dnssec is Dnssec.SIGNED:
        return Verdict(State.WORKS, 'dnssec-signed')
    if seen.dnssec is Dnssec.UNSIGNED:
        return Verdict(State.WORKS, 'dnssec-unsigned')
    return Verdict(State.UNKNOWN, 'server-silent')


def _reverse(site: Site, seen: Seen, _shown: Certificate | None, _now: datetime) -> Verdict:
    if not seen.reverse:
        return Verdict(State.UNKNOWN, 'no-address')
    verdicts = [_reverse_of(address, site, seen) for address in seen.reverse]
    order = [State.BROKEN, State.LOOK, State.UNKNOWN, State.WORKS]
    return min(verdicts, key=lambda verdict: order.index(verdict.state))


def _reverse_of(address: str, site: Site, seen: Seen) -> Verdict:
    answer = seen.reverse[address]
    params = {'address': address, 'host': site.host}
    if not answer.status.is_answer:
        return Verdict(State.UNKNOWN, 'server-silent')
    names = tuple(value.rstrip('.').lower() for value in answer.values)
    if not names:
        return Verdict(State.LOOK, 'reverse-missing', params)
    if site.host in names and address in seen.addresses(site.host):
        return Verdict(State.WORKS, 'right', found=names)
    if address not in seen.addresses(names[0]):
        return Verdict(State.LOOK, 'reverse-unconfirmed', params, names)
    return Verdict(State.LOOK, 'reverse-other', params, names)


def _port_25(site: Site, seen: Seen, _shown: Certificate | None, _now: datetime) -> Verdict:
    if not site.sends_directly:
        return Verdict(State.WORKS, 'port-25-unneeded')
    if seen.port_25 is None:
        return _UNTRIED
    is_open = seen.port_25 and seen.port_25_by.get('ipv4') is not False
    if is_open or not site.needs_direct:
        return Verdict(State.WORKS, 'port-25-open' if is_open else 'port-25-spared')
    if seen.port_25:
        return Verdict(State.LOOK, 'port-25-partly')
    return Verdict(State.BROKEN, 'port-25-shut')


def _lists(_site: Site, seen: Seen, _shown: Certificate | None, _now: datetime) -> Verdict:
    if seen.listings is None:
        return Verdict(State.UNKNOWN, 'lists-unknown')
    for said, code in (('', 'listed'), (HOME, 'listed-home'), (ODD, 'lists-odd')):
        listed = [each for each in seen.listings if each.problem == said]
        if listed:
            return _listed(State.UNKNOWN if said == ODD else State.BROKEN, code, listed)
    if seen.listings:
        lists = ', '.join(sorted({each.title for each in seen.listings}))
        return Verdict(State.UNKNOWN, 'lists-partly', {'lists': lists})
    return Verdict(State.WORKS, 'lists-clean')


def _listed(state: State, code: str, listed: list[BlockListing]) -> Verdict:
    """The verdict on lists that answered, with their answers and where to look those up."""
    lists = ', '.join(sorted({f'{each.title} ({each.subject})' for each in listed}))
    said = {f'{each.title}, {each.subject}: {", ".join(each.codes)}' for each in listed}
    pages = {each.page for each in listed}
    return Verdict(state, code, {'lists': lists}, (*sorted(said), *sorted(pages)))


def covers(pattern: str, name: str) -> bool:
    """Whether a name in a certificate is, or stands for, this host name."""
    if pattern.startswith('*.'):
        return name.partition('.')[2] == pattern[2:].lower()
    return pattern.lower() == name


def _certificate(site: Site, _seen: Seen, shown: Certificate | None, now: datetime) -> Verdict:
    if shown is None or shown.expires is None:
        return Verdict(State.LOOK, 'certificate-missing')
    if not shown.trusted:
        return Verdict(State.LOOK, 'certificate-own', found=shown.names)
    if shown.expires <= now:
        return Verdict(State.BROKEN, 'certificate-expired', found=shown.names)
    if not any(covers(name, site.host) for name in shown.names):
        return Verdict(State.BROKEN, 'certificate-other', {'host': site.host}, shown.names)
    if shown.expires <= now + SHORT:
        return Verdict(State.LOOK, 'certificate-ends', {'date': f'{shown.expires:%Y-%m-%d}'})
    return Verdict(State.WORKS, 'right', found=shown.names)


def _policy(site: Site, seen: Seen, _shown: Certificate | None, _now: datetime) -> Verdict:
    host = f'mta-sts.{site.domain}'
    if not seen.addresses(host):
        return Verdict(State.LOOK, 'policy-no-name', {'name': host})
    if seen.policy is None:
        return Verdict(State.UNKNOWN, 'policy-unreachable', {'name': host})
    if seen.policy.problem:
        state = State.UNKNOWN if seen.policy.problem == 'policy-unreachable' else State.LOOK
        return Verdict(state, seen.policy.problem, {'name': host})
    if seen.policy.text.split() != site.policy.split():
        return Verdict(
            State.LOOK, 'policy-other', {'name': host}, tuple(seen.policy.text.split('\n'))[:6]
        )
    return Verdict(State.WORKS, 'right')


def _validation(_site: Site, seen: Seen, _shown: Certificate | None, _now: datetime) -> Verdict:
    if seen.validates is None:
        return Verdict(State.UNKNOWN, 'validation-unknown')
    return Verdict(State.WORKS, 'validation-on' if seen.validates else 'validation-off')


def _clock(_site: Site, seen: Seen, _shown: Certificate | None, _now: datetime) -> Verdict:
    if seen.clock_offset is None:
        return Verdict(State.UNKNOWN, 'clock-unknown')
    seconds = str(round(abs(seen.clock_offset)))
    if abs(seen.clock_offset) > CLOCK_SECONDS:
        return Verdict(State.BROKEN, 'clock-wrong', {'seconds': seconds})
    return Verdict(State.WORKS, 'clock-right')


_JUDGES = {
    'domain': _domain,
    'dnssec': _dnssec,
    'reverse': _reverse,
    'port-25': _port_25,
    'reach': lambda site, seen, _shown, _now: reached.judge(site, seen),
    'ports': lambda site, seen, _shown, _now: reached.judge_ports(site, seen),
    'lists': _lists,
    'certificate': _certificate,
    'policy': _policy,
    'thunderbird': lambda site, seen, _shown, _now: setups.thunderbird(site, seen),
    'outlook': lambda site, seen, _shown, _now: setups.outlook(site, seen),
    'validation': _validation,
    'clock': _clock,
}


def judge(
    check: Check, site: Site, seen: Seen, shown: Certificate | None, now: datetime
) -> Verdict:
    """The verdict on one check."""
    return _JUDGES[check.role](site, seen, shown, now)
