# SPDX-License-Identifier: AGPL-3.0-or-later
"""Aliases: one of them, a new one, and taking one away."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory.alias import Alias
from ..directory.domain import Domain
from ..directory.entry import parse_time
from ..directory.mailbox import Mailbox
from ..directory.resolve import resolve, who_may_send
from ..directory.store import Store
from ..directory.verbs import aliases
from ..directory.view import Changed, StoreView
from ..forms.alias import AliasForm, NewAliasForm
from ..words import pages
from . import shown
from .editing import ConfirmView, Editing, EntryEditing
from .page import call
from .resolve import shown_path
from .undo_offer import Call


def alias_arguments(alias: Alias) -> dict[str, Any]:
    """The fields of an alias, as root actions take them."""
    return {
        'address': alias.address,
        'destinations': list(alias.destinations),
        'enabled': alias.enabled,
        'senders': list(alias.senders),
        'expires': alias.expires.isoformat() if alias.expires else '',
        'note': alias.note,
    }


def restoring(alias: Alias) -> Call:
    """The call that makes a removed alias again."""
    if alias.origin == 'user':
        names = ('address', 'destinations', 'expires', 'note', 'enabled')
        wanted = {name: alias_arguments(alias)[name] for name in names}
        whose = {'user': alias.owner, 'owner_id': alias.owner_id, 'alone': not alias.owner_id}
        return Call('own_alias_add', {**whose, **wanted})
    whose = {'owner': alias.owner, 'owner_id': alias.owner_id}
    return Call('alias_add', {**alias_arguments(alias), **whose})


def removing(added: Alias) -> dict[str, Any]:
    """The arguments that remove an added alias, as long as it is unchanged."""
    return {'address': added.address, 'version': added.version}


def is_used(store: Store, address: str) -> bool:
    """Whether others lead to an address, which removing it changes too."""
    forwards = store.search(Mailbox, where={'forwards': address})
    return bool(forwards or aliases.leading_to(store, address))


def domain_choices(store: Store) -> list[tuple[str, str]]:
    """The domains in which an address can be made, the main one first."""
    primary = store.settings().primary_domain
    own = [domain for domain in store.search(Domain) if not domain.alias_of]
    own.sort(key=lambda domain: (domain.name != primary, not domain.enabled, domain.name))
    return [(domain.name, domain.unicode_name) for domain in own]


class AliasAdd(Editing):
    """A new alias."""

    title = gettext_lazy('Add alias')
    template_name = 'email-alias-add.html'
    form_class = NewAliasForm
    submit = gettext_lazy('Add alias')
    back = 'addresses'

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the domains to choose from."""
        with Store() as store:
            return {**super().get_form_kwargs(), 'domains': domain_choices(store)}

    def save(self, form: NewAliasForm) -> HttpResponse:
        """Add it, or only show where it would lead."""
        wanted = form.wanted()
        if 'try' in self.request.POST:
            tried = preview(wanted)
            return self.render_to_response(self.get_context_data(form=form, tried=tried))
        added = Alias.from_json(call(privileged.alias_add, **wanted))
        take_back = Call('alias_remove', removing(added))
        self.tell(_('Added {address}.').format(address=added.address), take_back)
        return self.go('addresses')


def preview(wanted: dict[str, Any]) -> dict[str, Any]:
    """The delivery path with a wanted alias; nothing is saved."""
    options = {**wanted, 'expires': parse_time(wanted['expires'])}
    alias = aliases.make_alias(options.pop('address'), options.pop('destinations'), **options)
    with Store() as store:
        view = StoreView(store)
        aliases.check_alias(view, alias)
        address = alias.address.replace('*', 'x')
        return shown_path(resolve(Changed(view, [alias]), address))


class AliasPage(EntryEditing[Alias]):
    """One alias."""

    template_name = 'email-alias.html'
    kind = Alias
    form_class = AliasForm
    back = 'addresses'

    def values(self) -> dict[str, Any]:
        """The values of the alias."""
        names = ('destinations', 'enabled', 'expires', 'senders', 'note')
        return {name: getattr(self.entry, name) for name in names}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where it leads and who may send as it."""
        alias = self.entry
        with Store() as store:
            if not alias.is_pattern:
                kwargs['path'] = shown_path(resolve(StoreView(store), alias.address))
            senders = () if alias.is_pattern else who_may_send(store, alias.address)
        return super().get_context_data(
            alias=alias, shown=shown.of_alias(alias), senders=senders, **kwargs
        )

    def save(self, form: AliasForm) -> HttpResponse:
        """Change it, or only show where it would lead then."""
        before = self.entry
        if 'try' in self.request.POST:
            tried = preview({'address': before.address, **form.wanted()})
            return self.render_to_response(self.get_context_data(form=form, tried=tried))
        version = form.cleaned_data['version']
        after = Alias.from_json(
            call(privileged.alias_change, before.address, version=version, **form.changes())
        )
        if after.version != before.version:
            undo = self._undo(before, after.version)
            self.tell(_('Saved {address}.').format(address=self.key), undo)
        return self.go('alias', self.key)

    @staticmethod
    def _undo(before: Alias, version: str) -> Call:
        """The call that restores its values of before."""
        if before.origin == 'role':
            return Call('alias_remove', {'address': before.address, 'version': version})
        return Call('alias_change', {**alias_arguments(before), 'version': version})


class AliasRemove(ConfirmView[Alias]):
    """The question whether an alias is to be removed."""

    template_name = 'email-alias-remove.html'
    kind = Alias
    question = gettext_lazy('Remove {key}?')
    back = 'alias'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add which other aliases lead to it."""
        with Store() as store:
            leading = [alias.address for alias in aliases.leading_to(store, self.key)]
        return super().get_context_data(alias=self.entry, leading=leading, **kwargs)

    def save(self, form: Any) -> HttpResponse:
        """Remove it; undo is offered only where no other entry led to it."""
        with Store() as store:
            used = is_used(store, self.key)
        version = form.cleaned_data['version']
        call(privileged.alias_remove, self.key, force=True, version=version)
        text = pages.ALIAS_REMOVED
        calls = [] if used else [restoring(self.entry)]
        self.tell(text.format(address=self.key), *calls)
        return self.go('addresses')
