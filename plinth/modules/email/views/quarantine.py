# SPDX-License-Identifier: AGPL-3.0-or-later
"""My email: possible spam in the quarantine of a mailbox, and whether there is one."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from .. import privileged
from ..directory import quarantine_choice
from ..directory.mailbox import Mailbox
from ..directory.old_mail import QUARANTINE_DAYS
from ..directory.store import Store
from ..directory.verbs import own
from ..forms.quarantine import QuarantineForm
from ..mailstore.quarantine import Quarantine
from ..words import quarantine as words
from ..words.text import Text, say
from .editing import Editing
from .page import UserPage
from .undo_offer import Call


class MyQuarantine(UserPage, Editing):
    """The messages in the quarantine of a user's mailbox, to be released or deleted."""

    template_name = 'email-quarantine.html'
    form_class = QuarantineForm
    back = 'my-spam'

    @cached_property
    def found(self) -> Quarantine:
        """The latest messages in quarantine."""
        return Quarantine.from_json(self.own(privileged.own_quarantine_look, self.kwargs['key']))

    def get_title(self) -> Text:
        """The title, with the address."""
        return _('Quarantine of {address}').format(address=self.kwargs['key'])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the messages, and whether more come."""
        with Store() as store:
            mailbox = own.get_mailbox(store, self.owner(store), self.kwargs['key'])
            is_on = quarantine_choice.is_on(mailbox, store.settings())
        return super().get_context_data(
            found=self.found, is_on=is_on, days=QUARANTINE_DAYS, mailbox=mailbox, **kwargs
        )

    def save(self, form: QuarantineForm) -> HttpResponse:
        """Release or delete the chosen ones."""
        key, decision = self.kwargs['key'], form.cleaned_data['decision']
        chosen = form.cleaned_data['messages']
        count = self.own(privileged.own_quarantine_decide, key, chosen, decision)
        self.tell(say(words.DONE[decision], {'count': count}))
        return self.go('my-quarantine', key)


class QuarantineSwitch(UserPage, View):
    """The button that chooses where possible spam goes."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest, key: str) -> HttpResponseRedirect:
        """Choose it, with the choice of before to go back to."""
        with Store() as store:
            before = own.get_mailbox(store, self.owner(store), key)
        choice = 'on' if request.POST.get('on') == 'yes' else 'off'
        after = Mailbox.from_json(self.own(privileged.own_quarantine_set, key, choice))
        take_back = {**self.visitor.whose, 'address': key, 'choice': before.quarantine,
                     'version': after.version}  # fmt: skip
        text = words.ON if choice == 'on' else words.OFF
        self.tell(str(text).format(address=key), Call('own_quarantine_set', take_back))
        return self.go('my-quarantine', key)
