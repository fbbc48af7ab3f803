# SPDX-License-Identifier: AGPL-3.0-or-later
"""The end of a mailbox or alias."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext as _

from .. import privileged
from ..directory.alias import Alias
from ..directory.mailbox import Mailbox
from ..forms.ending import EndForm
from ..forms.fields import end_of
from ..words import ending as words
from ..words.text import Text
from .editing import EntryEditing
from .page import call
from .undo_offer import Call


class MailboxEnd(EntryEditing[Mailbox | Alias]):
    """The end of a mailbox."""

    kind: ClassVar[type[Mailbox | Alias]] = Mailbox
    form_class = EndForm
    template_name = 'email-end.html'
    back = 'mailbox'
    back_to_entry = True

    def get_title(self) -> Text:
        """The title, with the address."""
        return _('End date of {address}').format(address=self.key)

    def values(self) -> dict[str, Any]:
        """The end it has now."""
        return {'expires': self.entry.expires, 'farewell': self.entry.farewell}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what it is."""
        return super().get_context_data(is_mailbox=self.kind is Mailbox, **kwargs)

    def save(self, form: EndForm) -> HttpResponse:
        """Let it end then."""
        before, data = self.entry, form.cleaned_data
        end = end_of(data['expires']) if 'expires' in form.changed_data else _as_text(before)
        noun = self.kind.NOUN
        answer = call(privileged.end_set, noun, self.key, end, data['farewell'], data['version'])
        after = self.kind.from_json(answer)
        if after.version != before.version:
            take_back = {'kind': noun, 'address': self.key, 'expires': _as_text(before),
                         'farewell': before.farewell, 'version': after.version}  # fmt: skip
            self.tell(words.SAVED.format(address=self.key), Call('end_set', take_back))
        return self.go(self.back, self.key)


def _as_text(entry: Mailbox | Alias) -> str:
    return entry.expires.isoformat() if entry.expires else ''


class AliasEnd(MailboxEnd):
    """The end of an alias."""

    kind = Alias
    back = 'alias'
