# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tab Health: every check with its verdict, the worst first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from ..health import check_list, observe, since
from ..health.condition import judge
from ..health.health_check import HealthCheck
from ..status import State
from ..sync.synchronize import missing_users
from ..system import systemd
from ..words import health_checks as words
from ..words.text import Sentence, Text
from .page import Page

SHOWN = {State.WORKS: 3}
SHOWN_BAD = 5
"""Checks of one kind and state that are shown one by one."""
_ORDER = list(State)


@dataclass(frozen=True)
class CheckGroup:
    """The checks of a group as the page shows them."""

    name: str
    title: str
    checks: tuple[HealthCheck, ...]
    more: tuple[tuple[Sentence, State], ...] = ()
    """Sentences for checks that are not shown one by one, and their states."""

    @property
    def state(self) -> State:
        """The worst state in it."""
        return min((each.state for each in self.checks), key=_ORDER.index, default=State.WORKS)


def _left_out(checks: Sequence[HealthCheck]) -> dict[tuple[str, State], list[HealthCheck]]:
    """Checks that are too many of their kind and state."""
    found: dict[tuple[str, State], list[HealthCheck]] = {}
    for check in checks:
        if words.CHECKS[check.name].many:
            found.setdefault((check.name, check.state), []).append(check)
    cut = {key: each[SHOWN.get(key[1], SHOWN_BAD) :] for key, each in found.items()}
    return {key: each for key, each in cut.items() if each}


def _group(name: str, checks: Sequence[HealthCheck]) -> CheckGroup:
    """One group, the worst check first."""
    left_out = _left_out(checks)
    gone = {each.key for folded in left_out.values() for each in folded}
    shown = [each for each in checks if each.key not in gone]
    more = [
        (Sentence(words.CHECKS[kind].many, {'count': len(folded)}), state)
        for (kind, state), folded in left_out.items()
    ]
    shown.sort(key=lambda each: _ORDER.index(each.state))
    more.sort(key=lambda each: _ORDER.index(each[1]))
    return CheckGroup(name, _(words.GROUPS[name]), tuple(shown), tuple(more))


def groups(checks: Iterable[HealthCheck]) -> list[CheckGroup]:
    """All groups, the one with the worst check first."""
    by_group: dict[str, list[HealthCheck]] = {name: [] for name in check_list.GROUPS}
    for check in checks:
        by_group[check_list.GROUP_OF[check.name]].append(check)
    made = [_group(name, each) for name, each in by_group.items() if each]
    return sorted(made, key=lambda each: _ORDER.index(each.state))


class HealthPage(Page, TemplateView):
    """All checks."""

    title: Text = gettext_lazy('Health')
    template_name = 'email-health.html'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Look, and add the checks."""
        enabled = systemd.starts_at_boot('postfix')
        seen, now = observe.look(enabled, missing_users()), datetime.now(UTC)
        found = since.dated(check_list.checks(seen, now), now)
        return super().get_context_data(
            is_enabled=enabled,
            condition=judge(seen, now),
            groups=groups(found),
            count=len(found),
            passed=sum(each.works for each in found),
            **kwargs,
        )
