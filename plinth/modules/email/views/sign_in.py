# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sign-in of stand-alone mailboxes: address and password, and the same pages as users have.

Tries are counted together with those on the password page. Where it leads after that is no
parameter, so it leads nowhere else.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.generic import View

from ..directory.address import fold
from ..errors import MailError
from ..forms.password import SignInForm
from ..words import pages
from .page import Page
from .password import Guarded
from .visitor import sign_in, sign_out, visitor_of


class SignInView(Guarded):
    """Address and password of a mailbox that belongs to no user."""

    title = gettext_lazy('Sign in to your mailbox')
    form_class = SignInForm
    template_name = 'email-sign-in.html'
    submit = gettext_lazy('Sign in')
    after = 'my'

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let those go on who are known already; a login of FreedomBox is never mixed with this."""
        try:
            known = visitor_of(request)
        except MailError as error:
            return self._problem(error)
        if known and not known.alone and request.method == 'POST':
            text = pages.LOGGED_IN_ALREADY
            messages.error(request, text.format(name=known.name))
        return self.go('my-start') if known else super().dispatch(request, *args, **kwargs)

    def account(self, form: SignInForm) -> str:
        """The address that was typed, whether it exists or not."""
        return fold(form.cleaned_data['address'].strip())

    def change(self, form: SignInForm) -> None:
        """Begin a session, which root lets only those do who know the password."""
        sign_in(self.request, form.cleaned_data['address'], form.cleaned_data['password'])


class SignOutView(Page, View):
    """The button that ends a session."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest) -> HttpResponse:
        """End it."""
        sign_out(request)
        messages.success(request, pages.SIGNED_OUT)
        return self.go('sign-in')
