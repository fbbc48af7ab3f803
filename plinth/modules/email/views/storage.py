# SPDX-License-Identifier: AGPL-3.0-or-later
"""My email: storage used, and deleted messages that can be restored."""

from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from .. import privileged
from ..directory.old_mail import UNDELETE_DAYS
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from ..forms.storage import RestoreForm
from ..mailstore.content import Content
from ..mailstore.deleted_mail import RESTORED, DeletedMail
from ..words.text import Text
from .editing import Editing
from .page import UserPage


class MyMessages(UserPage, TemplateView):
    """The mailboxes of a user, with storage used; the numbers come after the page."""

    template_name = 'email-messages.html'
    title = gettext_lazy('Messages')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mailboxes."""
        with Store() as store:
            found = own.mailboxes_of(store, self.owner(store))
        mailboxes = [mailbox for mailbox in found if mailbox.enabled]
        return super().get_context_data(mailboxes=mailboxes, undelete_days=UNDELETE_DAYS, **kwargs)


class MyStorage(UserPage, TemplateView):
    """The content of one of a user's mailboxes."""

    template_name = 'email-my-storage.html'
    title = gettext_lazy('Storage used')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the numbers."""
        try:
            answer = self.own(privileged.own_content, kwargs['key'])
            kwargs['content'] = Content.from_json(answer)
        except MailError as error:
            if error.code.endswith('-missing'):
                raise
            kwargs['content_unknown'] = error.sentence
        return super().get_context_data(**kwargs)


class MyDeleted(UserPage, Editing):
    """The deleted messages of one of a user's mailboxes, to be restored."""

    template_name = 'email-deleted.html'
    form_class = RestoreForm
    back = 'my-messages'

    @cached_property
    def found(self) -> DeletedMail:
        """The latest deleted messages."""
        return DeletedMail.from_json(self.own(privileged.own_deleted_look, self.kwargs['key']))

    def get_title(self) -> Text:
        """The title, with the address."""
        return _('Deleted messages of {address}').format(address=self.kwargs['key'])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the messages."""
        return super().get_context_data(
            found=self.found,
            folder=RESTORED,
            undelete_days=UNDELETE_DAYS,
            **kwargs,
        )

    def save(self, form: RestoreForm) -> HttpResponse:
        """Restore the chosen ones."""
        key = self.kwargs['key']
        number = self.own(privileged.own_deleted_restore, key, form.cleaned_data['uids'])
        text = ngettext(
            'Restored {count} message into the folder “{folder}”.',
            'Restored {count} messages into the folder “{folder}”.',
            number,
        )
        self.tell(text.format(count=number, folder=RESTORED))
        return self.go('my-deleted', key)
