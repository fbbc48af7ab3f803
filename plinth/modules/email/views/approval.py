# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public pages behind the link in a notice to a guardian, who need not log in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..forms.guard import DecisionForm
from ..rules.approval_links import LinkedMessage
from .guards import decided
from .mail_link import LinkEntrance, LinkUse
from .page import call
from .password import PublicPage

_SECRET = 'email-approval'  # noqa: S105 - the name of a place in the session
_DONE = 'email-approval-done'


class ApprovalLinkPage(LinkEntrance):
    """The page the link leads to."""

    title = gettext_lazy('Waiting message')
    template_name = 'email-approval-link.html'
    wrong = 'approval-invalid'
    place = _SECRET
    following = 'approval-confirm'

    def look(self, secret: str) -> None:
        """Have root look for the message."""
        call(privileged.waiting_of_link, secret)


class ApprovalConfirm(LinkUse):
    """The message, and the buttons that decide on it."""

    title = gettext_lazy('Waiting message')
    form_class = DecisionForm
    template_name = 'email-waiting-message.html'
    wrong = 'approval-invalid'
    place = _SECRET
    entrance = 'approval'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the message."""
        found = LinkedMessage.from_json(call(privileged.waiting_of_link, self.secret))
        return super().get_context_data(message=found.message, address=found.address, **kwargs)

    def save(self, form: DecisionForm) -> HttpResponse:
        """Carry out the decision, which uses up the link."""
        decision = form.cleaned_data['decision']
        answer = call(privileged.waiting_decide_by_link, self.secret, decision)
        found = LinkedMessage.from_json(answer)
        del self.request.session[_SECRET]
        self.request.session[_DONE] = decided(found.message, found.address, decision)
        return self.go('approval-done')


class ApprovalDone(PublicPage, TemplateView):
    """The page after a decision."""

    template_name = 'email-approval-done.html'
    title = gettext_lazy('Waiting message')

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go where the link is asked for, if nothing was decided."""
        if _DONE not in request.session:
            return self.go('approval')
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the decision in words."""
        return super().get_context_data(done=self.request.session[_DONE], **kwargs)
