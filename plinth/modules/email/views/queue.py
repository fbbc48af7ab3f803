# SPDX-License-Identifier: AGPL-3.0-or-later
"""Activity > Queue: messages that wait, why and until when, and what can be done with them.

Messages are chosen by their state, destination and sender, or by name. A page asks root for its
25 rows; what loses mail asks once, with numbers, and root refuses if there are more by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from .. import privileged
from ..activity.queue import QueueListing
from ..activity.queue_entry import QueueEntry
from ..activity.queued_headers import HeaderField
from ..errors import MailError
from ..forms.queue import LosingForm
from ..status import State
from ..words import queue as words
from ..words.text import Text
from .editing import Editing
from .listing import LONGEST_QUERY, ROWS, ListPart
from .page import Page, call
from .shown import ShownState

STATES: Mapping[str, Text] = {
    'moving': gettext_lazy('Waiting'),
    'deferred': gettext_lazy('Deferred'),
    'held': gettext_lazy('Held'),
    'all': gettext_lazy('All'),
}
"""The choices of a state, the usual one first."""
_NAMED = 'named'
_WRONG = ('queue-filter-invalid', 'domain-invalid', 'address-invalid')
"""Errors in what a person entered, which stand above the list."""
_ICONS = {'deferred': State.LOOK, 'hold': State.LOOK}


@dataclass(frozen=True)
class QueueChoice:
    """The messages a page is about, as its address and root's actions name them."""

    which: str = 'moving'
    to: str = ''
    sender: str = ''
    name: str = ''

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The choice in an address or a form; names and states root refuses are left to root."""
        which, to, sender, name = (
            str(data.get(key, '')).strip()[:LONGEST_QUERY] for key in ('state', 'to', 'from', 'id')
        )
        if name:
            return cls(_NAMED, name=name)
        return cls(which if which in STATES else 'moving', to, sender)

    @property
    def arguments(self) -> tuple[str, str, str, list[str]]:
        """The choice as root's actions take it."""
        return self.which, self.to, self.sender, [self.name] if self.name else []

    @property
    def fields(self) -> dict[str, str]:
        """The choice as fields of a form or an address, without those that are empty."""
        if self.name:
            return {'id': self.name}
        found = {'state': self.which, 'to': self.to, 'from': self.sender}
        return {key: value for key, value in found.items() if value}

    @property
    def query(self) -> str:
        """The choice as the query of an address."""
        return urlencode(self.fields)

    @property
    def is_narrow(self) -> bool:
        """Whether a destination or a sender was chosen."""
        return bool(self.to or self.sender)


@dataclass(frozen=True)
class QueueLink:
    """A link to the list with another choice, and how many messages it leads to."""

    text: Text
    choice: QueueChoice
    messages: int = 0

    @property
    def url(self) -> str:
        """Where it leads."""
        return f'{reverse("email:queue")}?{self.choice.query}'


@dataclass(frozen=True)
class ShownQueued:
    """A message of the queue as pages show it."""

    message: QueueEntry
    state: ShownState

    @property
    def first(self) -> str:
        """The first recipient."""
        recipients = self.message.recipients
        return recipients[0].address if recipients else ''

    @property
    def others(self) -> int:
        """How many recipients there are besides."""
        return max(0, self.message.count - 1)


def why_held(message: QueueEntry) -> str:
    """The reason why a message is held."""
    if not message.limit:
        return str(_(words.HELD_BY_HAND))
    return str(_(words.HELD_FOR[message.limit])).format(login=message.login)


def shown(message: QueueEntry) -> ShownQueued:
    """A message with its state and its reason in words; the answer of a server stays as it is."""
    word = words.RETURNING if message.is_expired else words.WORDS[message.place]
    state = State.LOOK if message.is_expired else _ICONS.get(message.place, State.WORKS)
    sentence = why_held(message) if message.is_held else message.reason
    return ShownQueued(message, ShownState(state, _(word), sentence))


def look(choice: QueueChoice, first: int = 0, rows: int = ROWS) -> QueueListing:
    """A page of the messages of a choice."""
    which, to, sender, _ids = choice.arguments
    return QueueListing.from_json(call(privileged.queue_list, which, to, sender, first, rows))


