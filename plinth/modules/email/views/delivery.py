# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tab Delivery: how mail leaves, and what it may do on the way.

Each concept has a section: its template, and the function that makes its context from the
request. A new one is one line in `SECTIONS`; its template gets the context as `section`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from . import common_filters, component_page, relays, spam_lists, ways_out
from .page import Page

Context = Callable[[HttpRequest], Mapping[str, Any]]


@dataclass(frozen=True)
class DeliverySection:
    """A part of the page; what `context` makes is `section` in its template."""

    name: str
    template: str
    context: Context


SECTIONS: tuple[DeliverySection, ...] = (
    DeliverySection('ways', 'email-delivery-ways.html', ways_out.section),
    DeliverySection('relays', 'email-delivery-relays.html', relays.section),
    DeliverySection('house', 'email-delivery-house.html', common_filters.section),
    DeliverySection('spam', 'email-delivery-spam.html', spam_lists.section),
    DeliverySection('components', 'email-delivery-components.html', component_page.section),
    DeliverySection('test', 'email-delivery-test.html', ways_out.trial_section),
)


class DeliveryPage(Page, TemplateView):
    """The answer, and all sections."""

    template_name = 'email-delivery.html'
    title = gettext_lazy('Delivery')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sections."""
        sections = [(each, each.context(self.request)) for each in SECTIONS]
        shown = ways_out.answer(self.request)
        return super().get_context_data(sections=sections, shown=shown, **kwargs)
