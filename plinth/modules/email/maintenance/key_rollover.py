# SPDX-License-Identifier: AGPL-3.0-or-later
"""Have signing keys follow each other: look, publish, switch, withdraw.

`tick` does for one domain whatever its time has come for. It may be called at any time, by the
hourly timer, the command or a page, and be cut short anywhere: each step is kept before the
next begins, and nothing is taken for done before it was seen. In particular a pair counts as
signing until the file Rspamd reads does not name it any more.

The rules are in :mod:`..dkim.rotation`; files and what is known in :mod:`..dkim.key_state`.

DIAGNOSTICS
    domain-invalid   the domain has no DNS in which a key could be published
    queue-unknown    Postfix does not say how long mail may wait, so nothing is withdrawn
    What :mod:`..dkim.key_state`, :mod:`.dns_publishing`, :mod:`.setup` and the directory
    raise passes through.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..directory.box_names import is_public
from ..dkim import key_state, rotation
from ..dkim.rotation import Rotation, Terms
from ..dkim.stages import DomainKeys
from ..dns import local_facts
from ..dns.answer import Question
from ..dns.changes import plan, questions
from ..dns.keys import RIGHT, judge
from ..dns.records import Site, wanted
from ..dns.withdraw import question, withdrawals
from ..errors import MailError, Reason
from ..sending import queue_moves
from ..system import systemd
from . import dns_publishing, setup

if TYPE_CHECKING:
    from ..dns.propagation import Sight

BY_ITSELF = timedelta(days=182)
"""How long a pair signs where records are published by the box."""
BY_HAND = timedelta(days=365)
"""How long where a person has to enter them."""
TITLE = 'Change signing keys'
UNIT = 'freedombox-email-keys.service'
TIMER = 'freedombox-email-keys.timer'

logger = logging.getLogger(__name__)

Change = Callable[[Rotation], Rotation]


def _publishes(domain: str) -> bool:
    """Whether the box may write into the zone of a domain."""
    return dns_publishing.has_provider(domain)


def terms(domain: str) -> Terms:
    """The terms of a domain's rotation."""
    return Terms(BY_ITSELF if _publishes(domain) else BY_HAND, queue_moves.lifetimes().message)


def _changed(domain: str, change: Change) -> Rotation:
    """Change the state of a domain's keys under the lock."""
    with key_state.locked():
        before = key_state.ensured(domain, datetime.now(UTC))
        after = change(before)
        _delete(domain, before, after)
        if after != before:
            key_state.keep(after)
    return after


def _delete(domain: str, before: Rotation, after: Rotation) -> None:
    """Delete private keys of pairs that were given up just now."""
    for pair in after.gone:
        if pair not in before.gone:
            logger.info('The keys %s of %s are not needed any more.', pair.name, domain)
            key_state.remove_pair(domain, pair)


def _confirm(domain: str, its: Terms) -> Rotation:
    """Let time pass for the pairs that sign no more, and give up those whose time is over."""

    def change(known: Rotation) -> Rotation:
        known = rotation.confirmed(known, key_state.signing(domain), datetime.now(UTC))
        return rotation.withdrawn(known, its)

    return _changed(domain, change)


def _make_next(domain: str, its: Terms, early: bool = False) -> Rotation:
    """Make the next pair when it is time, or at once where `early` is set."""
    now = datetime.now(UTC)

    def change(known: Rotation) -> Rotation:
        if known.next or not (early or rotation.needs_next(known, its, now)):
            return known
        name = rotation.following(known.latest, now)
        logger.info('The keys %s of %s are made.', name, domain)
        return rotation.with_next(known, key_state.make_pair(domain, name), now)

    return _changed(domain, change)


def publish(known: Rotation) -> None:
    """Write the records of all keys into the zone, and remove those of keys given up."""
    domain, target = known.domain, dns_publishing.provider_of(known.domain)
    keys = tuple(known.published())
    by_role = {f'dkim-{key.selector}': key for key in keys}
    records = [each for each in wanted(Site(domain, domain, keys=keys)) if each.role in by_role]
    places = questions(records) | {question(domain, key) for key in known.given_up()}
    found = target.read(places)
    settled = {
        each.role: 'right'
        for each in records
        if judge(found[Question(each.name, each.kind)][1], by_role[each.role]) == RIGHT
    }
    changes = (
        *plan(records, settled, found, target.zone),
        *withdrawals(domain, known.given_up(), found, target.zone),
    )
    if changes:
        target.change(changes)
        logger.info('Records of signing keys of %s are published.', domain)


