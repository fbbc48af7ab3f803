# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check a domain: look at it, judge it, keep the report."""

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import MailError
from . import here, look, places, report
from .memory import Memory
from .records import Record, Site, wanted

Facts = Callable[[str, str], Mapping[str, Any]]
"""Asks root for what only it can see of a domain and its host."""


def site_of(name: str, facts: Facts) -> Site:
    """Return what the records of one of our domains depend on."""
    domain, host = here.find(name)
    return here.site(domain, host, facts(domain, host))


def check(name: str, facts: Facts, memory: Memory | None = None) -> report.Report:
    """Look at a domain now and return the verdicts; never takes longer than `look.DEADLINE`."""
    site = site_of(name, facts)
    seen = look.look(site, wanted(site), places.load())
    live = here.certificate_of(site.host)
    made = report.make(site, seen, live[0] if live else None)
    try:
        (memory or Memory()).keep(made)
    except OSError as error:
        raise MailError('report-failed', 'The report could not be kept.', str(error)) from error
    return made


def zone_records(site: Site, zone: str) -> tuple[Record, ...]:
    """Return the wanted records that stand in a zone."""
    return tuple(record for record in wanted(site) if record.is_in(zone))
