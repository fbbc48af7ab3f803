# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storage used, of users and of domains, and deleted messages that can be restored."""

from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..directory.old_mail import UNDELETE_DAYS
from ..errors import MailError
from ..forms.storage import RestoreForm
from ..mailstore.content import Content
from ..mailstore.deleted_mail import RESTORED, DeletedMail
from ..mailstore.domain_use import DomainUse
from ..words import pages
from ..words.text import Text, say
from .editing import Editing
from .page import Page, UserPage, call


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


class DomainStorage(Page, TemplateView):
    """Storage used by the mailboxes of a domain."""

    template_name = 'email-domain-storage.html'
    title = gettext_lazy('Storage used')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the numbers."""
        found = DomainUse.from_json(call(privileged.content_of_domain, kwargs['key']))
        return super().get_context_data(use=found, **kwargs)


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
        self.tell(say(pages.RESTORED, {'count': number, 'folder': RESTORED}))
        return self.go('my-deleted', key)
