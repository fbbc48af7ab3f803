# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public page on which people without an account here change the password of their mail.

What it says, and how long that takes, is the same whether an address exists or not. Wrong
tries are few (see `throttle`) and logged, so that fail2ban keeps out who goes on trying.
"""

import ipaddress
import logging
import math
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from .. import privileged
from ..directory.address import fold
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.password import ChangePasswordForm, NewPasswordForm
from ..overview import Text
from ..throttle import Throttle, client_key
from .editing import Editing
from .page import Page, call

logger = logging.getLogger(__name__)
throttle = Throttle()


def client_of(request: HttpRequest) -> str:
    """Return the address a request came from: the last one, which our own Apache added."""
    forwarded = request.META.get('HTTP_X_FORWARDED_FOR', '').rpartition(',')[2].strip()
    text = forwarded or request.META.get('REMOTE_ADDR', '')
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ''


def refuse(view: Editing, form: MailForm, seconds: int) -> HttpResponse:
    """The form again, saying how long to wait before the next try."""
    logger.warning('Too many wrong passwords on the page for mail passwords from %s',
                   client_of(view.request))  # fmt: skip
    minutes = math.ceil(seconds / 60)
    text = ngettext(
        'Too many wrong tries. Wait {minutes} minute, then try again.',
        'Too many wrong tries. Wait {minutes} minutes, then try again.',
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
        """Return no pages above: there are none for a stranger."""
        return {url: crumb for url, crumb in found.items() if crumb['url_name'] == 'index'}


class Guarded(PublicPage, Editing):
    """A form that can be tried a few times only."""

    template_name = 'email-password.html'
    submit = gettext_lazy('Change the password')

    def back_url(self) -> Text:
        """Return nothing: there is no page to go back to."""
        return ''

    def account(self, form: NewPasswordForm) -> str:
        """Return what is being guessed at."""
        raise NotImplementedError

    def change(self, form: NewPasswordForm) -> None:
        """Change the password."""
        raise NotImplementedError

    def save(self, form: NewPasswordForm) -> HttpResponse:
        """Change the password, unless there were too many wrong tries."""
        client = client_of(self.request)
        keys = f'account {self.account(form)}', client_key(client)
        if seconds := throttle.wait(keys):
            return refuse(self, form, seconds)
        try:
            self.change(form)
        except MailError as error:
            if error.code in ('login-invalid', 'reset-invalid'):
                logger.warning('Wrong password on the page for mail passwords from %s', client)
            else:
                throttle.forget(*keys)
            raise
        throttle.forget(*keys)
        return self.go('password-done')


class PasswordView(Guarded):
    """A new password for somebody who knows the present one."""

    title = gettext_lazy('Change the password of a mailbox')
    form_class = ChangePasswordForm

    def account(self, form: NewPasswordForm) -> str:
        """Return the address that was typed, whether it exists or not."""
        return fold(form.cleaned_data['address'].strip())

    def change(self, form: NewPasswordForm) -> None:
        """Change the password, which root does only for whoever knows the present one."""
        data = form.cleaned_data
        address, old, new = data['address'], data['old_password'], data['password']
        call(privileged.mailbox_change_password, address, old, new)


class ResetView(Guarded):
    """A new password for somebody who was given a link."""

    title = gettext_lazy('Choose a password')
    form_class = NewPasswordForm
    template_name = 'email-password.html'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whose password it is; a link that is not valid ends here."""
        address = call(privileged.mailbox_reset_address, self.kwargs['secret'])
        return super().get_context_data(address=address, **kwargs)

    def _problem(self, error: MailError) -> HttpResponse:
        """Say that a link is not valid, and note who tried it."""
        response = super()._problem(error)
        if error.code == 'reset-invalid':
            logger.warning('Wrong link on the page for mail passwords from %s',
                           client_of(self.request))  # fmt: skip
            response.status_code = 404
        return response

    def account(self, _form: NewPasswordForm) -> str:
        """Return that of the link; it cannot be guessed, so only the client counts."""
        return str(self.kwargs['secret'])

    def refused(self, form: NewPasswordForm, error: MailError) -> HttpResponse:
        """Let go of a form whose link has become invalid."""
        if error.code == 'reset-invalid':
            raise error
        return super().refused(form, error)

    def change(self, form: NewPasswordForm) -> None:
        """Change the password, which uses up the link."""
        secret, password = self.kwargs['secret'], form.cleaned_data['password']
        call(privileged.mailbox_reset_finish, secret, password)


class PasswordDone(PublicPage, TemplateView):
    """What to do after the password was changed."""

    template_name = 'email-password-done.html'
    title = gettext_lazy('The password is changed')
