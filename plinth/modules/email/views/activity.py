# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tab Activity: mail on hold first, then the oldest that waits, and links to more.

Mail that is held waits for a decision: it can be released, deleted, or its mailbox frozen. Another
page of this tab adds its link to `MORE`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from .. import privileged
from ..directory import apppassword
from ..directory.mailbox import Mailbox
from ..directory.person import of_mailbox
from ..directory.store import Store
from ..errors import MailError
from ..forms.queue import LosingForm
from ..sending.holds import HeldMail
from ..words import misuse as words
from ..words import pages
from ..words.text import Text
from .devices import Device, devices
from .page import Page, Tab, call
from .queue import LosingView, QueueChoice, look, shown
from .undo_offer import Call

MORE: tuple[Tab, ...] = (
    Tab('messages', gettext_lazy('Messages')),
    Tab('queue', gettext_lazy('Queue')),
    Tab('traffic', gettext_lazy('Traffic')),
    Tab('blocked', gettext_lazy('Blocked logins')),
    Tab('setup-requests', gettext_lazy('Mail app setup')),
)
"""Other pages of this tab, each a line at its top."""
SHOWN_WAITING = 5
"""Messages that wait as the page shows them; the page Queue has all."""
_HELD = QueueChoice('held')
BY_HAND = '-'
"""Stands in an address for mail an administrator held by hand."""


@dataclass(frozen=True)
class ShownHeld:
    """Held mail as the page shows it; `key` stands for it in addresses of pages."""

    held: HeldMail
    why: str

    @property
    def key(self) -> str:
        """The mailbox, or the sign for mail that was held by hand."""
        return self.held.login or BY_HAND


def limits_in_words(held: HeldMail) -> str:
    """The reason why mail is held."""
    if not held.limits:
        return str(_(words.BY_HAND))
    found = ', '.join(
        ngettext(*words.LIMITS[limit], most).format(count=most)
        for limit, most in sorted(held.limits.items())
        if limit in words.LIMITS
    )
    return str(_(words.OVER_LIMIT).format(limits=found))


class ActivityPage(Page, TemplateView):
    """Mail on hold, and mail that waits."""

    template_name = 'email-activity.html'
    title = gettext_lazy('Activity')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the queue."""
        found = look(QueueChoice(), 0, SHOWN_WAITING)
        held = [ShownHeld(each, limits_in_words(each)) for each in found.held]
        with Store() as store:
            frozen = [each for each in store.having(Mailbox, 'closed') if each.is_frozen]
        return super().get_context_data(
            held=held,
            waiting=list(map(shown, found.messages)),
            total=found.total,
            more_waiting=found.total - len(found.messages),
            frozen=frozen,
            more=MORE,
            **kwargs,
        )


class _OneHeld(Page):
    """Mixin of pages about the mail of one mailbox on hold."""

    kwargs: dict[str, Any]

    @property
    def which(self) -> str:
        """The mailbox, '' for mail that was held by hand."""
        key = str(self.kwargs['key'])
        return '' if key == BY_HAND else key

    @cached_property
    def shown(self) -> ShownHeld | None:
        """The mail on hold, None when there is none."""
        found = next((each for each in look(_HELD, 0, 1).held if each.login == self.which), None)
        return ShownHeld(found, limits_in_words(found)) if found else None

    @cached_property
    def mailbox(self) -> Mailbox | None:
        """The mailbox, None for mail held by hand, and for one that is gone."""
        with Store() as store:
            return store.find(Mailbox, self.which) if self.which else None

    def devices(self) -> list[Device]:
        """The app passwords of the mailbox's owner."""
        if self.mailbox is None:
            return []
        with Store() as store:
            return devices(apppassword.of_owner(store, of_mailbox(store, self.mailbox)))


