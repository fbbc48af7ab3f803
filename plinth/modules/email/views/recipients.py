# SPDX-License-Identifier: AGPL-3.0-or-later
"""The question who receives mail in a domain that is not the first one."""

from typing import Any

from django.http import HttpResponse

from .. import privileged
from ..directory import recipients
from ..directory.domain import Domain
from ..directory.recipients import Recipients
from ..directory.store import Store
from ..errors import MailError
from ..forms.recipients import NONE, OWN, SAME, RecipientsForm
from ..words import pages
from ..words.text import Text
from .editing import EntryEditing
from .page import call
from .undo_offer import Call

_SAID = {
    SAME: pages.RECIPIENTS_SAME,
    OWN: pages.RECIPIENTS_PEOPLE,
    NONE: pages.RECIPIENTS_NONE,
}


class RecipientsPage(EntryEditing[Domain]):
    """Choose who receives mail in a domain."""

    template_name = 'email-recipients.html'
    kind = Domain
    form_class = RecipientsForm
    back = 'domain'
    back_to_entry = True

    def load(self) -> None:
        """Read the domain, and which one is the primary domain."""
        super().load()
        with Store() as store:
            self.primary = store.settings().primary_domain
            said = recipients.of_domain(store, self.entry, self.primary)
        self.is_undecided = said is Recipients.UNDECIDED
        if self.entry.name == self.primary:
            raise MailError('domain-invalid.primary', domain=self.key)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the names of both domains."""
        names = {'primary': self.primary, 'domain': self.entry.unicode_name}
        return {**super().get_form_kwargs(), **names}

    def get_title(self) -> Text:
        """The question."""
        return pages.WHO_RECEIVES.format(domain=self.key)

    def values(self) -> dict[str, Any]:
        """The present choice, and the usual answer where there is none."""
        chosen = {True: OWN, False: NONE, None: SAME}[self.entry.user_mailboxes]
        return {'recipients': SAME if self.entry.alias_of else chosen}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the domains."""
        return super().get_context_data(domain=self.entry, is_undecided=self.is_undecided, **kwargs)

    def save(self, form: RecipientsForm) -> HttpResponse:
        """Let the domain say so."""
        chosen, before = form.cleaned_data['recipients'], self.entry
        answer = call(
            privileged.domain_change,
            before.name,
            version=form.cleaned_data['version'],
            user_mailboxes={SAME: 'default', OWN: 'yes', NONE: 'no'}[chosen],
            alias_of=self.primary if chosen == SAME else '',
            by=self.request.user.username,
        )
        take_back = Call('domain_change', {
            'domain': before.name, 'version': Domain.from_json(answer).version,
            'user_mailboxes': before.mailboxes_choice, 'alias_of': before.alias_of,
        })  # fmt: skip
        text = str(_SAID[chosen]).format(domain=before.unicode_name, primary=self.primary)
        # Mailboxes that were made stay, so there is nothing that would take them back.
        self.tell(text, *([] if chosen == OWN else [take_back]))
        return self.go('domain', before.name)
