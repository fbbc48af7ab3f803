# SPDX-License-Identifier: AGPL-3.0-or-later
"""Guarded mailboxes: the rules an administrator sets, and the mail a guardian decides on."""

from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..directory.guard import Guard
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs import guards
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.guard import DecisionForm, GuardForm, values_of
from ..mailstore.waiting import WaitingMail, WaitingMessage
from ..words import guards as words
from ..words.text import Text
from .editing import ConfirmView, Editing, EntryEditing
from .page import UserPage, call
from .undo_offer import Call


def _restoring(before: Mailbox, after: Mailbox) -> Call:
    """The call that gives a mailbox the rules it had before."""
    arguments: dict[str, Any] = {'address': before.address, 'version': after.version}
    if before.guard is None:
        return Call('guard_remove', arguments)
    return Call('guard_set', {**arguments, **before.guard.to_json()})


class GuardPage(EntryEditing[Mailbox]):
    """The rules of a guarded mailbox, or of one that is to be guarded."""

    template_name = 'email-guard.html'
    kind = Mailbox
    form_class = GuardForm
    back = 'mailbox'
    back_to_entry = True

    def get_title(self) -> Text:
        """The title, with the address."""
        return _('Guard for {address}').format(address=self.key)

    def values(self) -> dict[str, Any]:
        """The rules, or those that are usual for a new one."""
        guard = self.entry.guard or Guard()
        with Store() as store:
            return {**values_of(guard), 'guardians': guards.names_of(store, guard)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether it is guarded, and the word on the button."""
        guarded = self.entry.guard is not None
        found = super().get_context_data(mailbox=self.entry, guarded=guarded, **kwargs)
        return found if guarded else {**found, 'submit': _('Guard mailbox')}

    def save(self, form: GuardForm) -> HttpResponse:
        """Put the rules in force, for all mailboxes of the person."""
        before = self.entry
        with Store() as store:
            chosen = guards.identities(store, form.cleaned_data['guardians'])
        guard = form.guard(chosen)
        version = form.cleaned_data['version']
        answer = call(privileged.guard_set, before.address, **guard.to_json(), version=version)
        after = Mailbox.from_json(answer)
        if after.version != before.version:
            self.tell(self._done(), _restoring(before, after))
        return self.go('mailbox', before.address)

    def _done(self) -> str:
        """The change in words."""
        with Store() as store:
            every = guards.guarded_with(store, self.entry)
        others = ', '.join(each.address for each in every if each.address != self.key)
        text = words.GUARDED_WITH if others else words.GUARDED
        return str(text).format(address=self.key, others=others)


class GuardRemove(ConfirmView[Mailbox]):
    """The question whether a mailbox is to be guarded no longer."""

    template_name = 'email-guard-remove.html'
    kind = Mailbox
    question = words.STOP
    back = 'guard'
    submit = gettext_lazy('Stop guarding')

    def save(self, form: MailForm) -> HttpResponse:
        """Take the rules away; mail that waits stays for the guardians."""
        answer = call(privileged.guard_remove, self.key, form.cleaned_data['version'])
        after = Mailbox.from_json(answer)
        text = str(words.NOT_GUARDED).format(address=self.key)
        self.tell(text, _restoring(self.entry, after))
        return self.go('mailbox', self.key)


class WaitingList(UserPage, TemplateView):
    """The mail that waits for a decision of the visitor."""

    template_name = 'email-waiting.html'
    title = gettext_lazy('Waiting')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the messages by mailbox."""
        found = [WaitingMail.from_json(each) for each in self.own(privileged.own_waiting)]
        return super().get_context_data(waiting=found, **kwargs)


def decided(message: WaitingMessage, address: str, decision: str) -> str:
    """A decision in words."""
    text = {'once': words.APPROVED, 'know': words.KNOWN, 'delete': words.DELETED}[decision]
    return str(text).format(address=address, author=message.author)


class WaitingPage(UserPage, Editing):
    """One message that waits, with the buttons that decide on it."""

    template_name = 'email-waiting-message.html'
    form_class = DecisionForm
    title = gettext_lazy('Waiting message')
    back = 'my-waiting'

    @cached_property
    def message(self) -> WaitingMessage:
        """The message, if the visitor decides on it."""
        for mail in map(WaitingMail.from_json, self.own(privileged.own_waiting)):
            for each in mail.messages:
                if (mail.address, each.id) == (self.kwargs['key'], self.kwargs['message']):
                    return each
        raise MailError('waiting-missing')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the message, and whose it is."""
        return super().get_context_data(message=self.message, address=self.kwargs['key'], **kwargs)

    def save(self, form: DecisionForm) -> HttpResponse:
        """Carry out the decision."""
        address, decision = self.kwargs['key'], form.cleaned_data['decision']
        answer = self.own(privileged.own_waiting_decide, address, self.kwargs['message'], decision)
        self.tell(decided(WaitingMessage.from_json(answer), address, decision))
        return self.go('my-waiting')
