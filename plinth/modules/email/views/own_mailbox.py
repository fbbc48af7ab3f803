# SPDX-License-Identifier: AGPL-3.0-or-later
"""The common part of the pages of one mailbox of a user."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse

from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs import own
from ..words.text import Text
from .editing import EntryEditing
from .page import UserPage


@dataclass(frozen=True)
class MailboxLink:
    """A link to the same page of one of several mailboxes of a user."""

    text: str
    url: str


class OwnMailboxPage(UserPage, EntryEditing[Mailbox]):
    """Base of the pages of one mailbox of a user: the one in the address, or else the first."""

    kind = Mailbox
    back = 'my-away'
    others: tuple[Mailbox, ...] = ()
    page_of: ClassVar[str] = 'my-away-of'
    """The page with an address in its own, for links to the other mailboxes."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Note which mailbox is meant."""
        super().setup(request, *args, **{'key': '', **kwargs})

    def find(self, store: Store) -> Mailbox:
        """The mailbox if it is the user's own."""
        owner = self.owner(store)
        self.others = tuple(each for each in own.mailboxes_of(store, owner) if each.enabled)
        return own.get_mailbox(store, owner, self.key or own.main_address(store, owner))

    def get_title(self) -> Text:
        """The title of the page; the address is on it where there are several."""
        return self.title

    def values(self) -> dict[str, Any]:
        """No values, for pages whose fields are of something else than the mailbox."""
        return {}

    def links(self) -> list[MailboxLink]:
        """Links to the pages of all mailboxes of the user, where there are several."""
        if len(self.others) < 2:
            return []
        return [
            MailboxLink(each.address, reverse(f'email:{self.page_of}', args=[each.address]))
            for each in self.others
        ]
