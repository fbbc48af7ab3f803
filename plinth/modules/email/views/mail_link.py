# SPDX-License-Identifier: AGPL-3.0-or-later
"""The common part of public pages behind one-use links, in messages of the box or shown as codes.

The secret stands behind the # of the link, so no log has it, and no program that opens links of
mail does more than show a page. The person confirms it by a button. Wrong links are few (see
`throttle`) and logged, so that fail2ban keeps out who goes on trying.
"""

import hashlib
import logging
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from ..errors import MailError
from ..forms.base import MailForm
from ..forms.password import LinkForm
from ..words.text import Text
from .editing import Editing
from .password import PublicPage, client_of, refuse
from .throttle import Throttle

logger = logging.getLogger(__name__)
throttle = Throttle()


class MailLink(PublicPage, Editing):
    """Mixin of pages that need a link, which can be tried a few times only."""

    wrong: ClassVar[str]
    """The code of the error about a link that is not valid."""
    place: ClassVar[str]
    """The place of the secret in the session; all such links count as one account."""

    def back_url(self) -> Text:
        """None: there is no page to go back to."""
        return ''

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """Leave a link that is not valid to a page of its own."""
        if error.code == self.wrong:
            raise error
        return super().refused(form, error)

    def _problem(self, error: MailError) -> HttpResponse:
        """Say that a link is not valid, note who tried it, and forget it."""
        response = super()._problem(error)
        if error.code == self.wrong:
            self.request.session.pop(self.place, None)
            client = client_of(self.request)
            logger.warning('Wrong link on the page for mail passwords from %s', client)
        return response


class LinkEntrance(MailLink):
    """The page a link leads to; it takes the secret out of the link."""

    form_class = LinkForm
    submit = gettext_lazy('Continue')
    following: ClassVar[str]

    def look(self, secret: str) -> None:
        """Have root look whether a link is valid."""
        raise NotImplementedError

    def save(self, form: LinkForm) -> HttpResponse:
        """Keep a valid secret with the session, and go on without it in the address."""
        keys = self.place, client_of(self.request) or 'unknown'
        if seconds := throttle.wait(*keys):
            return refuse(self, form, seconds)
        secret = form.cleaned_data['code'].strip()
        self.look(secret)
        throttle.take_back(*keys)
        self.request.session[self.place] = secret
        return self.go(self.following)


class LinkUse(MailLink):
    """The page with the button that uses a link.

    A browser may have two of them open, and its session has the link that was opened last. So the
    button says which link its page was made for, and does nothing with another one.
    """

    entrance: ClassVar[str]

    def mark(self) -> str:
        """A mark of the link, for its button."""
        return hashlib.sha256(self.secret.encode()).hexdigest()[:32]

    def get_initial(self) -> dict[str, Any]:
        """Begin with the mark of the link."""
        return {'version': self.mark()}

    def form_valid(self, form: MailForm) -> HttpResponse:
        """Use the link, or show the page of the one that was opened last."""
        if form.cleaned_data['version'] == self.mark():
            return super().form_valid(form)
        form.data = form.data.copy()
        form.data['version'] = self.mark()
        form.add_error(None, MailError('link-other').sentence)
        return self.form_invalid(form)

    @property
    def secret(self) -> str:
        """The secret of the link, which this session brought."""
        return str(self.request.session.get(self.place, ''))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go where the link is asked for, if there was none."""
        return super().dispatch(request, *args, **kwargs) if self.secret else self.go(self.entrance)
