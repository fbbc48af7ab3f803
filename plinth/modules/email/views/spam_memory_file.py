# SPDX-License-Identifier: AGPL-3.0-or-later
"""My email: a download of what the spam filter learned, and its upload."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.generic import View

from .. import privileged
from ..forms.spam import MemoryForm
from ..system import uploads
from ..words import spam as words
from .own_mailbox import OwnMailboxPage
from .page import UserPage


class MySpamExport(UserPage, View):
    """All that was learned for a mailbox, as a file."""

    def get(self, _request: HttpRequest, *_arguments: Any, **kwargs: Any) -> HttpResponse:
        """The file; its words can't be read from it."""
        name = self.own(privileged.own_spam_export, kwargs['key'])
        try:
            text = uploads.take(name)
        finally:
            uploads.forget(name)
        headers = {'Content-Disposition': 'attachment; filename="spam-memory.txt"'}
        return HttpResponse(text, content_type='text/plain; charset=utf-8', headers=headers)


class MySpamImport(OwnMailboxPage):
    """The upload of such a file, which replaces what was learned."""

    title = gettext_lazy('Import what the filter learned')
    form_class = MemoryForm
    template_name = 'email-my-spam-import.html'
    submit = gettext_lazy('Import')
    back = 'my-spam-of'
    back_to_entry = True

    def save(self, form: MemoryForm) -> HttpResponse:
        """Have root read the file, and remove it."""
        name = uploads.put(form.cleaned_data['file'])
        try:
            self.own(privileged.own_spam_import, self.key, name)
        finally:
            uploads.forget(name)
        self.tell(str(words.IMPORTED).format(address=self.key))
        return self.go('my-spam-of', self.key)
