# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check a domain: look at it, judge it, keep the report."""

from collections.abc import Callable
from dataclasses import replace

from ..errors import MailError
from ..system import certificates
from . import endpoints, local_facts, look, other_box, report, resolver
from .memory import Memory
from .records import Site, wanted

Facts = Callable[[str, str], local_facts.DnsFacts]
"""Asks root for what only it can see of a domain and its host."""


def site_of(name: str, facts: Facts) -> Site:
    """The site of one of our domains."""
    domain, host = local_facts.find(name)
    return local_facts.site(domain, host, facts(domain.name, host))


def check(
    name: str, facts: Facts, memory: Memory | None = None, seconds: float = look.DEADLINE
) -> report.DnsReport:
    """Look at a domain now and return the verdicts; DNS gets no more than these seconds."""
    site = site_of(name, facts)
    where = replace(endpoints.load(), other_box=other_box.load().host)
    seen = look.look(site, wanted(site), where, seconds=min(seconds, look.DEADLINE))
    seen = replace(seen, validates=resolver.validates())
    made = report.make(site, seen, certificates.of(site.host))
    try:
        (memory or Memory()).keep(made)
    except OSError as error:
        raise MailError('report-failed', str(error)) from error
    return made