def _number(text: str) -> int:
    """The number of a page in an address, 1 for anything else."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 5 else 1


class QueuePage(Page, TemplateView):
    """The messages that wait, the oldest first."""

    template_name = 'email-queue.html'
    title = gettext_lazy('Queue')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the messages of the choice, or why there is no such choice."""
        choice = QueueChoice.of({**self.request.GET.dict(), 'id': ''})
        context = super().get_context_data(**kwargs)
        context.update(choice=choice, states=_states(choice), state=_state(choice))
        try:
            return {**context, **self._found(choice)}
        except MailError as error:
            if error.code not in _WRONG:
                raise
            return {**context, 'wrong': error.sentence}

    def _found(self, choice: QueueChoice) -> dict[str, Any]:
        number = _number(self.request.GET.get('page', ''))
        found = look(choice, (number - 1) * ROWS)
        last = max(1, -(-found.total // ROWS))
        if number > last:
            number, found = last, look(choice, (last - 1) * ROWS)
        return {
            'found': found,
            'part': ListPart[Any](found.messages, found.total, number),
            'rows': list(map(shown, found.messages)),
            'groups': _groups(choice, found),
        }


def _states(choice: QueueChoice) -> list[QueueLink]:
    """Links to the messages of the choice in each state."""
    return [_state(replace(choice, which=which)) for which in STATES]


def _state(choice: QueueChoice) -> QueueLink:
    return QueueLink(STATES[choice.which], choice)


def _groups(choice: QueueChoice, found: QueueListing) -> list[QueueLink]:
    """Links to the destinations most messages wait for, unless one was chosen."""
    if choice.to or len(found.destinations) < 2:
        return []
    return [
        QueueLink(each.name, replace(choice, to=each.name), each.messages)
        for each in found.destinations
        if each.name
    ]


class QueuedPage(Page, TemplateView):
    """One message: its recipients, why each waits, and its header if asked for."""

    template_name = 'email-queued.html'
    kwargs: dict[str, Any]

    def get_title(self) -> Text:
        """The recipients of the message, as far as it is known."""
        if not (found := self.__dict__.get('message')):
            return _('Message')
        first, others = found.first, found.others
        text = ngettext(
            'Message to {first} and {others} more', 'Message to {first} and {others} more', others
        )
        return (text if others else _('Message to {first}')).format(first=first, others=others)

    def parents(self, tab: Any) -> dict[str, Text]:
        """The list the message is in."""
        return {reverse('email:queue'): _('Queue'), **super().parents(tab)}

    @cached_property
    def message(self) -> ShownQueued:
        """The message as it is now."""
        name = str(self.kwargs['name'])
        return shown(QueueEntry.from_json(call(privileged.queue_show, name)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the message."""
        name, found = str(self.kwargs['name']), self.message.message
        headers = self.request.GET.get('header') and call(privileged.queue_headers, name)
        return super().get_context_data(
            shown=self.message,
            choice=QueueChoice(_NAMED, name=name),
            more=found.count - len(found.recipients),
            headers=[HeaderField.from_json(each) for each in headers or ()],
            is_open=bool(headers),
            **kwargs,
        )


class QueueActView(Page, View):
    """The buttons that lose nothing: retry, hold, release."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Do it, and go back to the messages it was about."""
        choice = QueueChoice.of(request.POST)
        try:
            self._act(request.POST.get('act', ''), choice)
        except MailError as error:
            messages.error(request, error.sentence)
        return back_to(choice)

    def _act(self, act: str, choice: QueueChoice) -> None:
        verbs = {
            'retry': privileged.queue_retry,
            'hold': privileged.queue_hold,
            'release': privileged.queue_release,
        }
        if act in verbs:
            count = call(verbs[act], *choice.arguments)
            self.tell(ngettext(*words.DONE[act], count).format(count=count))


def back_to(choice: QueueChoice) -> HttpResponseRedirect:
    """The list with the same choice; a message by name may be gone, so it is the whole list."""
    url = reverse('email:queue')
    return HttpResponseRedirect(url if choice.name else f'{url}?{choice.query}')


class LosingView(Editing):
    """The question before messages are lost; a person confirms their number."""

    form_class = LosingForm

    def counted(self) -> tuple[int, datetime]:
        """The number of messages that would be lost, and the moment it was counted."""
        raise NotImplementedError

    def count_again(self) -> None:
        """Forget the number that was counted."""
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        """Begin with the number as it is."""
        count, moment = self.counted()
        return {'count': count, 'until': int(moment.timestamp())}

    def refused(self, form: Any, error: MailError) -> HttpResponse:
        """The question again, with the new number, when there are more by now."""
        if error.code != 'queue-changed':
            return super().refused(form, error)
        self.count_again()
        form.data = form.data.copy()
        form.data.update({key: str(value) for key, value in self.get_initial().items()})
        form.add_error(None, error.sentence)
        return self.form_invalid(form)


@dataclass(frozen=True)
class QueueLoss:
    """The numbers a person has to see before messages are lost."""

    messages: int
    recipients: int
    bytes: int
    reports: int
    elsewhere: int
    at: datetime


class _Lose(LosingView):
    """Mixin of the questions about messages of the queue."""

    template_name = 'email-queue-lose.html'
    back = 'queue'
    act: ClassVar[str]

    @cached_property
    def choice(self) -> QueueChoice:
        """The messages it is about."""
        return QueueChoice.of(self.request.GET)

    @cached_property
    def loss(self) -> QueueLoss:
        """The numbers that are confirmed."""
        return (
            _loss_of_one(self.choice.name) if self.choice.name else _loss(look(self.choice, 0, 1))
        )

    def counted(self) -> tuple[int, datetime]:
        """The number of messages, and the moment."""
        return self.loss.messages, self.loss.at

    def count_again(self) -> None:
        """Forget what was seen."""
        self.__dict__.pop('loss', None)

    def get_title(self) -> Text:
        """The question, once there is one."""
        if 'loss' not in self.__dict__:
            return _('Queue')
        count = self.loss.messages
        return ngettext(*words.ASK[self.act], count).format(count=count)

    def back_url(self) -> Text:
        """The list with the same choice, or the message."""
        if self.choice.name:
            return reverse('email:queued', args=[self.choice.name])
        return f'{reverse("email:queue")}?{self.choice.query}'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what would be lost."""
        count = self.loss.messages
        submit = ngettext(*words.SUBMIT[self.act], count).format(count=count)
        context = super().get_context_data(
            loss=self.loss, act=self.act, choice=self.choice, **kwargs
        )
        return {**context, 'submit': submit}

    def lose(self, *arguments: Any) -> int:
        """Have root lose them; how many there were."""
        raise NotImplementedError

    def save(self, form: LosingForm) -> HttpResponse:
        """Lose them, no more than were confirmed."""
        until, confirmed = form.cleaned_data['until'], form.cleaned_data['count']
        count = self.lose(*self.choice.arguments, until, confirmed)
        self.tell(ngettext(*words.DONE[self.act], count).format(count=count))
        return back_to(self.choice)


class QueueBounce(_Lose):
    """The question whether messages are to be returned to their senders."""

    act = 'bounce'

    def lose(self, *arguments: Any) -> int:
        """Have root return them."""
        return int(call(privileged.queue_bounce, *arguments))


class QueueDelete(_Lose):
    """The question whether messages are to be deleted."""

    act = 'delete'

    def lose(self, *arguments: Any) -> int:
        """Have root delete them."""
        return int(call(privileged.queue_delete, *arguments))


def _loss(found: QueueListing) -> QueueLoss:
    """The loss of all messages of a listing."""
    if not found.total:
        raise MailError('queued-missing.none')
    return QueueLoss(
        found.total, found.recipients, found.bytes, found.reports, found.elsewhere, found.at
    )


def _loss_of_one(name: str) -> QueueLoss:
    """The loss of one message."""
    found = QueueEntry.from_json(call(privileged.queue_show, name))
    return QueueLoss(1, found.count, found.bytes, int(not found.sender), 0, found.since)
