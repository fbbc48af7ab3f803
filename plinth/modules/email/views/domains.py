# SPDX-License-Identifier: AGPL-3.0-or-later
"""Domains: the list, one of them, a new one, its catch-all, and taking one away."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from .. import privileged
from ..clients import servers
from ..directory import recipients
from ..directory.alias import Alias
from ..directory.box_names import is_public
from ..directory.domain import Domain
from ..directory.filters import condition
from ..directory.mailbox import Mailbox
from ..directory.pattern import catch_all_of
from ..directory.room import DOMAIN_ROOM
from ..directory.send_limits import LIMIT_ATTRIBUTES
from ..directory.store import Store
from ..directory.verbs import aliases, domains
from ..forms.domain import CatchAllForm, DomainForm, NewDomainForm, RemoveDomainForm
from ..health.observation import Records
from ..health.observe import records
from ..words import pages
from ..words.text import Text
from . import shown
from .addresses import STANDARD
from .aliases import alias_arguments, domain_choices, removing, restoring
from .domain_pages import DomainPages
from .editing import ConfirmView, Editing, EntryEditing
from .listing import EntryList
from .page import Page, call
from .undo_offer import Call


def last_check(domain: Domain) -> Records | None:
    """The last check of a domain's records; None where the internet does not know the domain."""
    if not domain.enabled or not is_public(domain.name):
        return None
    (found,) = records([domain.name])
    return found


class DomainList(EntryList[Domain]):
    """All domains."""

    title = gettext_lazy('Domains')
    row_template = 'email-row-domain.html'
    search_hint = gettext_lazy('Name of the domain')
    add_name = 'domain-add'
    add_text = gettext_lazy('Add domain')
    empty_title = gettext_lazy('No domains yet')
    empty_text = pages.NO_DOMAINS_YET

    def filters(self, query: str, domain: str) -> dict[type[Domain], str]:
        """The filter for domains."""
        return {Domain: condition(Domain, query, domain=domain)}

    def counted(self, total: int) -> Text:
        """The number of domains in words."""
        return ngettext('{total} domain', '{total} domains', total).format(total=total)

    def describe(self, entry: Domain, primary: str) -> shown.ShownState:
        """Its state, by the directory and the last check of its records."""
        with Store() as store:
            said = recipients.of_domain(store, entry, primary)
        return shown.of_domain(entry, primary, last_check(entry), said)


