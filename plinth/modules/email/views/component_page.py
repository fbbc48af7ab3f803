# SPDX-License-Identifier: AGPL-3.0-or-later
"""Optional parts: what each does and needs, whether this box has that, and whether it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..directory.component import COMPONENTS, Component, get_component
from ..directory.store import Store
from ..maintenance.component_setup import ComponentProgress, ComponentState, ComponentStates
from ..operations import component_work
from ..operations.component_work import ComponentAttempt
from ..status import State
from ..sync import signals
from ..system import free_room
from ..system.free_room import Room
from ..words.components import INSTALLED, NO_ROOM, REMOVED, STEPS, WORDS, ComponentWords
from ..words.text import Sentence, Text
from .page import Page, call
from .shown import ShownState


@dataclass(frozen=True)
class ShownComponent:
    """An optional part as the page shows it."""

    component: Component
    words: ComponentWords
    installed: bool
    shown: ShownState
    lacks: Text
    """Why it can't be installed here; '' if it can, or is."""

    @property
    def title(self) -> Text:
        """Its name."""
        return str(Sentence(self.words.title))


def of_state(found: ComponentState) -> ShownState:
    """The state of an optional part in one word."""
    if not found.installed:
        return ShownState(State.UNKNOWN, _('Not installed'), '', is_off=True)
    if found.runs:
        return ShownState(State.WORKS, _('Works'), '')
    return ShownState(State.BROKEN, _('Down'), '')


def shown_component(found: ComponentState, there: Room) -> ShownComponent:
    """An optional part, and whether there is room for it."""
    component = COMPONENTS[found.name]
    lacking = there.lacks(component.memory_mb, component.disk_mb)
    lacks: Text = ''
    if lacking and not found.installed:
        needed = {'memory': component.memory_mb, 'disk': component.disk_mb}[lacking]
        free = {'memory': there.memory_mb, 'disk': there.disk_mb}[lacking]
        lacks = str(Sentence(NO_ROOM[lacking], {'needed': needed, 'there': free or 0}))
    return ShownComponent(component, WORDS[found.name], found.installed, of_state(found), lacks)


def section(_request: HttpRequest) -> Mapping[str, Any]:
    """The context of the section on the page Delivery: what is installed."""
    with Store() as store:
        installed = store.settings().component_names
    return {'titles': [WORDS[each].title for each in installed if each in WORDS]}


def step_text(progress: ComponentProgress) -> Text:
    """The step that is under way, and how far it is."""
    if progress.step not in STEPS:
        return _('Waiting for its turn')
    text = _(STEPS[progress.step])
    return f'{text} ({progress.percent} %)' if progress.percent else text


def ended(attempt: ComponentAttempt | None) -> Text:
    """The sentence about work that ended well."""
    if attempt is None or not attempt.over or attempt.problem:
        return ''
    text = INSTALLED if attempt.installed else REMOVED
    return str(Sentence(text, {'title': Sentence(WORDS[attempt.name].title)}))


class ComponentsPage(Page, TemplateView):
    """All optional parts."""

    template_name = 'email-components.html'
    title = gettext_lazy('Components')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the optional parts, and how far the work on one is."""
        is_running = signals.is_changing_component()
        attempt = component_work.latest()
        step = ''
        if is_running:
            step = step_text(ComponentProgress.from_json(call(privileged.component_progress)))
        there = free_room.look()
        found = ComponentStates.from_json(call(privileged.components_look))
        return super().get_context_data(
            components=[shown_component(each, there) for each in found.components],
            there=there,
            is_running=is_running,
            step=step,
            attempt=attempt,
            ended='' if is_running else ended(attempt),
            **kwargs,
        )

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseRedirect:
        """Begin to install or remove one, and show how far that is."""
        component = get_component(request.POST.get('name', ''))
        installed = request.POST.get('act') == 'install'
        component_work.start(component.name, installed, request.user.username)
        return self.go('components')
