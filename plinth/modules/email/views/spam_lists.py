# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of senders and the score for junk, of a mailbox and for all; and senders held off."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.generic import View

from .. import privileged
from ..activity.held_off import HeldOff, HeldOffList
from ..directory.quarantine_choice import is_usual
from ..directory.sender_lists import SENDER_LISTS, SenderLists, list_text
from ..directory.store import Store
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.spam_lists import CommonSenderListsForm, SenderListsForm
from ..words import spam_lists as words
from ..words.text import say
from .editing import Editing
from .own_mailbox import OwnMailboxPage
from .page import Page, call


def _text(lists: SenderLists) -> str:
    return json.dumps(lists.to_json())


def _download(lists: SenderLists, which: str) -> HttpResponse:
    """A list as a file."""
    if which not in SENDER_LISTS:
        raise MailError('choice-invalid.list')
    answer = HttpResponse(
        list_text(getattr(lists, which)), content_type='text/plain; charset=utf-8'
    )
    answer['Content-Disposition'] = f'attachment; filename="{which}-senders.txt"'
    return answer


class MySenderLists(OwnMailboxPage):
    """The lists of a mailbox of the user."""

    template_name = 'email-sender-lists.html'
    form_class = SenderListsForm
    title = gettext_lazy('Senders and spam filter')
    back = 'my-spam-of'
    back_to_entry = True

    def values(self) -> dict[str, Any]:
        """The lists as they are."""
        lists = SenderLists.of(self.entry)
        return {name: getattr(lists, name) for name in ('junk_score', *SENDER_LISTS)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mailbox."""
        return super().get_context_data(mailbox=self.entry, **kwargs)

    def save(self, form: SenderListsForm) -> HttpResponse:
        """Keep the lists."""
        version = form.cleaned_data['version']
        text = _text(form.lists)
        self.own(privileged.own_lists_change, self.key, 'all', text, version)
        self.tell(str(words.SAVED))
        return self.go('my-spam-of', self.key)


class MyListText(OwnMailboxPage):
    """A list of a mailbox as a file."""

    def get(self, _request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """The file."""
        return _download(SenderLists.of(self.entry), kwargs['which'])


class CommonSenderLists(Editing):
    """The lists for all, and greylisting."""

    template_name = 'email-sender-lists.html'
    form_class = CommonSenderListsForm
    title = gettext_lazy('Spam')
    back = 'delivery'

    def get_initial(self) -> dict[str, Any]:
        """The lists as they are."""
        with Store() as store:
            settings = store.settings()
        lists = SenderLists.of(settings)
        switches = {'greylisting': not settings.greylisting, 'quarantine': is_usual(settings)}
        return {**vars(lists), **switches, 'version': lists.mark}

    def save(self, form: CommonSenderListsForm) -> HttpResponse:
        """Keep them."""
        call(privileged.common_lists_change, 'all', _text(form.lists), form.cleaned_data['version'])
        if 'greylisting' in form.changed_data:
            call(privileged.greylisting_set, form.cleaned_data['greylisting'])
        if 'quarantine' in form.changed_data:
            call(
                privileged.quarantine_usual_set, 'on' if form.cleaned_data['quarantine'] else 'off'
            )
        self.tell(str(words.SAVED))
        return self.go('delivery')


class CommonListText(Page, View):
    """A list for all as a file."""

    def get(self, _request: HttpRequest, which: str) -> HttpResponse:
        """The file."""
        with Store() as store:
            return _download(SenderLists.of(store.settings()), which)


def section(_request: HttpRequest) -> Mapping[str, Any]:
    """The part of the tab Delivery."""
    with Store() as store:
        settings = store.settings()
    return {'lists': SenderLists.of(settings), 'greylisting': not settings.greylisting}


def _row(found: HeldOff) -> dict[str, Any]:
    """A row of the list."""
    tries = say(words.TRIES, {'count': found.tries})
    return {'found': found, 'tries': tries, 'reason': words.REASONS.get(found.reason, '')}


class MyHeldOff(OwnMailboxPage):
    """The senders held off from a mailbox, each with a button that lets the next try in."""

    template_name = 'email-held-off.html'
    form_class = MailForm
    title = gettext_lazy('Held-off senders')
    back = 'my-spam-of'
    back_to_entry = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the messages."""
        found = HeldOffList.from_json(self.own(privileged.own_held_off, self.key))
        rows = [_row(each) for each in found.messages]
        return super().get_context_data(mailbox=self.entry, rows=rows, **kwargs)

    def save(self, form: MailForm) -> HttpResponse:
        """Let the next try of a sender in."""
        sender = form.data.get('sender', '')
        self.own(privileged.own_sender_let_in, self.key, sender)
        self.tell(str(words.LET_IN).format(sender=sender))
        return self.go('my-held-off', self.key)
