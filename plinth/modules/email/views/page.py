# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages have in common: tabs, the way back, undo, and a sentence when slapd is silent.

`Listing` shows a list, `Editing` a form, `Asking` the question before something is lost. A page
is one of them with a few attributes and the verbs it calls. The web process only reads the
directory; every change is a root action, which checks everything again.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from freedombox.views import get_breadcrumbs

from .. import undo
from ..directory.entry import Entry
from ..directory.store import Store
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.fields import last_day
from ..overview import Text
from .shown import Shown

ROWS = 25
LONGEST_QUERY = 200

EntryType = TypeVar('EntryType', bound=Entry)


def call(verb: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Run a root action; what people typed wrong is for them to read and no error of ours."""
    return verb(*arguments, **options, _log_error=False)


@dataclass(frozen=True)
class Tab:
    """One of the pages beside each other under a title."""

    name: str
    text: Text

    @property
    def url(self) -> str:
        """Return where it leads."""
        return str(reverse(f'email:{self.name}'))


ADMIN_TABS = (
    Tab('index', gettext_lazy('Overview')),
    Tab('domains', gettext_lazy('Domains')),
    Tab('mailboxes', gettext_lazy('Mailboxes')),
    Tab('aliases', gettext_lazy('Aliases')),
)
USER_TABS = (Tab('my', gettext_lazy('Addresses')), Tab('my-devices', gettext_lazy('Devices')))


def active_tab(tabs: Iterable[Tab], path: str) -> Tab | None:
    """Return the tab a page belongs to: the one with the longest address that leads to it."""
    leading = [tab for tab in tabs if path.startswith(tab.url)]
    return max(leading, key=lambda tab: len(tab.url), default=None)


class Page:
    """Mixin of all pages."""

    request: HttpRequest
    heading: ClassVar[Text] = gettext_lazy('E-mail')
    tabs: ClassVar[tuple[Tab, ...]] = ADMIN_TABS
    title: Text = ''

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request; when the directory cannot, say so."""
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except MailError as error:
            response = self._problem(error)
        return response

    def _problem(self, error: MailError) -> HttpResponse:
        """Return the page that says why there is nothing to see."""
        missing = error.code.endswith('-missing')
        context = {**self.frame(), 'problem': error.sentence, 'is_missing': missing}
        status = 404 if missing else 503
        return TemplateResponse(self.request, 'email-problem.html', context, status=status)

    def get_title(self) -> Text:
        """Return what stands above the page."""
        return self.title

    def frame(self) -> dict[str, Any]:
        """Return what the frame around a page shows."""
        tab = active_tab(self.tabs, self.request.path)
        return {
            'heading': self.heading,
            'title': self.get_title(),
            'tabs': self.tabs,
            'tab': tab,
            'breadcrumbs': self._breadcrumbs(tab),
            'undo': undo.notice(self.request),
        }

    def _breadcrumbs(self, tab: Tab | None) -> dict[str, Any]:
        """Return the way back, in the form FreedomBox shows."""
        path = self.request.path
        found = get_breadcrumbs(self.request)
        here = found.pop(path, {'is_active': True, 'url_name': ''})
        between = {tab.url: {'name': tab.text, 'is_active': False}} if tab else {}
        return {path: {**here, 'name': self.get_title()}} | {
            url: crumb for url, crumb in (between | self._ancestors(found)).items() if url != path
        }

    def _ancestors(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return the pages above the tabs."""
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the frame."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**self.frame(), **context}

    def go(self, name: str, *arguments: str) -> HttpResponseRedirect:
        """Go on to another page."""
        return HttpResponseRedirect(reverse(f'email:{name}', args=arguments))

    def tell(self, text: str, *calls: undo.Call) -> None:
        """Say on the next page what holds now, and offer to take it back by these calls."""
        if calls:
            undo.offer(self.request, text, calls)
        else:
            messages.success(self.request, text)


class UserPage(Page):
    """Mixin of the pages every user has; all that is shown or changed is the user's own."""

    heading = gettext_lazy('My e-mail')
    tabs = USER_TABS

    @property
    def user(self) -> str:
        """Return who is logged in."""
        return str(self.request.user.username)

    def _ancestors(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return the pages above the tabs, without those only administrators may see."""
        return {url: crumb for url, crumb in found.items() if crumb['url_name'] == 'index'}


@dataclass(frozen=True)
class Part(Generic[EntryType]):
    """The rows of a list on one page of it."""

    rows: tuple[EntryType, ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """Return how many pages the list has."""
        return max(1, -(-self.total // ROWS))

    @property
    def first(self) -> int:
        """Return the place of the first row in the list."""
        return (self.number - 1) * ROWS + 1

    @property
    def last(self) -> int:
        """Return the place of the last row in the list."""
        return self.first + len(self.rows) - 1

    @property
    def before(self) -> int:
        """Return the number of the page before, 0 for none."""
        return self.number - 1

    @property
    def after(self) -> int:
        """Return the number of the next page, 0 for none."""
        return self.number + 1 if self.number < self.pages else 0


class Listing(Page, TemplateView, Generic[EntryType]):
    """A list to search in, page by page."""

    template_name = 'email-list.html'
    kind: ClassVar[type[Entry]]
    row_template: ClassVar[str]
    below_template: ClassVar[str]
    search_hint: ClassVar[Text]
    add_name: ClassVar[str]
    add_text: ClassVar[Text]
    empty_title: ClassVar[Text]
    empty_text: ClassVar[Text]
    unless: ClassVar[dict[str, str]] = {}
    """What is not listed before somebody asks for it, by field and value."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows that were asked for."""
        query, domain = (
            self.request.GET.get(name, '').strip()[:LONGEST_QUERY] for name in ('q', 'domain')
        )
        with Store() as store:
            unless = {} if query or 'all' in self.request.GET else self.unless
            part = self.part(store, query, domain, unless)
            hidden = unless and store.page(self.kind, '', unless, limit=1, domain=domain).total
            primary = store.settings().primary_domain
        rows = [(entry, self.describe(entry, primary)) for entry in part.rows]
        return super().get_context_data(
            query=query,
            domain=domain,
            part=part,
            rows=rows,
            hidden=hidden,
            primary=primary,
            **kwargs,
        )

    def part(
        self, store: Store, query: str, domain: str, unless: dict[str, str]
    ) -> Part[EntryType]:
        """Return one page of what is found; a number behind the end means the last page."""

        def look(number: int) -> Any:
            offset = (number - 1) * ROWS
            return store.page(self.kind, query, None, offset, ROWS, unless, domain)

        text = self.request.GET.get('page', '')
        number = max(1, int(text)) if re.fullmatch('[0-9]{1,6}', text) else 1
        found = look(number)
        last = max(1, -(-found.total // ROWS))
        if number > last:
            number, found = last, look(last)
        return Part(found.entries, found.total, number)

    def kept(self) -> str:
        """Return what stays in the address of another page of the list."""
        kept = ((name, self.request.GET.get(name)) for name in ('q', 'domain', 'all'))
        return urlencode([(name, value) for name, value in kept if value])

    def describe(self, entry: Any, primary: str) -> Shown:
        """Return what an entry means; `primary` is the main domain."""
        raise NotImplementedError


@dataclass(frozen=True)
class Difference:
    """A field two people wanted to say different things."""

    label: Text
    theirs: str
    yours: str


def _shown(value: Any) -> str:
    """Return the value of a field as people read it."""
    if isinstance(value, bool):
        return str(_('yes') if value else _('no'))
    if isinstance(value, datetime):
        return str(last_day(value))
    if isinstance(value, list | tuple):
        return ', '.join(map(str, value)) or str(_('nothing'))
    return str(value or _('nothing'))


class Editing(Page, FormView):
    """A form that makes or changes something."""

    template_name = 'email-form.html'
    submit: Text = gettext_lazy('Save')
    back: ClassVar[str]

    def save(self, form: Any) -> HttpResponse:
        """Do what the form says and go on."""
        raise NotImplementedError

    def form_valid(self, form: MailForm) -> HttpResponse:
        """Save, or show at the form why that cannot be."""
        try:
            return self.save(form)
        except MailError as error:
            return self.refused(form, error)

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """Show the form again with what is wrong."""
        if error.code in ('directory-down', 'mail-not-set-up'):
            form.add_error(None, error.sentence)
        else:
            form.blame(error)
        return self.form_invalid(form)

    def back_url(self) -> Text:
        """Return where to go when nothing is to be changed."""
        return reverse(f'email:{self.back}')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words around the form."""
        return super().get_context_data(submit=self.submit, back_url=self.back_url(), **kwargs)


class EntryEditing(Editing, Generic[EntryType]):
    """The page of an entry, with the form that changes it."""

    kind: ClassVar[type[Entry]]
    back_to_entry: ClassVar[bool] = False
    entry: EntryType

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Note which entry is meant."""
        super().setup(request, *args, **kwargs)
        self.key: str = kwargs['key']

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at the entry before anything else."""
        try:
            self.load()
        except MailError as error:
            return self._problem(error)
        return super().dispatch(request, *args, **kwargs)

    def load(self) -> None:
        """Read the entry as it is now."""
        with Store() as store:
            self.entry = self.find(store)

    def back_url(self) -> Text:
        """Return where to go when nothing is to be changed."""
        return reverse(f'email:{self.back}', args=[self.key] if self.back_to_entry else [])

    def find(self, store: Store) -> EntryType:
        """Return the entry, or say that there is none."""
        return store.get(self.kind, self.key)  # type: ignore[return-value]

    def get_title(self) -> Text:
        """Return the name of the entry."""
        return self.key

    def values(self) -> dict[str, Any]:
        """Return what the form shows of the entry."""
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        """Begin with the entry as it is."""
        return {**self.values(), 'version': self.entry.version}

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """Show what somebody else changed meanwhile beside what was to be changed."""
        if error.code == f'{self.kind.NOUN}-missing':
            return self._problem(error)
        if error.code != 'entry-changed':
            return super().refused(form, error)
        self.load()
        form.data = form.data.copy()
        form.data['version'] = self.entry.version
        differences = self.differences(form)
        return self.render_to_response(self.get_context_data(form=form, differences=differences))

    def differences(self, form: MailForm) -> list[Difference]:
        """Return the fields in which the form differs from the entry as it is now."""
        now, wanted = self.values(), form.cleaned_data
        names = [name for name in now if form.fields[name].has_changed(now[name], form[name].data)]
        return [
            Difference(form.fields[name].label, _shown(now[name]), _shown(wanted[name]))
            for name in names
        ]


class Asking(EntryEditing[EntryType]):
    """The question that is asked before something is lost, on a page of its own."""

    template_name = 'email-ask.html'
    form_class: type[MailForm] = MailForm
    back_to_entry = True
    question: ClassVar[Text]

    def values(self) -> dict[str, Any]:
        """Return nothing: the question has no fields of the entry."""
        return {}

    def get_title(self) -> Text:
        """Return the question."""
        return str(self.question).format(key=self.key)

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """Ask again when somebody changed the entry meanwhile, for it may be another question."""
        if error.code != 'entry-changed':
            return super().refused(form, error)
        self.load()
        form.data = form.data.copy()
        form.data['version'] = self.entry.version
        form.add_error(None, _('Somebody changed it in the meantime. Look again, then decide.'))
        return self.form_invalid(form)
