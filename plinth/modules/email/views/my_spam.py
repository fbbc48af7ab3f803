# SPDX-License-Identifier: AGPL-3.0-or-later
"""My email: what the spam filter learned for a mailbox, and how it forgets that."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from ..filtering.bulk_learning import BulkLearning
from ..filtering.memories import Learned
from ..forms.base import MailForm
from ..status import State
from ..words import spam as words
from ..words.text import Text, say
from .editing import ConfirmView
from .own_mailbox import OwnMailboxPage
from .page import UserPage
from .shown import ShownState


def of_learned(found: Learned) -> ShownState:
    """Whether mail is judged by a memory, and what it learned."""
    so_far = _both(words.LEARNED, found.junk, found.wanted)
    if found.is_used:
        return ShownState(State.WORKS, words.USED, so_far)
    return ShownState(State.UNKNOWN, words.NOT_YET, so_far, _missing(found), is_off=True)


def _missing(found: Learned) -> str:
    """The messages a memory needs until mail is judged by it."""
    junk = say(words.MORE_JUNK, {'count': found.missing_junk})
    wanted = say(words.MORE_WANTED, {'count': found.missing_wanted})
    if found.missing_junk and found.missing_wanted:
        return str(words.MISSING_BOTH).format(junk=junk, wanted=wanted)
    return str(words.MISSING_ONE).format(messages=junk if found.missing_junk else wanted)


def _both(sentence: Text, junk: int, wanted: int) -> str:
    """A sentence with two numbers of messages."""
    return str(sentence).format(
        junk=say(words.LEARNED_JUNK, {'count': junk}),
        wanted=say(words.LEARNED_WANTED, {'count': wanted}),
    )


def _told(done: BulkLearning) -> str:
    """The outcome of learning from stored mail."""
    if done.complete and not done.junk + done.wanted:
        return str(words.NOTHING_NEW)
    sentence = words.LEARNED_NOW if done.complete else words.LEARNED_PART
    return _both(sentence, done.junk, done.wanted)


class MySpam(OwnMailboxPage):
    """The numbers of a mailbox's memory, and learning from stored mail."""

    title = gettext_lazy('Spam')
    form_class = MailForm
    template_name = 'email-my-spam.html'
    page_of = 'my-spam-of'
    submit = gettext_lazy('Learn from stored mail')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was learned; what can't be seen is unknown."""
        try:
            learned = Learned.from_json(self.own(privileged.own_spam_look, self.key))
            shown = of_learned(learned)
        except MailError as error:
            learned = None
            shown = ShownState(State.UNKNOWN, words.NOT_KNOWN, error.sentence)
        return super().get_context_data(
            mailbox=self.entry, links=self.links(), learned=learned, shown=shown, **kwargs
        )

    def save(self, _form: MailForm) -> HttpResponse:
        """Learn from stored mail."""
        done = BulkLearning.from_json(self.own(privileged.own_spam_learn, self.key))
        self.tell(_told(done))
        return self.go('my-spam-of', self.key)


class MySpamForget(UserPage, ConfirmView[Mailbox]):
    """The question before what was learned for a mailbox is forgotten."""

    kind = Mailbox
    template_name = 'email-my-spam-forget.html'
    question = words.FORGET
    submit = gettext_lazy('Forget')
    back = 'my-spam-of'

    def find(self, store: Store) -> Mailbox:
        """The mailbox if it is the user's own."""
        return own.get_mailbox(store, self.owner(store), self.key)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was learned."""
        learned = Learned.from_json(self.own(privileged.own_spam_look, self.key))
        return super().get_context_data(
            so_far=_both(words.LEARNED, learned.junk, learned.wanted), **kwargs
        )

    def save(self, _form: MailForm) -> HttpResponse:
        """Forget it."""
        self.own(privileged.own_spam_forget, self.key)
        self.tell(str(words.FORGOTTEN).format(address=self.key))
        return self.go('my-spam-of', self.key)