class DomainAdd(Editing):
    """A new domain."""

    title = gettext_lazy('Add domain')
    form_class = NewDomainForm
    submit = gettext_lazy('Add domain')
    back = 'domains'

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the domains whose addresses can be shared."""
        with Store() as store:
            return {**super().get_form_kwargs(), 'domains': domain_choices(store)}

    def save(self, form: NewDomainForm) -> HttpResponse:
        """Add it and show it."""
        data = form.cleaned_data
        answer = call(
            privileged.domain_add,
            data['name'],
            data['alias_of'] or None,
            by=self.request.user.username,
        )
        added = Domain.from_json(answer)
        take_back = Call('domain_remove', {'domain': added.name, 'version': added.version})
        self.tell(
            pages.DOMAIN_ADDED
            .format(name=added.name),
            take_back,
        )  # fmt: skip
        return self.go('dns', added.name)


class DomainPage(DomainPages, EntryEditing[Domain]):
    """The settings of a domain."""

    template_name = 'email-domain.html'
    kind = Domain
    form_class = DomainForm
    back = 'dns'
    back_to_entry = True

    def get_title(self) -> Text:
        """The title of the page."""
        return _('Settings of {domain}').format(domain=self.domain_name)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the domains whose addresses can be shared."""
        with Store() as store:
            choices = [pair for pair in domain_choices(store) if pair[0] != self.key]
        return {**super().get_form_kwargs(), 'domains': choices}

    def values(self) -> dict[str, Any]:
        """The values of the domain."""
        names = ('user_aliases', 'alias_of', 'note', 'client_host', *DOMAIN_ROOM, *LIMIT_ATTRIBUTES)
        found = {name: getattr(self.entry, name) for name in names}
        return {
            'user_mailboxes': self.entry.mailboxes_choice,
            'forwarding': self.entry.forwarding is not False,
            **found,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add counts of its entries."""
        domain = self.entry
        with Store() as store:
            primary = store.settings().primary_domain
            kwargs['mailboxes'] = store.page(Mailbox, limit=1, domain=domain.name).total
            page = store.page(Alias, limit=1, unless=STANDARD, domain=domain.name)
            kwargs['aliases'] = page.total
            kwargs['catch_all'] = store.find(Alias, catch_all_of(domain.name))
            kwargs['apps_host'] = servers.settings_of(store, domain.name).host
            said = recipients.of_domain(store, domain, primary)
        return super().get_context_data(
            domain=domain,
            shown=shown.of_domain(domain, primary, last_check(domain), said),
            recipients=said.value,
            is_main=domain.name == primary,
            **kwargs,
        )

    def save(self, form: DomainForm) -> HttpResponse:
        """Change it."""
        before, undoing = self.entry, self.values()
        version = form.cleaned_data['version']
        answer = call(
            privileged.domain_change,
            before.name,
            version=version,
            **form.changes(),
            by=self.request.user.username,
        )
        after = Domain.from_json(answer)
        if after.version != before.version:
            take_back = {'domain': before.name, 'version': after.version, **undoing}
            self.tell(pages.DOMAIN_SAVED.format(name=self.key),
                      Call('domain_change', take_back))  # fmt: skip
        return self.go('domain', before.name)


class MakePrimary(Page, View):
    """The button that makes a domain the primary one."""

    http_method_names = ('post',)

    def post(self, _request: HttpRequest, key: str) -> HttpResponseRedirect:
        """Make it the primary domain."""
        make_primary(self, key)
        return self.go('domain', key)


def make_primary(page: Page, key: str) -> None:
    """Make a domain the primary one, and tell so."""
    with Store() as store:
        before = store.settings().primary_domain
    call(privileged.domain_set_primary, key, by=page.request.user.username)
    text = pages.PRIMARY_CHANGED.format(name=key)
    take_back = Call('domain_set_primary', {'domain': before, 'instead_of': key})
    page.tell(text, *([take_back] if before else []))


def _undo(before: Alias | None, after: Alias | None) -> list[Call]:
    """The calls that restore a catch-all."""
    if before and after:
        return [Call('alias_change', {**alias_arguments(before), 'version': after.version})]
    if before:
        return [restoring(before)]
    return [Call('alias_remove', removing(after))] if after else []


class CatchAllPage(DomainPages, EntryEditing[Domain]):
    """The catch-all of a domain."""

    kind = Domain
    form_class = CatchAllForm
    back = 'domain'
    back_to_entry = True

    def load(self) -> None:
        """Read the domain and its catch-all."""
        with Store() as store:
            self.entry = self.find(store)
            self.key = self.entry.key
            self.alias = store.find(Alias, catch_all_of(self.entry.name))

    def get_title(self) -> Text:
        """The title of the page."""
        return _('Catch-all of {domain}').format(domain=self.key)

    def values(self) -> dict[str, Any]:
        """The present destinations."""
        return {'destinations': self.alias.destinations if self.alias else ()}

    def version(self) -> str:
        """The version of the alias behind it, which no alias has where there is none."""
        return self.alias.version if self.alias else aliases.NO_VERSION

    def save(self, form: CatchAllForm) -> HttpResponse:
        """Choose others."""
        before = self.alias
        wanted, version = form.cleaned_data['destinations'], form.cleaned_data['version']
        found = call(privileged.catch_all_set, self.key, wanted, version)
        after = Alias.from_json(found) if found else None
        text = pages.CATCH_ALL_SET if wanted else pages.CATCH_ALL_OFF
        self.tell(text.format(domain=self.key, to=', '.join(wanted)), *_undo(before, after))
        return self.go('domain', self.key)


class DomainRemove(DomainPages, ConfirmView[Domain]):
    """The question whether a domain is to be removed, with all that is lost."""

    template_name = 'email-domain-remove.html'
    kind = Domain
    form_class = RemoveDomainForm
    question = gettext_lazy('Remove {key}?')
    back = 'domain'

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the name that has to be typed."""
        return {**super().get_form_kwargs(), 'domain': self.key}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the entries that would be lost."""
        with Store() as store:
            loss = domains.loss(store, self.key)
        return super().get_context_data(domain=self.entry, loss=loss, **kwargs)

    def save(self, form: RemoveDomainForm) -> HttpResponse:
        """Remove it with all its addresses."""
        version = form.cleaned_data['version']
        call(
            privileged.domain_remove,
            self.key,
            force=True,
            version=version,
            by=self.request.user.username,
        )
        self.tell(pages.DOMAIN_REMOVED
                  .format(name=self.key))  # fmt: skip
        return self.go('domains')
