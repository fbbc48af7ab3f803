# SPDX-License-Identifier: AGPL-3.0-or-later
"""Relays: the list, one of them, a new one, and taking one away."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory.relay import Relay
from ..directory.store import Store
from ..directory.verbs import routes
from ..forms.base import MailForm
from ..forms.relay import NewRelayForm, RelayForm
from ..maintenance.relaying import RelayState
from ..sending import presets
from ..status import State
from ..words import route as words
from ..words.text import Sentence, Text
from .editing import ConfirmView, Editing, EntryEditing
from .page import call
from .shown import ShownState
from .ways_out import relay_state


@dataclass(frozen=True)
class ShownRelay:
    """A relay as a row of the list."""

    relay: Relay
    shown: ShownState

    @property
    def name(self) -> str:
        """Its name."""
        return self.relay.name


def _state(relay: Relay, seen: RelayState) -> ShownState:
    """The state of a relay, by what waits for it."""
    kinds = {each.relay: each.kind for each in seen.troubles}
    if kind := kinds.get(relay.name):
        title = Sentence(words.TROUBLES[kind], {'relay': relay.name})
        return ShownState(State.BROKEN, State.BROKEN.word, str(title))
    if relay.login and relay.name not in seen.passwords:
        title = Sentence(words.STEPS['password-unknown'], {'relay': relay.name})
        return ShownState(State.BROKEN, State.BROKEN.word, str(title))
    return ShownState(State.UNKNOWN, '', '')


def section(request: HttpRequest) -> Mapping[str, Any]:
    """The context of the list of relays."""
    with Store() as store:
        found = store.search(Relay)
    seen = relay_state(request)
    return {'relays': [ShownRelay(each, _state(each, seen)) for each in found]}


def _dkim(relay: Relay) -> Text:
    """A hint about signing keys, for a relay that is well known."""
    preset = presets.of_host(relay.host)
    return str(Sentence(words.DKIM[preset.dkim], {'title': preset.title})) if preset else ''


def _arguments(relay: Relay) -> dict[str, Any]:
    """A relay as root's verbs take it."""
    names = ('name', 'host', 'port', 'tls', 'verify', 'login', 'spf', 'note')
    return {**{each: getattr(relay, each) for each in names}, 'backups': list(relay.backup_names)}


class RelayAdd(Editing):
    """A new relay, from a preset or from nothing."""

    title = gettext_lazy('Add relay')
    template_name = 'email-relay-add.html'
    form_class = NewRelayForm
    submit = gettext_lazy('Add relay')
    back = 'delivery'

    def get_initial(self) -> dict[str, Any]:
        """Begin with a preset, if one was chosen."""
        chosen = self.request.GET.get('preset', '')
        if not chosen:
            return {}
        relay = presets.get(chosen).relay
        return {**RelayForm.values_of(relay), 'name': relay.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the presets."""
        chosen = self.request.GET.get('preset', '')
        hint = _dkim(presets.get(chosen).relay) if chosen else ''
        return super().get_context_data(presets=presets.load(), preset=chosen, hint=hint, **kwargs)

    def save(self, form: NewRelayForm) -> HttpResponse:
        """Add it, and show what can be sent by it."""
        relay = form.relay()
        call(
            privileged.relay_add, **_arguments(relay),
            password=form.cleaned_data['password'] or None, by=self.request.user.username,
        )  # fmt: skip
        self.tell(str(Sentence(words.RELAY_ADDED, {'name': relay.name})))
        return self.go('delivery')


class RelayPage(EntryEditing[Relay]):
    """The settings of a relay."""

    kind = Relay
    template_name = 'email-relay.html'
    form_class = RelayForm
    back = 'delivery'

    def values(self) -> dict[str, Any]:
        """The values of the relay; the password is not shown."""
        return RelayForm.values_of(self.entry)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add hints, and what is sent by it."""
        with Store() as store:
            users = list(routes.uses(store, self.entry.name))
        return super().get_context_data(
            relay=self.entry, hint=_dkim(self.entry), users=users, **kwargs
        )

    def save(self, form: RelayForm) -> HttpResponse:
        """Change it."""
        relay = dataclasses.replace(form.relay(self.entry.name), version='')
        given = form.cleaned_data
        call(
            privileged.relay_change, **_arguments(relay), password=given['password'] or None,
            version=given['version'], by=self.request.user.username,
        )  # fmt: skip
        self.tell(str(Sentence(words.RELAY_SAVED, {'name': relay.name})))
        return self.go('delivery')


class RelayRemove(ConfirmView[Relay]):
    """The question whether a relay is to be removed."""

    kind = Relay
    template_name = 'email-relay-remove.html'
    question = gettext_lazy(words.REMOVE_RELAY)
    back = 'relay'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is sent by it."""
        with Store() as store:
            users = list(routes.uses(store, self.key))
        return super().get_context_data(users=users, **kwargs)

    def save(self, form: MailForm) -> HttpResponse:
        """Remove it."""
        call(
            privileged.relay_remove, self.key, form.cleaned_data['version'],
            by=self.request.user.username,
        )  # fmt: skip
        self.tell(str(Sentence(words.RELAY_REMOVED, {'name': self.key})))
        return self.go('delivery')
