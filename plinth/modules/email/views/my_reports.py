# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports on a user's mailboxes: the weekly one they choose, and the one others get about them.

The switch for the report on the use of a mailbox is an administrator's.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from .. import privileged
from ..activity.mailbox_use import MailboxUse
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs import guards, own
from ..errors import MailError
from ..words import traffic as words
from ..words.text import Text
from .page import Page, UserPage, call
from .undo_offer import Call


@dataclass(frozen=True)
class ReportedMailbox:
    """A mailbox with its reports; `use` is what others get to see of it, as far as it is known."""

    mailbox: Mailbox
    readers: tuple[str, ...] = ()
    use: MailboxUse | None = None

    @property
    def is_weekly(self) -> bool:
        """Whether its person gets the weekly report."""
        return 'weekly' in self.mailbox.reports

    @property
    def is_reported(self) -> bool:
        """Whether a report on its use is sent."""
        return 'usage' in self.mailbox.reports


def readers_of(store: Store, mailbox: Mailbox) -> tuple[str, ...]:
    """The guardians who get the report on the use of a mailbox; administrators, where none are."""
    return guards.names_of(store, mailbox.guard) if mailbox.guard else ()


class MyReports(UserPage, TemplateView):
    """The reports on a user's mailboxes."""

    template_name = 'email-my-reports.html'
    title = gettext_lazy('Reports')

    def _use(self, mailbox: Mailbox) -> MailboxUse | None:
        try:
            return MailboxUse.from_json(self.own(privileged.own_usage_look, mailbox.address))
        except MailError:
            return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mailboxes."""
        with Store() as store:
            found = [each for each in own.mailboxes_of(store, self.owner(store)) if each.enabled]
            readers = {each.address: readers_of(store, each) for each in found}
        reported = [
            ReportedMailbox(
                each,
                readers[each.address],
                self._use(each) if 'usage' in each.reports else None,
            )
            for each in found
        ]
        return super().get_context_data(reported=reported, **kwargs)


class WeeklySwitch(UserPage, View):
    """The button that turns the weekly report on or off."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest, key: str) -> HttpResponseRedirect:
        """Turn it on or off."""
        on = request.POST.get('on') == 'yes'
        self.own(privileged.own_weekly_report, key, on)
        take_back = {**self.visitor.whose, 'address': key, 'on': not on}
        self.tell(words.WEEKLY_ON if on else words.WEEKLY_OFF, Call('own_weekly_report', take_back))
        return self.go('my-reports')


class UsageReport(Page, TemplateView):
    """The report on the use of a mailbox: who gets it, and the switch."""

    template_name = 'email-usage-report.html'
    title = gettext_lazy('Report on use')

    def get_title(self) -> Text:
        """The title, with the address."""
        return words.USAGE_OF.format(address=self.kwargs['key'])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mailbox."""
        with Store() as store:
            mailbox = store.get(Mailbox, kwargs['key'])
            found = ReportedMailbox(mailbox, readers_of(store, mailbox))
        return super().get_context_data(reported=found, mailbox=mailbox, **kwargs)

    def post(self, request: HttpRequest, key: str) -> HttpResponseRedirect:
        """Turn it on or off."""
        on = request.POST.get('on') == 'yes'
        call(privileged.usage_report_set, key, on)
        text = words.USAGE_ON if on else words.USAGE_OFF
        self.tell(
            text.format(address=key), Call('usage_report_set', {'address': key, 'on': not on})
        )
        return self.go('usage-report', key)
