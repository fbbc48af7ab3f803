# SPDX-License-Identifier: AGPL-3.0-or-later
"""My email: the automatic reply while a user is away, and filters below.

Whose mailbox it is is known from the login alone, never from what a request says.
"""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory.mailbox import Mailbox
from ..directory.vacation import Vacation
from ..forms.rules import VacationForm
from ..rules.own_scripts import OwnScripts
from ..status import State
from ..words import rules as words
from .filter_words import list_of, most_shown
from .own_mailbox import OwnMailboxPage
from .shown import ShownState
from .undo_offer import Call


def of_vacation(vacation: Vacation | None, today: date) -> ShownState:
    """Whether automatic replies are sent."""
    if vacation is None or not vacation.enabled:
        return ShownState(State.UNKNOWN, words.REPLY_OFF, '', is_off=True)
    if vacation.is_over(today):
        end = words.REPLY_ENDED.format(day=_shown(vacation.last_day))
        return ShownState(State.UNKNOWN, words.REPLY_OFF, end, is_off=True)
    if not vacation.is_sent_on(today):
        begin = words.REPLY_BEGINS.format(day=_shown(vacation.first_day))
        return ShownState(State.WORKS, words.REPLY_PLANNED, begin)
    until = words.REPLY_UNTIL.format(day=_shown(vacation.last_day)) if vacation.last_day else ''
    return ShownState(State.WORKS, words.REPLY_ON, until)


def _shown(day: date | None) -> str:
    return str(date_format(day)) if day else ''


class MyAway(OwnMailboxPage):
    """The automatic reply of a mailbox."""

    title = gettext_lazy('Away')
    form_class = VacationForm
    template_name = 'email-away.html'
    submit = gettext_lazy('Save reply')

    def values(self) -> dict[str, Any]:
        """The reply as it is."""
        vacation = self.entry.vacation
        if vacation is None:
            return {'enabled': True}
        names = ('text', 'subject', 'first_day', 'last_day', 'days', 'enabled')
        return {name: getattr(vacation, name) for name in names}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether replies are sent."""
        return super().get_context_data(
            mailbox=self.entry,
            links=self.links(),
            shown=of_vacation(self.entry.vacation, timezone.localdate()),
            filters=list_of(
                self.entry.filters,
                'my-filter',
                self.entry.address,
                most=most_shown(self.request),
            ),
            scripts=OwnScripts.from_json(self.own(privileged.own_scripts_look, self.key)),
            **kwargs,
        )

    def save(self, form: VacationForm) -> HttpResponse:
        """Choose the reply."""
        before, vacation = self.entry.away, form.vacation()
        wanted, version = str(vacation) if vacation else '', form.cleaned_data['version']
        after = Mailbox.from_json(self.own(privileged.own_vacation, self.key, wanted, version))
        take_back = {**self.visitor.whose, 'address': self.key, 'reply': before,
                     'version': after.version}  # fmt: skip
        is_on = bool(vacation and vacation.enabled)
        self.tell(words.REPLY_SAVED if is_on else words.REPLY_TURNED_OFF,
                  Call('own_vacation', take_back))  # fmt: skip
        return self.go('my-away-of', self.key)
