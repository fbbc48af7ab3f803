# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one list of checks: page, notifications, diagnostics and the command read it.

A check works only if all parts of the observation it needs were seen. To add one, add
a `CheckKind`, its words to `words/health_checks.py`, and its problems to `words/health.py`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ..status import State
from . import check_facts as facts
from . import findings, outside, reported, upkeep, way_out
from .check_facts import NOTHING, CheckFacts
from .finding import Finding
from .health_check import HealthCheck
from .observation import Observation

Look = Callable[[Observation, datetime], Iterator[Finding]]
_ORDER = list(State)
_UNSEEN = {
    'units': 'services-unknown',
    'directory': 'directory-silent',
    'outdated': 'versions-unknown',
    'guards': 'guards-unknown',
    'helpers': 'helpers-unknown',
}
"""Codes of problems for parts that could not be seen, where they are not called after them."""


def _ever(look: Callable[[Observation], Iterator[Finding]]) -> Look:
    """A look for which the time makes no difference."""
    return lambda seen, _now: look(seen)


def _no_subjects(_seen: Observation) -> Iterable[str]:
    return ('',)


def _nothing(_seen: Observation, _about: str) -> CheckFacts:
    return NOTHING


@dataclass(frozen=True)
class CheckKind:
    """Checks of one kind: one, or one for each subject."""

    name: str
    group: str
    look: Look
    needs: tuple[str, ...] = ()
    """Parts of an observation without which nothing is known."""
    subjects: Callable[[Observation], Iterable[str]] = _no_subjects
    facts: Callable[[Observation, str], CheckFacts] = _nothing
    is_counted: bool = True
    """Whether its findings are problems of their own; else another kind counts them."""
    is_told: bool = True
    """Whether administrators are told by mail; else another message of the app tells them."""

    def checks(self, seen: Observation, now: datetime) -> Iterator[HealthCheck]:
        """The checks of this kind."""
        unseen = next((each for each in self.needs if getattr(seen, each) is None), '')
        found = [each for each in self.look(seen, now) if not each.is_unseen]
        subjects = dict.fromkeys([*self.subjects(seen), *(each.about for each in found)])
        if len(subjects) > 1:
            subjects.pop('', None)
        for about in subjects or ([''] if unseen else []):
            of_it = [each for each in found if each.about == about]
            yield self._check(about, of_it, unseen, seen)

    def _check(
        self, about: str, found: list[Finding], unseen: str, seen: Observation
    ) -> HealthCheck:
        known = self.facts(seen, about)
        code = _UNSEEN.get(unseen, f'unseen-{unseen.replace("_", "-")}') if unseen else known.unseen
        worst = sorted(found, key=lambda each: _ORDER.index(each.state))
        when = next((each.seen for each in worst), known.seen)
        return HealthCheck(
            self.name, about, tuple(worst), '' if found else code, when, known.params
        )


