# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public page on which people without an account here change the password of their mail.

What it says, and how long that takes, is the same whether an address exists or not. Wrong
tries are few (see `throttle`) and logged, so that fail2ban keeps out who goes on trying.
"""

import logging
import math
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from .. import privileged
from ..authentication.guesses import household
from ..clients import servers
from ..directory.address import fold
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.password import ChangePasswordForm, LinkForm, NewPasswordForm
from ..system.own_networks import OwnNetworks
from ..words import pages
from ..words.text import Text
from .editing import Editing
from .page import Page, call
from .throttle import Throttle

logger = logging.getLogger(__name__)
throttle = Throttle()
_own = OwnNetworks()
NOTHING_LEARNT = frozenset({'directory-down', 'mail-not-set-up', 'password-invalid'})
"""Errors found before a password is tried: such a try is none, and the others still count."""
_LINK_KEY = 'email-password-link'
_LINK_PAGE = 'password-link'
_CHANGED = 'email-password-changed'
"""The address whose password this session changed last."""


def address_of(request: HttpRequest) -> str:
    """Address a request came from: the last one, which our own Apache added."""
    forwarded = request.META.get('HTTP_X_FORWARDED_FOR', '').rpartition(',')[2].strip()
    return str(forwarded or request.META.get('REMOTE_ADDR', ''))


def client_of(request: HttpRequest) -> str:
    """Household a request came from."""
    return household(address_of(request))


def named(request: HttpRequest) -> str:
    """Household a request came from, as fail2ban reads it in the journal.

    It blocks none in a network of the box itself, where a family tries to remember a password.
    """
    client = client_of(request)
    return f'{client}, in a network of this box' if _own.hold(address_of(request)) else client


def refuse(view: Editing, form: MailForm, seconds: int) -> HttpResponse:
    """The form again, saying how long to wait before the next try."""
    logger.warning('Too many wrong passwords on the page for mail passwords from %s',
                   named(view.request))  # fmt: skip
    minutes = math.ceil(seconds / 60)
    text = ngettext(
        *pages.TOO_MANY_TRIES,
        minutes,
    )
    form.add_error(None, text.format(minutes=minutes))
    response: HttpResponse = view.form_invalid(form)
    response.status_code = 429
    response['Retry-After'] = str(seconds)
    return response


class PublicPage(Page):
    """Mixin of pages for people who are not logged in."""

    tabs = ()

    def _ancestors(self, found: dict[str, Any]) -> dict[str, Any]:
        """No pages above: there are none for a stranger."""
        return {url: crumb for url, crumb in found.items() if crumb['url_name'] == 'index'}


class Guarded(PublicPage, Editing):
    """A form that can be tried a few times only."""

    template_name = 'email-password.html'
    submit = gettext_lazy('Change the password')
    after: ClassVar[str] = 'password-done'

    def back_url(self) -> Text:
        """None: there is no page to go back to."""
        return ''

    def account(self, form: Any) -> str:
        """The account whose password is being tried."""
        raise NotImplementedError

    def change(self, form: Any) -> None:
        """Change the password, or carry out another act that needs it."""
        raise NotImplementedError

    def save(self, form: MailForm) -> HttpResponse:
        """Carry out the form, unless there were too many wrong tries."""
        client = client_of(self.request)
        keys = self.account(form), client or 'unknown'
        if seconds := throttle.wait(*keys):
            return refuse(self, form, seconds)
        try:
            self.change(form)
        except MailError as error:
            if error.code in ('login-invalid', 'reset-invalid'):
                logger.warning('Wrong password on the page for mail passwords from %s',
                               named(self.request))  # fmt: skip
            elif error.code in NOTHING_LEARNT:
                throttle.take_back(*keys)
            raise
        throttle.take_back(*keys)
        return self.go(self.after)


class PasswordView(Guarded):
    """A new password for the person who knows the present one."""

    title = gettext_lazy('Change the password of a mailbox')
    form_class = ChangePasswordForm

    def account(self, form: NewPasswordForm) -> str:
        """The address that was typed, whether it exists or not."""
        return fold(form.cleaned_data['address'].strip())

    def change(self, form: NewPasswordForm) -> None:
        """Change the password, which root does only with the present one."""
        data = form.cleaned_data
        address, old, new = data['address'], data['old_password'], data['password']
        changed = Mailbox.from_json(call(privileged.mailbox_change_password, address, old, new))
        self.request.session[_CHANGED] = changed.address


class LinkView(PublicPage, Editing):
    """The page a link leads to; it takes the secret out of the link.

    The secret stands behind the # of the link, which browsers keep to themselves, so no log
    and no mail scanner that opens links ever has it. A script sends it as a form; without one
    the person copies it.
    """

    title = gettext_lazy('Choose a password')
    form_class = LinkForm
    template_name = 'email-password.html'
    submit = gettext_lazy('Continue')

    def back_url(self) -> Text:
        """None: there is no page to go back to."""
        return ''

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say that there is a link already."""
        return super().get_context_data(with_link=True, **kwargs)

    def save(self, form: LinkForm) -> HttpResponse:
        """Keep a valid secret with the session, and go on without it in the address."""
        secret = form.cleaned_data['code'].strip()
        call(privileged.mailbox_reset_address, secret)
        self.request.session[_LINK_KEY] = secret
        return self.go('password-new')

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """Leave a link that is not valid to a page of its own."""
        if error.code == 'reset-invalid':
            raise error
        return super().refused(form, error)

    def _problem(self, error: MailError) -> HttpResponse:
        """Say that a link is not valid, and note who tried it."""
        return _link_problem(self.request, super()._problem(error), error)