def _sights(known: Rotation) -> dict[str, 'Sight']:
    """Look at the records of the next pair and of those given up; again where nothing was said."""
    from ..dns.propagation import look  # its library takes 0.3 s to load

    waiting = known.next.pair.keys if known.next else ()
    sights = look(known.domain, [*waiting, *known.given_up()])
    if any(sight.silent for sight in sights.values()):
        sights = look(known.domain, [*waiting, *known.given_up()])
    return sights


def _look(known: Rotation) -> Rotation:
    """Look which records all name servers have, and let the next pair sign if it is time."""
    sights = _sights(known)
    for selector, sight in sights.items():
        logger.info('%s of %s: %s', selector, known.domain, sight)
    its = terms(known.domain)
    absent = {selector for selector, sight in sights.items() if sight.is_nowhere}

    def change(latest: Rotation) -> Rotation:
        now = datetime.now(UTC)
        if latest.next and known.next and latest.next.pair == known.next.pair:
            seen = [sights[selector] for selector in latest.next.pair.selectors]
            lacking = {name for sight in seen for name in (*sight.wrong, *sight.silent)}
            everywhere = all(sight.is_everywhere for sight in seen)
            ttl = max(sight.ttl for sight in seen)
            latest = rotation.seen(latest, everywhere, lacking, ttl, now)
        if rotation.can_switch(latest, its, now):
            logger.info('The keys %s of %s sign from now on.', latest.latest, known.domain)
            latest = rotation.switched(latest, now)
        return rotation.forgotten(latest, absent)

    return _changed(known.domain, change)


def rotates(domain: str) -> bool:
    """Whether keys of a domain follow each other: there must be a DNS to publish them."""
    return is_public(domain)


def tick(domain: str, who: str = TIMER) -> tuple[Reason, ...]:
    """Take the steps that are due for a domain; problems that will be tried again."""
    its = terms(domain)
    _confirm(domain, its)
    problems = [Reason('key-lost', {'selector': each}) for each in key_state.lost(domain)]
    known = _make_next(domain, its)
    if known.is_busy and _publishes(domain):
        try:
            publish(known)
        except MailError as error:
            problems.append(error.detailed)
    if known.next or known.gone:
        known = _look(known)
    if key_state.signing(domain) != {each.selector for each in key_state.signers(domain)}:
        setup.refresh(who, title=TITLE)
        _confirm(domain, its)
    return tuple(problems)


def tick_all() -> int:
    """Take the steps that are due for all domains; the number of those with problems."""
    failed = 0
    for domain in filter(rotates, local_facts.domains()[0]):
        try:
            problems = tick(domain)
        except MailError as error:
            problems = (error.detailed,)
        for problem in problems:
            logger.warning('Signing keys of %s: %s', domain, problem)
        failed += bool(problems)
    return failed


def state(domain: str) -> DomainKeys:
    """The state of a domain's keys, and the terms of their rotation."""
    entry, _host = local_facts.find(domain)
    name = entry.name
    its, known = terms(name), key_state.load(name)
    return DomainKeys(
        known,
        its,
        _publishes(name),
        rotates(name),
        key_state.lost(name),
        key_state.damage(name),
    )


def _checked(domain: str) -> str:
    entry, _host = local_facts.find(domain)
    name: str = entry.name
    if not rotates(name):
        raise MailError('domain-invalid.not-public', name=name)
    return name


def _after(name: str, wait: bool, who: str) -> DomainKeys:
    """Take the steps that are due now, or start them in the background."""
    problems = tick(name, who) if wait else _start()
    return replace(state(name), problems=problems)


def _start() -> tuple[Reason, ...]:
    """Start the steps that otherwise run once an hour."""
    try:
        systemd.start_some_time(UNIT, 'not-started')
    except MailError as error:
        return (error.detailed,)
    return ()


def make_next(domain: str, who: str = TIMER, wait: bool = True) -> DomainKeys:
    """Make the next pair of keys now, and publish its records where the box may."""
    name = _checked(domain)
    _make_next(name, terms(name), early=True)
    return _after(name, wait, who)


def rotate(domain: str, who: str = TIMER, wait: bool = True) -> DomainKeys:
    """Let the next pair of keys take over as soon as that is safe, at any date."""
    name = _checked(domain)
    _changed(name, lambda known: replace(known, asked=True))
    _make_next(name, terms(name))
    return _after(name, wait, who)
