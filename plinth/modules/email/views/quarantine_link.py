# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public pages behind the links in the daily message about a quarantine.

A page shows sender and subject of the message the link is for, and one button that does what the
link is for.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..filtering.quarantine_links import LinkedQuarantine
from ..forms.base import MailForm
from ..words import quarantine as words
from ..words.text import Text
from .mail_link import LinkEntrance, LinkUse
from .page import call
from .password import PublicPage

_SECRET = 'email-quarantine'  # noqa: S105 - the name of a place in the session
_DONE = 'email-quarantine-done'


def done_text(found: LinkedQuarantine) -> str:
    """The act of a link, in words."""
    texts = {'release': words.RELEASED, 'allow': words.RELEASED_AND_ALLOWED}
    text = str(texts.get(found.act, words.DELETED))
    return text.format(address=found.address, author=found.message.author)


class QuarantineLinkPage(LinkEntrance):
    """The page the link leads to."""

    title = gettext_lazy('Message in quarantine')
    template_name = 'email-quarantine-link.html'
    wrong = 'quarantine-link-invalid'
    place = _SECRET
    following = 'quarantine-link-confirm'

    def look(self, secret: str) -> None:
        """Have root look for the message."""
        call(privileged.quarantine_of_link, secret)


class QuarantineConfirm(LinkUse):
    """The message, and the button that does what the link is for."""

    title = gettext_lazy('Message in quarantine')
    form_class = MailForm
    template_name = 'email-quarantine-confirm.html'
    wrong = 'quarantine-link-invalid'
    place = _SECRET
    entrance = 'quarantine-link'

    @cached_property
    def found(self) -> LinkedQuarantine:
        """The message the link is for."""
        return LinkedQuarantine.from_json(call(privileged.quarantine_of_link, self.secret))

    def get_title(self) -> Text:
        """The act of the link."""
        return words.TITLES[self.found.act]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the message, and the button."""
        found = super().get_context_data(found=self.found, message=self.found.message, **kwargs)
        return {**found, 'submit': words.TITLES[self.found.act]}

    def save(self, _form: MailForm) -> HttpResponse:
        """Do what the link is for."""
        answer = call(privileged.quarantine_use_link, self.secret)
        del self.request.session[_SECRET]
        self.request.session[_DONE] = done_text(LinkedQuarantine.from_json(answer))
        return self.go('quarantine-link-done')


class QuarantineDone(PublicPage, TemplateView):
    """The page after the link was used."""

    template_name = 'email-approval-done.html'
    title = gettext_lazy('Message in quarantine')

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go where the link is asked for, if nothing was done."""
        if _DONE not in request.session:
            return self.go('quarantine-link')
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was done."""
        return super().get_context_data(done=self.request.session[_DONE], **kwargs)
