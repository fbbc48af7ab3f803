# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where is my mail: the messages of a user or stand-alone mailbox, and their stories.

Root finds only their own, and of each only the part that is theirs (`activity/own_story.py`): any
other number is that of no message.
"""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..activity.traced import TracedMessage
from ..directory.old_mail import UNDELETE_DAYS
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from ..words.text import Text
from .listing import ROWS
from .message_list import MessagePage, list_context, place_of
from .page import Tab, UserPage

NEWEST = 5
"""Messages on the first page, above the storage used."""


class MyMessages(UserPage, TemplateView):
    """The last messages of a user, a search, and the storage used; its numbers come later."""

    template_name = 'email-messages.html'
    title = gettext_lazy('Messages')
    story_page: ClassVar[str] = 'my-message'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the messages and mailboxes."""
        with Store() as store:
            found = own.mailboxes_of(store, self.owner(store))
        mailboxes = [mailbox for mailbox in found if mailbox.enabled]
        return super().get_context_data(
            **self._messages(), mailboxes=mailboxes, undelete_days=UNDELETE_DAYS, **kwargs
        )

    def _messages(self) -> dict[str, Any]:
        """The list; where the log is not followed, storage is shown all the same."""

        def find(queue_id: str = '', **terms: Any) -> Any:
            if queue_id:  # numbers in the queue are for administrators
                terms['message_id'] = queue_id
            return self.own(privileged.own_messages_find, **terms)

        is_first = not place_of(self.request) and not self.request.GET.get('q')
        try:
            return list_context(self.request, find, NEWEST if is_first else ROWS)
        except MailError as error:
            if error.code.endswith('-missing'):
                raise
            return {'unknown': error.sentence}


class MyMessage(UserPage, MessagePage):
    """The story of a message of a user."""

    is_admin = False

    def message(self) -> TracedMessage:
        """The part of the story that is theirs; MailError where nothing is."""
        return TracedMessage.from_json(self.own(privileged.own_message_story, self.number))

    def parents(self, tab: Tab | None) -> dict[str, Text]:
        """The tab, which has the list."""
        return UserPage.parents(self, tab)

    def domains(self) -> list[str]:
        """None: links to DNS records are for administrators."""
        return []
