# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public pages behind the link “that was not me” in a notice about a login."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..authentication.disowning import Disowned, OwnLogin
from ..forms.base import MailForm
from .mail_link import LinkEntrance, LinkUse
from .page import call
from .password import PublicPage

_SECRET = 'email-not-me'  # noqa: S105 - the name of a place in the session
_DONE = 'email-not-me-done'


class NotMeLink(LinkEntrance):
    """The page the link leads to; it takes the secret out of the link."""

    title = gettext_lazy('That was not me')
    template_name = 'email-not-me-link.html'
    wrong = 'disown-invalid'
    place = _SECRET
    following = 'not-me-confirm'

    def look(self, secret: str) -> None:
        """Have root look for the login."""
        call(privileged.login_of_link, secret)


class NotMeConfirm(LinkUse):
    """The login, and the button that disowns it."""

    title = gettext_lazy('That was not me')
    form_class = MailForm
    template_name = 'email-not-me.html'
    submit = gettext_lazy('Block this login')
    wrong = 'disown-invalid'
    place = _SECRET
    entrance = 'not-me'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the login."""
        login = OwnLogin.from_json(call(privileged.login_of_link, self.secret))
        return super().get_context_data(login=login, **kwargs)

    def save(self, _form: MailForm) -> HttpResponse:
        """Disown it, which uses up the link."""
        done = Disowned.from_json(call(privileged.login_disown, self.secret))
        del self.request.session[_SECRET]
        self.request.session[_DONE] = done.to_json()
        return self.go('not-me-done')


class NotMeDone(PublicPage, TemplateView):
    """The page after a login was disowned."""

    template_name = 'email-not-me-done.html'
    title = gettext_lazy('Login blocked')

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go where the link is asked for, if nothing was done."""
        if _DONE not in request.session:
            return self.go('not-me')
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the outcome."""
        done = Disowned.from_json(self.request.session[_DONE])
        return super().get_context_data(done=done, login=done.login, **kwargs)
