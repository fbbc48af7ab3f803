# SPDX-License-Identifier: AGPL-3.0-or-later
"""My email: the addresses of a user, those made by the user, and where the mail also goes.

Whose they are is known from the login alone, never from what a request says.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from .. import privileged
from ..directory.alias import Alias
from ..directory.mailbox import Mailbox
from ..directory.person import Owner
from ..directory.store import Store
from ..directory.verbs import own
from ..directory.verbs.forward_rules import may_leave
from ..directory.view import StoreView
from ..errors import MailError
from ..forms.my import ForwardForm, NewOwnAliasForm, OwnAliasForm
from ..words import pages
from ..words.text import Text
from . import members, shown
from .aliases import alias_arguments, is_used, removing, restoring
from .editing import ConfirmView, Editing, EntryEditing
from .page import UserPage
from .undo_offer import Call


class MyView(UserPage, TemplateView):
    """The addresses of a user."""

    template_name = 'email-my.html'
    title = gettext_lazy('My email')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add all that reaches the user."""
        with Store() as store:
            owner = self.owner(store)
            mailboxes = own.mailboxes_of(store, owner)
            aliases = own.aliases_of(store, owner)
            limits = own.limits_of(store, owner)
            others = _others(store, mailboxes, aliases)
            shared = members.shared_with(store, owner)
        return super().get_context_data(
            mailboxes=mailboxes,
            working=[mailbox for mailbox in mailboxes if mailbox.enabled],
            aliases=[(alias, shown.of_own_alias(alias)) for alias in aliases],
            others=others,
            shared=shared,
            limits=limits,
            has_room=any(used < limit for used, limit in limits.values()),
            **kwargs,
        )


def _others(
    store: Store, mailboxes: tuple[Mailbox, ...], aliases: tuple[Alias, ...]
) -> list[Alias]:
    """The addresses others made that reach the mailboxes of a user, with their ends."""
    made = {alias.address for alias in aliases}
    found = {
        alias.address: alias
        for mailbox in mailboxes
        for alias in store.search(Alias, where={'destinations': mailbox.address})
        if alias.enabled and not alias.ended and alias.address not in made
    }
    return [found[address] for address in sorted(found)]


def _room(store: Store, owner: Owner) -> list[tuple[str, str]]:
    """The domains in which a user may make one more address."""
    limits = own.limits_of(store, owner).items()
    return [(name, name) for name, (used, limit) in limits if used < limit]


class MyAliasAdd(UserPage, Editing):
    """A new address of a user."""

    title = gettext_lazy('Create address')
    template_name = 'email-address-add.html'
    form_class = NewOwnAliasForm
    submit = gettext_lazy('Create address')
    back = 'my'

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the domains in which the user may make one."""
        with Store() as store:
            return {**super().get_form_kwargs(), 'domains': _room(store, self.owner(store))}

    def save(self, form: NewOwnAliasForm) -> HttpResponse:
        """Make it."""
        self._tell_of(Alias.from_json(self.own(privileged.own_alias_add, **form.wanted())))
        return self.go('my')

    def _tell_of(self, added: Alias) -> None:
        take_back = Call('own_alias_remove', {**self.visitor.whose, **removing(added)})
        text = pages.OWN_ALIAS_CREATED.format(address=added.address)
        self.tell(text, take_back)


class MyAliasRandom(MyAliasAdd, View):
    """The button that makes a random address."""

    http_method_names = ('post',)

    def post(self, _request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseRedirect:
        """Make it."""
        try:
            self._tell_of(Alias.from_json(self.own(privileged.own_alias_add_random)))
        except MailError as error:
            if error.code != 'limit-reached':
                raise
            messages.error(self.request, error.sentence)
        return self.go('my')


class OwnAlias(UserPage, EntryEditing[Alias]):
    """Base of the pages of an address the user made; others do not exist for the user."""

    kind = Alias
    back = 'my'

    def find(self, store: Store) -> Alias:
        """The address if it is the user's own."""
        return own.get_alias(store, self.owner(store), self.key)


class MyAliasPage(OwnAlias):
    """One address a user made."""

    form_class = OwnAliasForm
    template_name = 'email-my-alias.html'

    def values(self) -> dict[str, Any]:
        """The values of the address."""
        return {name: getattr(self.entry, name) for name in ('note', 'expires', 'enabled')}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether it works."""
        return super().get_context_data(
            alias=self.entry, shown=shown.of_own_alias(self.entry), **kwargs
        )

    def save(self, form: OwnAliasForm) -> HttpResponse:
        """Change it."""
        before, version = self.entry, form.cleaned_data['version']
        after = Alias.from_json(
            self.own(privileged.own_alias_change, self.key, version=version, **form.changes())
        )
        if after.version != before.version:
            names = ('address', 'enabled', 'expires', 'note')
            old = {name: alias_arguments(before)[name] for name in names}
            take_back = {**self.visitor.whose, 'version': after.version, **old}
            self.tell(_('Saved {address}.').format(address=self.key),
                      Call('own_alias_change', take_back))  # fmt: skip
        return self.go('my')


class MyAliasRemove(UserPage, ConfirmView[Alias]):
    """The question whether a user's address is to be removed."""

    template_name = 'email-alias-remove.html'
    kind = Alias
    question = gettext_lazy('Remove {key}?')
    back = 'my-alias'

    find = OwnAlias.find

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add which address it is."""
        return super().get_context_data(alias=self.entry, **kwargs)

    def save(self, form: Any) -> HttpResponse:
        """Remove it."""
        with Store() as store:
            calls = [] if is_used(store, self.key) else [restoring(self.entry)]
        self.own(privileged.own_alias_remove, self.key, form.cleaned_data['version'])
        text = pages.ALIAS_REMOVED
        self.tell(text.format(address=self.key), *calls)
        return self.go('my')


class MyForward(UserPage, EntryEditing[Mailbox]):
    """Where a copy of a user's mail goes."""

    kind = Mailbox
    form_class = ForwardForm
    template_name = 'email-my-forward.html'
    back = 'my'

    def find(self, store: Store) -> Mailbox:
        """The mailbox if it is the user's own."""
        return own.get_mailbox(store, self.owner(store), self.key)

    def get_title(self) -> Text:
        """The title, with the address."""
        return _('Forward mail of {address}').format(address=self.key)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add forwards that were stopped, and whether other servers are allowed."""
        with Store() as store:
            kwargs['may_leave'] = may_leave(StoreView(store), self.entry)
        return super().get_context_data(mailbox=self.entry, **kwargs)

    def values(self) -> dict[str, Any]:
        """Where it goes now."""
        return {'forwards': self.entry.forwards, 'keep_copy': self.entry.keeps_copy}

    def save(self, form: ForwardForm) -> HttpResponse:
        """Send it elsewhere from now on."""
        before, wanted = list(self.entry.forwards), form.cleaned_data['forwards']
        version = form.cleaned_data['version']
        after = Mailbox.from_json(
            self.own(
                privileged.own_mailbox_forward, self.key, wanted, version,
                keep_copy=form.cleaned_data['keep_copy'],
            )
        )  # fmt: skip
        text = _('Your mail is forwarded to: {to}') if wanted else pages.FORWARD_OFF  # fmt: skip
        take_back = {**self.visitor.whose, 'address': self.key, 'destinations': before,
                     'keep_copy': self.entry.keeps_copy, 'version': after.version}  # fmt: skip
        self.tell(text.format(to=', '.join(wanted)), Call('own_mailbox_forward', take_back))
        return self.go('my')
