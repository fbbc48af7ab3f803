# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses: mailboxes and aliases in one list, all of them or some."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext
from freedombox.utils import is_user_admin

from ..directory.alias import Alias
from ..directory.entry import now
from ..directory.filters import condition
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..words import pages
from ..words.text import Text
from . import shown
from .listing import EntryList

STANDARD: Mapping[str, str] = MappingProxyType({'origin': 'role'})
"""Aliases every domain has, which are listed only on demand."""


@dataclass(frozen=True)
class Choice:
    """One of the lists to choose from."""

    name: str
    text: Text

    @property
    def url(self) -> str:
        """Where it is."""
        return str(reverse(f'email:{self.name}'))


class AddressList(EntryList[Mailbox | Alias]):
    """All mailboxes and aliases."""

    title = gettext_lazy('Addresses')
    template_name = 'email-addresses.html'
    row_template = 'email-row-address.html'
    search_hint = gettext_lazy('Address, user or destination')
    kinds: ClassVar[tuple[type[Mailbox | Alias], ...]] = (Mailbox, Alias)
    is_off: ClassVar[bool] = False
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice('addresses', gettext_lazy('All')),
        Choice('mailboxes', gettext_lazy('Mailboxes')),
        Choice('aliases', gettext_lazy('Aliases')),
        Choice('addresses-off', gettext_lazy('Off')),
    )
    empty_title = gettext_lazy('No addresses yet')
    empty_text = pages.NO_MAILBOXES_YET
    KEPT = (*EntryList.KEPT, 'all')

    def filters(self, query: str, domain: str) -> dict[type[Mailbox | Alias], str]:
        """The filter of each kind that is listed."""
        off = now() if self.is_off else None
        unless = STANDARD if self.hides(query) else None
        return {
            kind: condition(kind, query, None, unless if kind is Alias else None, domain, off)
            for kind in self.kinds
        }

    def hides(self, query: str) -> bool:
        """Whether aliases every domain has are left out."""
        return Alias in self.kinds and not (query or self.is_off or 'all' in self.request.GET)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many addresses are left out."""
        context = super().get_context_data(**kwargs)
        if self.hides(context['query']):
            with Store() as store:
                found = store.page(Alias, '', STANDARD, limit=1, domain=context['domain'])
            context['hidden'] = found.total
        return context

    def counted(self, total: int) -> Text:
        """The number of addresses in words."""
        return ngettext('{total} address', '{total} addresses', total).format(total=total)

    def describe(self, entry: Mailbox | Alias, _primary: str) -> shown.ShownState:
        """Its state in words."""
        return shown.of_alias(entry) if isinstance(entry, Alias) else shown.of_mailbox(entry)


class MailboxList(AddressList):
    """All mailboxes."""

    title = gettext_lazy('Mailboxes')
    kinds = (Mailbox,)
    search_hint = gettext_lazy('Address or user')
    empty_title = gettext_lazy('No mailboxes yet')

    def counted(self, total: int) -> Text:
        """The number of mailboxes in words."""
        return ngettext('{total} mailbox', '{total} mailboxes', total).format(total=total)


class AliasList(AddressList):
    """All aliases."""

    title = gettext_lazy('Aliases')
    kinds = (Alias,)
    search_hint = gettext_lazy('Address or destination')
    empty_title = gettext_lazy('No aliases yet')
    empty_text = pages.NO_ALIASES_YET

    def counted(self, total: int) -> Text:
        """The number of aliases in words."""
        return ngettext('{total} alias', '{total} aliases', total).format(total=total)


class OffList(AddressList):
    """Mailboxes and aliases that are off or have expired."""

    title = gettext_lazy('Addresses that are off')
    is_off = True
    empty_title = gettext_lazy('No address is off')
    empty_text = pages.NONE_OFF


def entrance(request: HttpRequest) -> HttpResponse:
    """Show the aliases to administrators; links of long ago bring users here, to their own page."""
    if is_user_admin(request):
        response: HttpResponse = AliasList.as_view()(request)
        return response
    return HttpResponseRedirect(reverse('email:my'))
