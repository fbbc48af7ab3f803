# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages on which a person makes a secret, given their present password, and sees it once.

The secret comes from the session to the page that is loaded next, and not again. That page is not
cached, and is left by itself after a while.
"""

import logging
from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ..errors import MailError
from ..forms.base import MailForm
from .editing import Editing
from .page import UserPage
from .password import client_of, named, refuse
from .throttle import Throttle

logger = logging.getLogger(__name__)
throttle = Throttle()
SHOWN = timedelta(minutes=10)
"""How long a page stays open that shows a secret."""


class SecretOnce(UserPage, Editing):
    """A form with the present password, and the page with what it made."""

    place: ClassVar[str]
    """The place of what was made in the session."""
    here: ClassVar[str]
    """The name of this page."""

    def make(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Make what the form asks for; MailError `login-invalid` for a wrong password."""
        raise NotImplementedError

    def show(self, made: dict[str, Any]) -> HttpResponse:
        """The page with what was made."""
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add whether the password is that of an account or of the mailbox."""
        return {**super().get_form_kwargs(), 'alone': self.visitor.alone}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page, or what was made, the only time."""
        made = request.session.pop(self.place, None)
        if not made:
            return super().get(request, *args, **kwargs)
        response = self.show(made)
        response['Cache-Control'] = 'no-store'
        response['Refresh'] = f'{SHOWN.seconds}; url={reverse(f"email:{self.here}")}'
        return response

    def save(self, form: MailForm) -> HttpResponse:
        """Make it, to be shown next; to load that page again makes no more.

        Root does it for a person who knows the password of the account, who may try a few times.
        """
        keys = f'device {self.visitor.name}', client_of(self.request) or 'unknown'
        if seconds := throttle.wait(*keys):
            return refuse(self, form, seconds)
        try:
            made = self.make(form.cleaned_data)
        except MailError as error:
            if error.code == 'login-invalid':
                logger.warning('Wrong password on the page for devices from %s',
                               named(self.request))  # fmt: skip
            else:
                throttle.take_back(*keys)
            raise
        throttle.take_back(*keys)
        self.request.session[self.place] = made
        return self.go(self.here)
