# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where mail to an address would go, and who may send as it."""

from typing import Any

from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..activity.delivery_path import Resolved
from ..directory.resolve import Path, resolve, who_may_send
from ..directory.store import Store
from ..directory.view import StoreView
from ..errors import MailError
from . import shown
from .listing import LONGEST_QUERY
from .page import Page, call

MOST_STEPS = 50


def shown_path(path: Path) -> dict[str, Any]:
    """A path as templates show it."""
    steps = [(step, shown.of_step(step)) for step in path.steps[:MOST_STEPS]]
    return {
        'address': path.address,
        'shown': shown.of_path(path),
        'steps': steps,
        'more': max(0, len(path.steps) - MOST_STEPS),
    }


class ResolveView(Page, TemplateView):
    """The box and its answer."""

    template_name = 'email-resolve.html'
    title = gettext_lazy('Trace an address')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the answer, if something was asked."""
        address = self.request.GET.get('address', '').strip()[:LONGEST_QUERY]
        return super().get_context_data(address=address, **self.answer(address), **kwargs)

    @staticmethod
    def answer(address: str) -> dict[str, Any]:
        """The delivery path of an address, or its error."""
        if not address:
            return {}
        try:
            with Store() as store:
                path = resolve(StoreView(store), address)
                senders = who_may_send(store, address)
        except MailError as error:
            if error.code not in ('address-invalid', 'domain-invalid'):
                raise
            return {'wrong': error.sentence}
        return {'path': shown_path(path), 'senders': senders}


class PostfixView(ResolveView):
    """The answer of Postfix's own look-ups; they take a moment, so it comes after the page."""

    template_name = 'email-resolve-postfix.html'

    @staticmethod
    def answer(address: str) -> dict[str, Any]:
        """Whether Postfix says the same as the directory."""
        try:
            found = Resolved.from_json(call(privileged.resolve, address))
        except MailError as error:
            return {'wrong': error.sentence}
        return {'postfix': found.postfix, 'agrees': found.agrees}