class HeldPage(_OneHeld, TemplateView):
    """The mail of one mailbox on hold, the app passwords it could come from, and the ways out."""

    template_name = 'email-held.html'

    def get_title(self) -> Text:
        """The mailbox."""
        return self.which or _(words.BY_HAND)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mail, the mailbox and its app passwords."""
        if self.shown is None and self.mailbox is None:
            raise MailError('held-missing', name=self.which)
        return super().get_context_data(
            shown=self.shown, mailbox=self.mailbox, devices=self.devices(), **kwargs
        )


class _Button(_OneHeld, View):
    """Mixin of buttons."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest, **kwargs: str) -> HttpResponseRedirect:
        """Do it, and go back to where the button is."""
        try:
            self.act(**kwargs)
        except MailError as error:
            messages.error(request, error.sentence)
        return self.back()

    def act(self, **kwargs: str) -> None:
        """The act of the button."""
        raise NotImplementedError

    def back(self) -> HttpResponseRedirect:
        """The page of the tab."""
        return self.go('activity')


class ReleaseView(_Button):
    """The button that lets held mail go out."""

    def act(self, **_kwargs: str) -> None:
        """Release it."""
        count = call(privileged.held_release, self.which)
        self.tell(ngettext(*words.RELEASED, count).format(count=count))


class RetryView(Page, View):
    """The button that tries all waiting mail again."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Have all waiting mail tried again."""
        try:
            call(privileged.queue_retry, *QueueChoice().arguments)
        except MailError as error:
            messages.error(request, error.sentence)
        else:
            messages.success(request, pages.RETRYING)
        return self.go('activity')


class FreezeView(_Button):
    """The button that freezes a mailbox, which can be undone."""

    def act(self, **_kwargs: str) -> None:
        """Freeze it."""
        frozen = Mailbox.from_json(
            call(privileged.mailbox_freeze, self.which, str(_(words.FROZEN)))
        )
        text = _(words.MAILBOX_FROZEN).format(address=frozen.address)
        self.tell(text, Call('mailbox_unfreeze', {'address': frozen.address}))

    def back(self) -> HttpResponseRedirect:
        """The mail of the mailbox, with its app passwords."""
        return self.go('held', self.which)


class UnfreezeView(_Button):
    """The button that lets logins to a mailbox happen again."""

    def act(self, **_kwargs: str) -> None:
        """Unfreeze it."""
        done = Mailbox.from_json(call(privileged.mailbox_unfreeze, self.which))
        self.tell(_(words.MAILBOX_UNFROZEN).format(address=done.address))


class RevokeView(_Button):
    """The button that revokes an app password of a mailbox's owner."""

    def act(self, **kwargs: str) -> None:
        """Revoke it, if it is one of theirs."""
        for each in self.devices():
            if each.entry.key_id == kwargs['device']:
                call(privileged.app_password_revoke, each.entry.key_id)
                text = _(words.DEVICE_REVOKED)
                self.tell(text.format(label=each.entry.label, address=self.which))

    def back(self) -> HttpResponseRedirect:
        """The mail of the mailbox, with its app passwords."""
        return self.go('held', self.which)


class HeldDelete(_OneHeld, LosingView):
    """The question whether held mail is to be deleted."""

    template_name = 'email-held-delete.html'
    submit = gettext_lazy('Delete messages')
    back = 'activity'

    def get_title(self) -> Text:
        """The question."""
        if self.shown is None:
            return _('Activity')
        count = self.shown.held.messages
        return ngettext(*words.ASK_DELETE, count).format(count=count, key=self.get_name())

    def get_name(self) -> Text:
        """The mailbox in words."""
        return self.which or _(words.BY_HAND)

    def counted(self) -> tuple[int, datetime]:
        """The number of messages on hold."""
        if self.shown is None:
            raise MailError('held-missing', name=self.which)
        return self.shown.held.messages, datetime.now(UTC)

    def count_again(self) -> None:
        """Forget what was seen."""
        self.__dict__.pop('shown', None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how much it is."""
        if self.shown is None:
            raise MailError('held-missing', name=self.which)
        return super().get_context_data(shown=self.shown, **kwargs)

    def save(self, form: LosingForm) -> HttpResponse:
        """Delete it, no more than was confirmed."""
        count = call(privileged.held_drop, self.which, form.cleaned_data['count'])
        self.tell(ngettext(*words.DELETED, count).format(count=count))
        return self.go('activity')
