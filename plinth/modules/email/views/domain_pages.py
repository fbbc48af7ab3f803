# SPDX-License-Identifier: AGPL-3.0-or-later
"""The common part of the pages of one domain: its name, and its own row of tabs."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ..directory.address import parse_domain, unicode_domain
from ..directory.box_names import is_public
from ..errors import MailError
from ..words.text import Text
from .page import Page, Tab


@dataclass(frozen=True)
class Link:
    """One of the pages of a domain."""

    text: Text
    url: str


class DomainPages(Page):
    """Mixin of the pages of one domain."""

    kwargs: dict[str, Any]

    @property
    def domain_name(self) -> str:
        """The domain as people write it."""
        try:
            return unicode_domain(parse_domain(self.kwargs['key']))
        except MailError:
            return str(self.kwargs['key'])

    def _links(self) -> list[Link]:
        """The pages; the world outside reports on no domain it does not know."""
        names = {'dns': _('Status'), 'reports': _('Reports'), 'domain': _('Settings')}
        if not is_public(self.kwargs['key']):
            del names['reports']
        return [
            Link(text, reverse(f'email:{name}', args=[self.kwargs['key']]))
            for name, text in names.items()
        ]

    def frame(self) -> dict[str, Any]:
        """Add the name and the tabs."""
        return {**super().frame(), 'domain_name': self.domain_name, 'domain_links': self._links()}

    def parents(self, tab: Tab | None) -> dict[str, Text]:
        """The domain beside the tab."""
        own = {reverse('email:dns', args=[self.kwargs['key']]): self.domain_name}
        return {**own, **super().parents(tab)}