def _link_problem(request: HttpRequest, response: HttpResponse, error: MailError) -> HttpResponse:
    """Note who tried a link that is not valid, and forget it."""
    if error.code == 'reset-invalid':
        request.session.pop(_LINK_KEY, None)
        logger.warning('Wrong link on the page for mail passwords from %s', named(request))
        response.status_code = 404
    return response


class ResetView(Guarded):
    """A new password for the person who came by a link."""

    title = gettext_lazy('Choose a password')
    form_class = NewPasswordForm
    template_name = 'email-password.html'

    @property
    def secret(self) -> str:
        """The secret of the link, which this session brought."""
        return str(self.request.session.get(_LINK_KEY, ''))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go where the link is asked for, if there was none."""
        return super().dispatch(request, *args, **kwargs) if self.secret else self.go(_LINK_PAGE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whose password it is; a link that is not valid ends here."""
        address = call(privileged.mailbox_reset_address, self.secret)
        return super().get_context_data(address=address, with_link=True, **kwargs)

    def _problem(self, error: MailError) -> HttpResponse:
        """Say that a link is not valid, and note who tried it."""
        return _link_problem(self.request, super()._problem(error), error)

    def account(self, _form: NewPasswordForm) -> str:
        """The account of the link; it cannot be guessed, so only the client counts."""
        return self.secret

    def refused(self, form: NewPasswordForm, error: MailError) -> HttpResponse:
        """Let go of a form whose link has become invalid."""
        if error.code == 'reset-invalid':
            raise error
        return super().refused(form, error)

    def change(self, form: NewPasswordForm) -> None:
        """Change the password, which uses up the link."""
        secret, password = self.secret, form.cleaned_data['password']
        changed = Mailbox.from_json(call(privileged.mailbox_reset_finish, secret, password))
        self.request.session[_CHANGED] = changed.address
        del self.request.session[_LINK_KEY]


class PasswordDone(PublicPage, TemplateView):
    """The page after the password was changed."""

    template_name = 'email-password-done.html'
    title = gettext_lazy('Password changed')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the settings of a mail program for the mailbox."""
        login = self.request.session.get(_CHANGED, '')
        with Store() as store:
            host = servers.host_for(store, login)
        return super().get_context_data(host=host, login=login, **kwargs)
