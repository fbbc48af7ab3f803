# SPDX-License-Identifier: AGPL-3.0-or-later
"""The guide through the set-up: one small page for each step, to be left and taken up again.

A page keeps nothing: whether its step is done is judged by what was seen (`health/first_steps.py`),
as on the overview. What it does, the ordinary pages do too, by the same functions. Only its
buttons test the network; a page that is opened shows what is known.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from .. import privileged
from ..activity.last_times import Times
from ..activity.root_part import RootPart
from ..errors import MailError
from ..health import first_steps, observe, setup_notice
from ..health.first_steps import CODES, Ground
from ..system import systemd
from ..words.text import Text
from . import guide_place
from .guide_steps import PARTS
from .page import Page
from .shown import ShownState


def _root() -> RootPart:
    """Root's part of what the steps need: when mail came and went."""
    times = privileged.overview_times()
    return RootPart(times=Times.from_json(times) if times else None)


def look() -> Ground:
    """The ground on which the steps are judged now."""
    return setup_notice.ground(observe.look(systemd.starts_at_boot('postfix'), as_root=_root))


class GuideStart(Page, View):
    """The way to the step that is next."""

    http_method_names = ('get',)

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Go on to it; to the overview when all are done, or email is turned off."""
        ground = look()
        found = first_steps.steps(ground)
        number = first_steps.next_of(found) if ground.seen.enabled else 0
        return self.go('guide', CODES[number - 1]) if number else self.go('index')


class GuideView(Page, TemplateView):
    """The page of one step."""

    template_name = 'email-guide.html'
    title = gettext_lazy('Email setup')
    ground: Ground

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Note which step is meant."""
        super().setup(request, *args, **kwargs)
        self.code = str(kwargs['key'])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer for a step there is; while email is turned off, nothing can be set up."""
        if self.code not in CODES:
            return self._problem(MailError('step-missing'))
        self.ground = look()
        if not self.ground.seen.enabled:
            return self.go('index')
        guide_place.remember(request, self.code)
        return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> Text:
        """The title of the step."""
        if self.code not in CODES:
            return self.title
        step = guide_place.link_to(self.code)
        return _('Step {number} of {count}: {title}').format(
            number=step.number, count=len(CODES), title=step.title
        )

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do what a button of the step is for, and show the step again."""
        is_ready = self.code == CODES[0] or bool(self.ground.domain)
        act = PARTS[self.code].acts.get(request.POST.get('act', '')) if is_ready else None
        try:
            answer = act(self, self.ground) if act else None
        except MailError as error:
            messages.error(request, error.sentence)
            answer = None
        return answer or self.go('guide', self.code)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step, its neighbours, and its own part."""
        found = first_steps.steps(self.ground)
        number = CODES.index(self.code)
        step, following = found[number], first_steps.after(found, self.code)
        part = {**self._part(), **kwargs}
        return super().get_context_data(
            step=step,
            shown=ShownState(step.state, step.seen, ''),
            when=step.when,
            before=guide_place.link_to(CODES[number - 1]) if number else None,
            following=guide_place.link_to(following.code) if following else None,
            overview=reverse('email:index'),
            **part,
        )

    def _part(self) -> dict[str, Any]:
        """The template and context of the step; most have none before there is a domain."""
        if self.code != CODES[0] and not self.ground.domain:
            return {'template': 'email-guide-first.html', 'has_action': True}
        part = PARTS[self.code]
        return {'template': part.template, **part.context(self, self.ground)}

    def show(self, **context: Any) -> HttpResponse:
        """The page with something else on it, like a form with its errors."""
        return self.render_to_response(self.get_context_data(**context))