KINDS = (
    CheckKind(
        'service', 'services', _ever(findings.look_at_services), ('units',),
        facts.services, facts.of_service,
    ),
    CheckKind('helpers', 'services', _ever(findings.look_at_helpers), ('helpers',)),
    CheckKind('files', 'services', _ever(findings.look_at_files), ('unreadable',)),
    CheckKind('guards', 'services', _ever(findings.look_at_guards), ('guards',)),
    CheckKind('versions', 'services', _ever(findings.look_at_versions), ('outdated',)),
    CheckKind(
        'incoming', 'mail', _ever(outside.findings), ('times', 'records'),
        facts=facts.of_incoming,
    ),
    CheckKind('outgoing', 'mail', _ever(way_out.shut), ('records',),
         facts=facts.of_outgoing, is_told=False),
    CheckKind('relays', 'mail', _ever(way_out.refusing_relays), ('relays',)),
    CheckKind('silence', 'mail', upkeep.look_at_silence, ('times',), facts=facts.of_incoming,
         is_counted=False),
    CheckKind('queue', 'mail', findings.look_at_queue, ('queue',)),
    CheckKind('held', 'mail', _ever(findings.look_at_held_mail), ('queue',), is_told=False),
    CheckKind('lists', 'mail', reported.look('lists'), ('records',), facts=reported.facts('lists'),
         is_counted=False, is_told=False),
    CheckKind('reverse', 'mail', reported.look('reverse'), ('records',),
         facts=reported.facts('reverse'), is_counted=False, is_told=False),
    CheckKind('ports', 'mail', reported.look('ports'), ('records',), facts=reported.facts('ports'),
         is_counted=False, is_told=False),
    CheckKind('directory', 'domains', _ever(findings.look_at_directory), ('directory',)),
    CheckKind('recipients', 'domains', _ever(findings.look_at_recipients), ('directory',),
         is_told=False),
    CheckKind('records', 'domains', _ever(findings.look_at_records), ('directory', 'records'),
         facts.domains, facts.of_records, is_told=False),
    CheckKind('certificate', 'domains', findings.look_at_certificates,
         ('directory', 'certificates'), facts.certificates),
    CheckKind('client-hosts', 'domains', _ever(findings.look_at_client_hosts),
         ('directory', 'certificates')),
    CheckKind('keys', 'domains', _ever(findings.look_at_keys), ('directory', 'keys_lost'),
         facts.domains),
    CheckKind('apps', 'domains', _ever(findings.look_at_client_setup), ('directory', 'records'),
         facts.domains, facts.of_apps, is_told=False),
    CheckKind('drift', 'box', _ever(findings.look_at_configuration), ('drift',)),
    CheckKind('undone', 'box', _ever(findings.look_at_undone), ('undone',)),
    CheckKind('room', 'box', _ever(findings.look_at_room), ('room_mb',), facts=facts.of_room),
    CheckKind('inodes', 'box', upkeep.look_at_inodes, ('inodes',)),
    CheckKind('memory', 'box', upkeep.look_at_memory, ('memory_mb',), facts=facts.of_memory),
    CheckKind('clock', 'box', upkeep.look_at_clock, ('synchronized',), facts=upkeep.clock_facts,
         is_counted=False),
    CheckKind('resolver', 'box', reported.look('validation'), ('records',),
         facts=reported.facts('validation'), is_counted=False, is_told=False),
    CheckKind('spam-lists', 'box', upkeep.look_at_spam_lists, ('spam_lists',),
         facts=upkeep.spam_list_facts),
    CheckKind('spam-memory', 'box', upkeep.look_at_spam_memory, ('spam_memory',)),
    CheckKind('backup', 'box', upkeep.look_at_backups, ('backup',), facts=upkeep.backup_facts,
         is_counted=False),
    CheckKind('drill', 'box', upkeep.no_look, facts=upkeep.drill_facts),
    CheckKind('users', 'box', _ever(findings.look_at_users), ('directory',)),
    CheckKind('kept', 'box', _ever(findings.look_at_kept_mail), ('kept',), is_told=False),
)  # fmt: skip
GROUP_OF = {kind.name: kind.group for kind in KINDS}
HAS_SUBJECTS = {kind.name: kind.subjects is not _no_subjects for kind in KINDS}
"""Whether it is known beforehand which checks of a kind there are."""
TOLD_HERE = frozenset(kind.name for kind in KINDS if kind.is_told)
TOLD_OUTSIDE = TOLD_HERE | {'records', 'outgoing', 'lists'}
"""Of these the daily DNS check tells inside, which does not leave the box."""
GROUPS = tuple(dict.fromkeys(GROUP_OF.values()))


def checks(seen: Observation, now: datetime) -> tuple[HealthCheck, ...]:
    """All checks; none while email is turned off."""
    if not seen.enabled:
        return ()
    return tuple(check for kind in KINDS for check in kind.checks(seen, now))


def problems(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Every problem in an observation, and the parts that could not be seen."""
    for kind in KINDS:
        if kind.is_counted:
            yield from kind.look(seen, now)
    yield from findings.look_at_the_unseen(seen)
