# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public pages behind the link “that was not me” in a notice about a login.

The secret stands behind the # of the link, so no log has it, and no program that opens links of
mail does more than show a page. The person confirms it by a button. Wrong links are few (see
`throttle`) and logged, so that fail2ban keeps out who goes on trying.
"""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..authentication.disowning import Disowned, OwnLogin
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.password import LinkForm
from ..words.text import Text
from .editing import Editing
from .page import call
from .password import PublicPage, client_of, refuse
from .throttle import Throttle

logger = logging.getLogger(__name__)
throttle = Throttle()
_SECRET = 'email-not-me'  # noqa: S105 - the name of a place in the session
_DONE = 'email-not-me-done'
_ACCOUNT = 'not-me'
"""All links count as one account: one that is wrong names none."""


class _Link(PublicPage, Editing):
    """Mixin of pages that need a link, which can be tried a few times only."""

    def back_url(self) -> Text:
        """None: there is no page to go back to."""
        return ''

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """Leave a link that is not valid to a page of its own."""
        if error.code == 'disown-invalid':
            raise error
        return super().refused(form, error)

    def _problem(self, error: MailError) -> HttpResponse:
        """Say that a link is not valid, note who tried it, and forget it."""
        response = super()._problem(error)
        if error.code == 'disown-invalid':
            self.request.session.pop(_SECRET, None)
            client = client_of(self.request)
            logger.warning('Wrong link on the page for mail passwords from %s', client)
        return response


class NotMeLink(_Link):
    """The page the link leads to; it takes the secret out of the link."""

    title = gettext_lazy('That was not me')
    form_class = LinkForm
    template_name = 'email-not-me-link.html'
    submit = gettext_lazy('Continue')

    def save(self, form: LinkForm) -> HttpResponse:
        """Keep a valid secret with the session, and go on without it in the address."""
        keys = _ACCOUNT, client_of(self.request) or 'unknown'
        if seconds := throttle.wait(*keys):
            return refuse(self, form, seconds)
        secret = form.cleaned_data['code'].strip()
        call(privileged.login_of_link, secret)
        throttle.take_back(*keys)
        self.request.session[_SECRET] = secret
        return self.go('not-me-confirm')


class NotMeConfirm(_Link):
    """The login, and the button that disowns it."""

    title = gettext_lazy('That was not me')
    form_class = MailForm
    template_name = 'email-not-me.html'
    submit = gettext_lazy('That was not me')

    @property
    def secret(self) -> str:
        """The secret of the link, which this session brought."""
        return str(self.request.session.get(_SECRET, ''))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go where the link is asked for, if there was none."""
        return super().dispatch(request, *args, **kwargs) if self.secret else self.go('not-me')

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
