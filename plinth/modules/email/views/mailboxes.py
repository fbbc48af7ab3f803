# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mailboxes: one of them, a new one, a link for its password, and taking one away."""

import secrets
from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..directory.alias import Alias
from ..directory.mailbox import Mailbox
from ..directory.room import MAILBOX_ROOM
from ..directory.send_limits import LIMIT_ATTRIBUTES
from ..directory.store import Store
from ..directory.verbs import aliases
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.mailbox import SHARED, MailboxForm, NewMailboxForm
from ..mailstore.content import Content
from ..mailstore.kept_mail import KeptMail
from ..maintenance.password_link import ResetLink
from ..words import members as members_words
from ..words import pages
from ..words.text import Text
from . import members, shown
from .aliases import domain_choices
from .editing import ConfirmView, Editing, EntryEditing
from .page import Page, call
from .undo_offer import Call

MOST_LEADING = 10


class MailboxAdd(Editing):
    """A new mailbox."""

    title = gettext_lazy('Add mailbox')
    template_name = 'email-address-add.html'
    form_class = NewMailboxForm
    submit = gettext_lazy('Add mailbox')
    back = 'addresses'

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the domains and users to choose from."""
        with Store() as store:
            users = [user.name for user in store.users()]
            domains = domain_choices(store)
        return {**super().get_form_kwargs(), 'domains': domains, 'users': users}

    def save(self, form: NewMailboxForm) -> HttpResponse:
        """Add it; who stands alone and has no password yet gets a link to choose one.

        No one knows the password of a shared mailbox: its members log in as themselves.
        """
        data = form.cleaned_data
        is_shared = data['owner'] == SHARED
        owner = None if is_shared else data['owner'] or None
        chosen = data['password']
        password = None if owner else chosen or secrets.token_urlsafe(24)
        answer = call(
            privileged.mailbox_add,
            form.address,
            owner,
            password,
            take_over_mail=data['take_over_mail'],
            note=data['note'],
        )
        address = Mailbox.from_json(answer).address
        if is_shared:
            self.tell(members_words.CREATED.format(address=address))
            return self.go('mailbox-members', address)
        if not owner and not chosen:
            return PasswordLink.show(self.request, address, is_new=True)
        self.tell(pages.ALIAS_CREATED.format(address=address))
        return self.go('mailbox', address)


class MailboxPage(EntryEditing[Mailbox]):
    """One mailbox."""

    template_name = 'email-mailbox.html'
    kind = Mailbox
    form_class = MailboxForm
    back = 'addresses'

    def values(self) -> dict[str, Any]:
        """The values of the mailbox."""
        names = ('enabled', 'forwards', 'note', 'closed', *MAILBOX_ROOM, *LIMIT_ATTRIBUTES)
        found = {name: getattr(self.entry, name) for name in names}
        return {**found, 'forwarding': self.entry.forwarding_choice}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the aliases that lead to it."""
        with Store() as store:
            found = store.page(Alias, '', {'destinations': self.key}, 0, MOST_LEADING)
            sharing = members.shown(store, self.entry)
            handover = members.shown_handover(store, self.entry)
        return super().get_context_data(
            mailbox=self.entry,
            members=sharing,
            handover=handover,
            shown=shown.of_mailbox(self.entry),
            leading=found.entries,
            more_leading=found.total - len(found.entries),
            **kwargs,
        )

    def save(self, form: MailboxForm) -> HttpResponse:
        """Change it."""
        before = self.entry
        version = form.cleaned_data['version']
        after = Mailbox.from_json(
            call(privileged.mailbox_change, before.address, version=version, **form.changes())
        )
        if after.version != before.version:
            take_back = {
                'address': before.address,
                **self.values(),
                'forwards': list(before.forwards),
                'version': after.version,
            }
            text = _('Saved {address}.').format(address=self.key)
            self.tell(text, Call('mailbox_change', take_back))
        return self.go('mailbox', before.address)


def shown_content(address: str) -> dict[str, Any]:
    """The context of the content of a mailbox, or of the reason why it is unknown."""
    try:
        found = Content.from_json(call(privileged.mailbox_content, address))
    except MailError as error:
        return {'content_unknown': error.sentence}
    return {'content': found}


