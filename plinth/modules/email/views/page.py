# SPDX-License-Identifier: AGPL-3.0-or-later
"""The common part of all pages: tabs, the way back, undo, and an error when slapd is silent.

The web process only reads the directory; every change is a root action, which checks
everything again.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from freedombox.views import get_breadcrumbs

from ..directory.person import Owner, owner_of
from ..directory.store import Store
from ..directory.verbs import guards
from ..errors import MailError
from ..sync import signals
from ..words.text import Text
from . import guide_place, undo_offer
from .boxtime import BoxTime
from .visitor import Visitor, visitor_of


def call(verb: Callable[..., Any], *arguments: Any, by: str = '', **options: Any) -> Any:
    """Run a root action; errors in input are for its reader and not for the log.

    With `by`, the user who asked for it, the mail services follow. So it is for domains: what
    they need besides, like a key to sign their mail with, is made for them.
    """
    result = verb(*arguments, **options, _log_error=False)
    if by:
        signals.request_all(by)
    return result


@dataclass(frozen=True)
class Tab:
    """One of the pages beside each other under a title."""

    name: str
    text: Text
    others: tuple[str, ...] = ()
    """Names of the other pages whose addresses begin those of pages under it."""

    @property
    def url(self) -> str:
        """Where it leads."""
        return str(reverse(f'email:{self.name}'))

    def leads_to(self, path: str) -> int:
        """How much of a path is the address of one of its pages."""
        urls = [self.url, *(str(reverse(f'email:{name}')) for name in self.others)]
        return max((len(url) for url in urls if path.startswith(url)), default=0)


ADMIN_TABS = (
    Tab('index', gettext_lazy('Overview')),
    Tab('domains', gettext_lazy('Domains')),
    Tab('addresses', gettext_lazy('Addresses'), ('mailboxes', 'aliases')),
    Tab('activity', gettext_lazy('Activity')),
    Tab('delivery', gettext_lazy('Delivery')),
    Tab('health', gettext_lazy('Health')),
)
USER_TABS = (
    Tab('my-devices', gettext_lazy('Devices')),
    Tab('my', gettext_lazy('Addresses')),
    Tab('my-away', gettext_lazy('Away')),
    Tab('my-spam', gettext_lazy('Spam')),
    Tab('my-messages', gettext_lazy('Messages')),
)

WAITING_TAB = Tab('my-waiting', gettext_lazy('Waiting'))
"""For guardians, and those who may approve mail themselves."""


def active_tab(tabs: Iterable[Tab], path: str) -> Tab | None:
    """The tab a page belongs to: the one with the longest address that leads to it."""
    leading = [tab for tab in tabs if tab.leads_to(path)]
    return max(leading, key=lambda tab: tab.leads_to(path), default=None)


class Page(BoxTime):
    """Mixin of all pages."""

    request: HttpRequest
    heading: ClassVar[Text] = gettext_lazy('Email')
    tabs: tuple[Tab, ...] = ADMIN_TABS
    title: Text = ''

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request; when the directory cannot, say so."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except MailError as error:
            return self._problem(error)

    def _problem(self, error: MailError) -> HttpResponse:
        """The page that says why there is nothing to see."""
        is_gone = error.code.endswith('-missing')
        is_missing = is_gone or error.code.endswith('-invalid')
        context = {
            **self.frame(),
            'problem': error.sentence,
            'is_missing': is_missing,
            'is_gone': is_gone,
        }
        status = 404 if is_missing else 503
        return TemplateResponse(self.request, 'email-problem.html', context, status=status)

    def get_title(self) -> Text:
        """The title of the page."""
        return self.title

    def frame(self) -> dict[str, Any]:
        """The context of the frame around a page."""
        tab = active_tab(self.tabs, self.request.path)
        return {
            'heading': self.heading,
            'title': self.get_title(),
            'tabs': self.tabs,
            'tab': tab,
            'breadcrumbs': self._breadcrumbs(tab),
            'undo': undo_offer.notice(self.request),
            'guide': guide_place.way_back(self.request),
        }

    def _breadcrumbs(self, tab: Tab | None) -> dict[str, Any]:
        """The way back, in the form FreedomBox shows."""
        path = self.request.path
        found = get_breadcrumbs(self.request)
        here = found.pop(path, {'is_active': True, 'url_name': ''})
        between = {
            url: {'name': name, 'is_active': False} for url, name in self.parents(tab).items()
        }
        return {path: {**here, 'name': self.get_title()}} | {
            url: crumb for url, crumb in (between | self._ancestors(found)).items() if url != path
        }

    def parents(self, tab: Tab | None) -> dict[str, Text]:
        """The pages between this one and the app, the nearest first."""
        return {tab.url: tab.text} if tab else {}

    def _ancestors(self, found: dict[str, Any]) -> dict[str, Any]:
        """The pages above the tabs."""
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the frame."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**self.frame(), **context}

    def page(self, template: str, **context: Any) -> HttpResponse:
        """A page made from another template than the usual one."""
        return TemplateResponse(self.request, template, {**self.frame(), **context})

    def go(self, name: str, *arguments: str) -> HttpResponseRedirect:
        """Go on to another page."""
        return HttpResponseRedirect(reverse(f'email:{name}', args=arguments))

    def tell(self, text: str, *calls: undo_offer.Call) -> None:
        """Say on the next page that it is done, and offer to undo it by these calls."""
        if calls:
            undo_offer.offer(self.request, text, calls)
        else:
            messages.success(self.request, text)


class UserPage(Page):
    """Mixin of the pages for all users, with an account or a stand-alone mailbox.

    All that is shown or changed is their own. It stands first among the bases of a page, so that
    nothing is done before it is known whose page it is.
    """

    heading = gettext_lazy('My email')
    tabs: tuple[Tab, ...] = USER_TABS
    visitor: Visitor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request of a visitor who is known, and have others sign in."""
        try:
            found = visitor_of(request)
        except MailError as error:
            return self._problem(error)
        if found is None:
            return self.go('sign-in')
        self.visitor = found
        if self._decides():
            self.tabs = (*self.tabs, WAITING_TAB)
        return super().dispatch(request, *args, **kwargs)

    def _decides(self) -> bool:
        """Whether there are mailboxes whose waiting mail the visitor decides on."""
        with suppress(MailError), Store() as store:
            return bool(guards.decided_by(store, self.owner(store)))
        return False

    def own(self, verb: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Run a root action on entries of the visitor."""
        return call(verb, self.visitor.name, *arguments, **options, alone=self.visitor.alone)

    def owner(self, store: Store) -> Owner:
        """The owner of the page, by identity and never by the look of a name."""
        return owner_of(store, self.visitor.name, self.visitor.alone)

    def frame(self) -> dict[str, Any]:
        """Add who is signed in without an account."""
        return {**super().frame(), 'visitor': getattr(self, 'visitor', None)}

    def _ancestors(self, found: dict[str, Any]) -> dict[str, Any]:
        """The pages above the tabs, without those only administrators may see."""
        return {url: crumb for url, crumb in found.items() if crumb['url_name'] == 'index'}
