# SPDX-License-Identifier: AGPL-3.0-or-later
"""The parts of the guide's pages: what each step shows, and what its buttons do.

A part is its template, the function that makes its context, and the acts of its buttons by their
names. Acts are those of the ordinary pages; one that answers nothing leads back to its step.
`has_action` says that the template itself has the step's main button, `is_whole` that it has all.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse

from ..directory.box_names import is_public
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.resolve import resolve
from ..directory.route import DIRECT, EVERYWHERE, RouteRule
from ..directory.store import Store
from ..directory.view import StoreView
from ..dns import hairpin, local_facts, other_box
from ..dns.checks import CHECKS, Check
from ..dns.hairpin import InsideTest
from ..dns.memory import Memory
from ..dns.records import Record, wanted
from ..dns.report import OUTGOING
from ..forms.guide import FirstDomainForm
from ..forms.route import RouteForm
from ..health.first_steps import Ground
from ..operations import obtaining
from ..status import State
from ..sync import own_names
from ..system import own_networks
from ..words import dns
from . import guide_message, relays, rows, ways_out
from .address import look_up
from .domains import make_primary
from .page import Page
from .records import LONGEST, find, look_at, name_server
from .ways_out import choices

_INSIDE = 'email-guide-inside'
MOST_MAILBOXES = 5
_ELSEWHERE = frozenset({'certificate', 'reach', OUTGOING})
"""Checks that other steps are about."""


Context = Callable[[Page, Ground], dict[str, Any]]
Act = Callable[[Any, Ground], HttpResponse | None]


@dataclass(frozen=True)
class StepPart:
    """The part of one step."""

    template: str
    context: Context
    acts: Mapping[str, Act] = field(default_factory=dict)


def _domain(_page: Page, ground: Ground) -> dict[str, Any]:
    """The public domains to choose from, and how the box is connected."""
    directory = ground.seen.directory
    names = [each for each in directory.domains if is_public(each)] if directory else []
    return {
        'is_whole': True,
        'names': names,
        'primary': ground.domain,
        'network': ground.network,
        **({} if ground.domain else _first_domain()),
    }


def _first_domain() -> dict[str, Any]:
    """The form for it; the name of one that was entered, but that mail does not follow yet."""
    entered = [each for each in own_names.listed() if is_public(each)]
    return {'has_action': True, 'form': FirstDomainForm(), 'entered': ''.join(entered[:1])}


def _add_domain(page: Any, _ground: Ground) -> HttpResponse | None:
    """Add the first domain to FreedomBox's names."""
    form = FirstDomainForm(page.request.POST)
    if not form.is_valid():
        return page.show(form=form)
    if form.cleaned_data['name'] not in own_names.listed():
        own_names.add(form.cleaned_data['name'])
    return None


def _choose_domain(page: Page, _ground: Ground) -> None:
    make_primary(page, page.request.POST.get('domain', ''))


def _check(page: Page, ground: Ground) -> None:
    """Check the domain now, which also tests port 25 both ways."""
    look_at(page.request, ground.domain)


def _ports(page: Page, ground: Ground) -> dict[str, Any]:
    """The router, the public addresses, the tests there were, and who tests from outside."""
    return {
        'has_action': True,
        'network': ground.network,
        'gateway': own_networks.gateway() if ground.network.behind_router else '',
        'addresses': local_facts.own_addresses(),
        'helper': other_box.load().host,
        'outside': _outside(ground.domain),
        'inside': _inside(page.request),
    }


def _outside(domain: str) -> list[dict[str, Any]]:
    """The findings of another box at the ports, by the last check."""
    latest = Memory().latest(domain)
    found = [latest.verdicts.get(role) for role in ('reach', 'ports')] if latest else []
    return [{'code': each.code, 'sentence': dns.sentence(each)} for each in found if each]


def _inside(request: HttpRequest) -> InsideTest | None:
    """The last test from the box itself, in this session."""
    try:
        kept = request.session.get(_INSIDE)
        return InsideTest.from_json(kept) if kept else None
    except ValueError:
        return None  # of another version of this app