class MailboxContent(Page, TemplateView):
    """The content of a mailbox; counting may take a while, so it comes after the page."""

    template_name = 'email-mailbox-content.html'
    title = gettext_lazy('Contents')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the numbers."""
        return super().get_context_data(**shown_content(kwargs['key']), **kwargs)


class PasswordLink(EntryEditing[Mailbox]):
    """A link by which a person chooses a new password, shown once."""

    template_name = 'email-ask.html'
    kind = Mailbox
    form_class = MailForm
    submit = gettext_lazy('Create link')
    back = 'mailbox'
    back_to_entry = True

    def values(self) -> dict[str, Any]:
        """No values: there is only a button."""
        return {}

    def get_title(self) -> Text:
        """The title of the page."""
        return _('Password link for {address}').format(address=self.key)

    def save(self, _form: MailForm) -> HttpResponse:
        """Make the link and show it."""
        return self.show(self.request, self.key)

    @staticmethod
    def show(request: Any, address: str, is_new: bool = False) -> HttpResponse:
        """Make a link and return the page with it; nothing keeps it but the reader."""
        made = ResetLink.from_json(call(privileged.mailbox_reset_start, address))
        view = LinkPage(key=address)
        view.setup(request, key=address)
        response: HttpResponse = view.render_to_response(
            view.get_context_data(
                key=address,
                url=made.link,
                expires=made.expires,
                is_new=is_new,
            )
        )
        response['Cache-Control'] = 'no-store'
        return response


class LinkPage(Page, TemplateView):
    """The page with a link for a new password."""

    template_name = 'email-link.html'
    key = ''

    def get_title(self) -> Text:
        """The title, with the address."""
        return _('Password link for {address}').format(address=self.key)


class MailboxRemove(ConfirmView[Mailbox]):
    """The question whether a mailbox is to be removed."""

    template_name = 'email-mailbox-remove.html'
    kind = Mailbox
    question = pages.REMOVE_MAILBOX
    back = 'mailbox'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the entries that would be lost."""
        with Store() as store:
            leading = [alias.address for alias in aliases.leading_to(store, self.key)]
        return super().get_context_data(
            mailbox=self.entry, leading=leading, **shown_content(self.key), **kwargs
        )

    def save(self, form: MailForm) -> HttpResponse:
        """Remove it; its mail stays until an administrator deletes that too."""
        version = form.cleaned_data['version']
        call(privileged.mailbox_remove, self.key, False, True, version)
        text = pages.MAILBOX_REMOVED
        self.tell(text.format(address=self.key))
        return self.go('addresses')


def kept_mail() -> list[KeptMail]:
    """The stored mail that belongs to no mailbox, and since when."""
    return [KeptMail.from_json(each) for each in call(privileged.mail_kept)]


class KeptList(Page, TemplateView):
    """Stored mail that belongs to no mailbox any more."""

    template_name = 'email-kept.html'
    title = gettext_lazy('Mail of removed mailboxes')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whose it was, how much it is and since when."""
        return super().get_context_data(kept=kept_mail(), **kwargs)


class KeptDelete(Editing):
    """The question whether stored mail is to be deleted for ever."""

    template_name = 'email-kept-delete.html'
    form_class = MailForm
    back = 'mail-kept'

    @cached_property
    def found(self) -> KeptMail:
        """The kept mail that is meant, as it is now."""
        for each in kept_mail():
            if each.id == self.kwargs['key']:
                return each
        raise MailError('mail-missing.deleted')

    def get_title(self) -> Text:
        """The question."""
        try:
            return pages.DELETE_MAIL.format(address=self.found.address)
        except MailError:  # the page that says so needs a title too
            return _('Mail of removed mailboxes')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how much it is."""
        return super().get_context_data(content=self.found, **kwargs)

    def save(self, _form: MailForm) -> HttpResponse:
        """Delete it."""
        address = call(privileged.mail_delete, self.kwargs['key'])
        self.tell(pages.MAIL_DELETED.format(address=address))
        return self.go('mail-kept')
