# SPDX-License-Identifier: AGPL-3.0-or-later
"""The step about email at the first start."""

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic.edit import FormView
from freedombox.modules import first_boot
from freedombox.modules.names.components import DomainName

from plinth.modules.email.directory.box_names import is_public, mail_domains

from . import first_boot_steps, forms, plan

logger = logging.getLogger(__name__)


class FirstBootView(FormView):
    """Ask whether to set email up, and for the domain; never in the way of the rest."""

    template_name = 'emailsetup-firstboot.html'
    form_class = forms.FirstBootForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go on without an answer if the person chose so."""
        if 'skip' in request.POST:
            return self._next()
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_initial(self) -> dict[str, Any]:
        """Fill in the domain this box has already."""
        initial: dict[str, Any] = super().get_initial()
        known = [name for name in mail_domains(DomainName.list_names()) if is_public(name)]
        if known:
            initial['primary_domain'] = known[0]
        return initial

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the title."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context['title'] = _('Email')
        return context

    def form_valid(self, form: forms.FirstBootForm) -> HttpResponse:
        """Keep the answer and go on."""
        answer = plan.SetupTime(form.cleaned_data['choice'])
        try:
            plan.remember(answer, form.cleaned_data['primary_domain'])
        except Exception:
            logger.exception('Cannot keep the answer about email')
        else:
            self._tell(answer)
        return self._next()

    def _tell(self, answer: plan.SetupTime) -> None:
        """Tell the next step."""
        if answer is plan.SetupTime.NOW:
            messages.success(
                self.request,
                _('Email is being installed. A notification will tell you when it is ready.'),
            )

    def _next(self) -> HttpResponse:
        """Mark the step as done, start the work that can start, and go to the next step."""
        first_boot.mark_step_done(first_boot_steps[0]['id'])
        try:
            plan.carry_on()
        except Exception:
            logger.exception('Cannot start the installation of email yet')
        return HttpResponseRedirect(reverse(first_boot.next_step()))