def _test_ports(page: Page, ground: Ground) -> None:
    """Try the public addresses from here where a router is in front of them, then from outside."""
    began = time.monotonic()
    if ground.network.behind_router:
        found = hairpin.run(ground.domain, local_facts.own_addresses())
        page.request.session[_INSIDE] = found.to_json()
    look_at(page.request, ground.domain, LONGEST - (time.monotonic() - began))


def _look_up(page: Page, _ground: Ground) -> None:
    look_up(page, page.request)


def _way_form(data: Any = None) -> RouteForm:
    """The choice of the way of all mail."""
    with Store() as store:
        rule = store.find(RouteRule, EVERYWHERE)
        present = rule.route if rule else str(DIRECT)
        return RouteForm(data, ways=choices(store), initial={'way': present})


def _out(page: Page, ground: Ground) -> dict[str, Any]:
    """The relays there are, and the choice of a way if there is one."""
    found = relays.section(page.request)['relays']
    form = _way_form() if found else None
    return {'has_action': True, 'relays': found, 'form': form, 'domain': ground.domain}


def _send_by(page: Any, ground: Ground) -> HttpResponse | None:
    """Choose the way of all mail, and see what the domain needs now."""
    form = _way_form(page.request.POST)
    if not form.is_valid():
        return page.show(form=form)
    before = str(form.initial['way'])
    ways_out.choose(page, 'destination', EVERYWHERE, form.cleaned_data['way'], before)
    _check(page, ground)
    return None


def _dns(_page: Page, ground: Ground) -> dict[str, Any]:
    """The records that are missing or wrong, by the last check."""
    site = find(ground.domain)
    latest = Memory().latest(site.domain)
    things: list[Record | Check] = [*wanted(site), *CHECKS]
    shown = [rows.to_row(each, latest, site.domain) for each in things]
    wrong = [row for row in shown if row.needs_administrator and row.thing.role not in _ELSEWHERE]
    known = [row for row in wrong if row.state is not State.UNKNOWN] if latest else wrong
    return {
        'has_action': True,
        'site': site,
        'latest': latest,
        'rows': known,
        'server': name_server(site.domain),
    }


def _certificate(_page: Page, ground: Ground) -> dict[str, Any]:
    """The attempt to get the certificate of the primary domain, if there was one."""
    attempt = obtaining.latest(ground.domain)
    return {'has_action': True, 'is_whole': True, 'attempt': attempt, 'domain': ground.domain}


def _obtain(_page: Page, ground: Ground) -> None:
    obtaining.start(ground.domain)


def _people(_page: Page, ground: Ground) -> dict[str, Any]:
    """The first mailboxes, and who gets the mail of the postmaster."""
    postmaster = f'postmaster@{ground.domain}'
    with Store() as store:
        found = store.page(Mailbox, limit=MOST_MAILBOXES, domain=ground.domain)
        path = resolve(StoreView(store), postmaster)
        gives = store.get(Domain, ground.domain).gives_mailboxes(ground.domain)
    return {
        'mailboxes': found.entries,
        'more': max(0, found.total - MOST_MAILBOXES),
        'postmaster': postmaster,
        'reached': (*path.mailboxes, *path.remote),
        'gives': gives,
        'domain': ground.domain,
    }


def _nothing(_page: Page, _ground: Ground) -> dict[str, Any]:
    return {}


PARTS: Mapping[str, StepPart] = {
    'domain': StepPart(
        'email-guide-domain.html', _domain, {'primary': _choose_domain, 'add': _add_domain}
    ),
    'ports': StepPart('email-guide-ports.html', _ports, {'test': _test_ports, 'look-up': _look_up}),
    'out': StepPart('email-guide-out.html', _out, {'test': _check, 'send-by': _send_by}),
    'dns': StepPart('email-guide-dns.html', _dns, {'check': _check}),
    'certificate': StepPart('email-guide-certificate.html', _certificate, {'obtain': _obtain}),
    'people': StepPart('email-guide-people.html', _people),
    'message': StepPart(
        'email-guide-message.html', guide_message.context, {'send': guide_message.send}
    ),
    'device': StepPart('email-guide-device.html', _nothing),
}
