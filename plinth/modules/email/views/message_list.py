# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages on the tab Activity: a search, and the story of each message.

Root's action gives one page of rows at a time. The address of the next page has the place from
which it goes on, so new messages move nothing.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..activity.traced import TracedLines, TracedMessage, TracedPage
from ..directory.domain import Domain
from ..directory.store import Store
from ..errors import MailError
from ..forms.message_keeping import MessageKeepingForm
from ..forms.message_search import MessageSearch
from ..maintenance.trace_keeping import TraceKeeping
from ..words import told_messages as words
from ..words.text import Text
from .editing import Editing
from .listing import ROWS
from .page import Page, Tab, call
from .told_message import Telling, title_of, told_row

LARGEST_ID = 2**62
_KEPT = ('q', 'result', 'since', 'until')
Find = Callable[..., Any]


def place_of(request: HttpRequest) -> int:
    """The place from which a page of the list goes on, 0 for its beginning."""
    text = request.GET.get('before', '')
    number = int(text) if re.fullmatch('[0-9]{1,19}', text) else 0
    return number if number <= LARGEST_ID else 0


def found_by(form: MessageSearch, find: Find, before: int, most: int) -> TracedPage | None:
    """A page of the messages a form asks for; None if what it says is wrong."""
    if not form.is_valid():
        return None
    page, wrong = None, None
    for terms in form.searches():
        try:
            page = TracedPage.from_json(find(**terms, before=before, most=most))
        except MailError as error:
            if error.code not in form.culprits:
                raise
            wrong = wrong or error
        else:
            if page.rows:
                return page
    if wrong:
        form.blame(wrong)
    return None if wrong else page


def list_context(request: HttpRequest, find: Find, most: int = ROWS) -> dict[str, Any]:
    """The context of a list of messages."""
    form = MessageSearch(request.GET)
    before = place_of(request)
    page = found_by(form, find, before, most)
    kept = [(name, request.GET[name]) for name in _KEPT if request.GET.get(name)]
    return {
        'form': form,
        'found': page,
        'rows': [told_row(row) for row in page.rows] if page else [],
        'is_search': form.is_search,
        'is_later': bool(before),
        'kept': urlencode(kept),
    }


class MessageList(Page, TemplateView):
    """All messages, the newest first."""

    template_name = 'email-message-list.html'
    title = gettext_lazy('Messages')
    story_page: ClassVar[str] = 'message'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the messages that were asked for."""

        def find(**terms: Any) -> Any:
            return call(privileged.messages_find, **terms)

        return super().get_context_data(**list_context(self.request, find), **kwargs)


class MessagePage(Page, TemplateView):
    """The story of a message."""

    template_name = 'email-message.html'
    kwargs: dict[str, Any]
    is_admin = True

    def message(self) -> TracedMessage:
        """The story; MailError where there is none."""
        return TracedMessage.from_json(call(privileged.message_story, self.number))

    @property
    def number(self) -> int:
        """The number of the story; one no story can have is that of none."""
        number: int = self.kwargs['number']
        if number > LARGEST_ID:
            raise MailError('message-missing')
        return number

    def domains(self) -> list[str]:
        """The domains whose DNS records this box knows."""
        with Store() as store:
            return [domain.name for domain in store.search(Domain)]

    def parents(self, tab: Tab | None) -> dict[str, Text]:
        """The list of messages, and the tab."""
        return {reverse('email:messages'): gettext_lazy('Messages'), **super().parents(tab)}

    def get_title(self) -> Text:
        """The subject or the sender."""
        return getattr(self, '_title', '') or gettext_lazy('Message')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the story in words."""
        found = self.message()
        self._title = title_of(found)
        told = Telling(found, self.domains(), self.is_admin).tell()
        return super().get_context_data(told=told, is_admin=self.is_admin, **kwargs)


class MessageKeeping(Editing):
    """How long is kept what happened to messages."""

    title = gettext_lazy('Keeping the list of messages')
    template_name = 'email-message-keeping.html'
    form_class = MessageKeepingForm
    back = 'messages'

    def get_initial(self) -> dict[str, Any]:
        """Begin with the present values."""
        return TraceKeeping.from_json(call(privileged.messages_keeping)).to_json()

    def parents(self, tab: Tab | None) -> dict[str, Text]:
        """The list of messages, and the tab."""
        return {reverse('email:messages'): gettext_lazy('Messages'), **super().parents(tab)}

    def save(self, form: MessageKeepingForm) -> HttpResponse:
        """Keep the new values."""
        values = form.cleaned_data
        by = str(self.request.user) if form.changed('subjects') is not None else ''
        chosen = values['days'], values['megabytes'], values['subjects']
        call(privileged.messages_keep, *chosen, by=by)
        self.tell(_(words.SAVED))
        return self.go('messages')


class MessageLines(MessagePage):
    """The lines of the log about a message."""

    template_name = 'email-message-lines.html'
    title = gettext_lazy('Log lines')

    def get_title(self) -> Text:
        """The title of the page."""
        return self.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the lines."""
        found = TracedLines.from_json(call(privileged.message_lines, self.number))
        return super(MessagePage, self).get_context_data(found=found, **kwargs)
