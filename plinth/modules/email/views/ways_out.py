# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ways mail leaves by: what is chosen, the forms to choose, and the test."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory import routing
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.relay import Relay
from ..directory.route import DIRECT, EVERYWHERE, Route, RouteRule
from ..directory.store import Store
from ..dns.memory import Memory
from ..dns.report import OUTGOING
from ..errors import MailError
from ..forms.route import DestinationForm, RouteForm, TrialForm
from ..maintenance.relaying import RelayState
from ..sending.route_trial import Conversation
from ..status import State
from ..words import route as words
from ..words.text import Sentence, Text
from . import rows
from .editing import Editing
from .page import Page, call
from .shown import ShownState
from .undo_offer import Call

_SHUT = frozenset({'port-25-shut', 'port-25-partly', 'port-25-spared'})
_SESSION = 'email-route-test'
_STATE = 'email_relay_state'
_SCOPES: Mapping[str, type[Domain | Mailbox]] = {'domain': Domain, 'mailbox': Mailbox}


def in_words(text: str) -> Sentence:
    """A choice in words."""
    route = Route.parse(text) if text else DIRECT
    return words.choice(route.kind, route.relay)


def choices(store: Store) -> list[tuple[str, Text]]:
    """All ways there are, for a form."""
    relays = routing.relays_of(store).values()
    found = [DIRECT, *(Route('relay', relay.name) for relay in relays)]
    found += [Route('fallback', relay.name) for relay in relays if relay.tls != 'implicit']
    return [(str(route), str(words.choice(route.kind, route.relay))) for route in found]


@dataclass(frozen=True)
class ShownWay:
    """A way with its matter in words, and the page to change it."""

    name: Text
    way: Text
    url: str


def _chosen(store: Store) -> Iterator[ShownWay]:
    """Yield the choices for senders and destinations."""
    for scope, kind in _SCOPES.items():
        for entry in store.having(kind, 'route'):
            name = _('From {name}').format(name=entry.key)
            yield ShownWay(name, str(in_words(entry.route)), _url(scope, entry.key))
    for rule in store.search(RouteRule):
        if rule.place != EVERYWHERE:
            name = _('To {name}').format(name=rule.place)
            yield ShownWay(name, str(in_words(rule.route)), _url('destination', rule.place))


def _url(scope: str, key: str) -> str:
    return str(reverse('email:route', args=[scope, key]))


def section(request: HttpRequest) -> Mapping[str, Any]:
    """The context of the section about ways out."""
    with Store() as store:
        usual = store.find(RouteRule, EVERYWHERE)
        return {
            'usual': str(in_words(usual.route if usual else '')),
            'usual_url': _url('destination', EVERYWHERE),
            'chosen': list(_chosen(store)),
            'has_relays': bool(store.search(Relay)),
            'skipped': relay_state(request).skipped,
        }


def trial_section(_request: HttpRequest) -> Mapping[str, Any]:
    """The context of the section with the test."""
    return {'form': TrialForm()}


def relay_state(request: HttpRequest) -> RelayState:
    """Root's part of the state of all relays, asked for once a page."""
    if not hasattr(request, _STATE):
        setattr(request, _STATE, RelayState.from_json(call(privileged.relay_state)))
    found: RelayState = getattr(request, _STATE)
    return found


def _of_trouble(request: HttpRequest) -> ShownState | None:
    """The state by the worst trouble with a relay."""
    for each in relay_state(request).troubles[:1]:
        title = Sentence(words.TROUBLES[each.kind], {'relay': each.relay})
        said = _('It said: “{words}”').format(words=each.said)
        return ShownState(State.BROKEN, str(title), _(words.ADVICE[each.kind]), said)
    return None


def _port_25(primary: str) -> tuple[str, Text]:
    """The code of the primary domain's last check on outgoing connections, and its age."""
    latest = Memory().latest(primary) if primary else None
    seen = latest.verdicts.get(OUTGOING) if latest else None
    return seen.code if seen else '', rows.age(latest)


def answer(request: HttpRequest) -> ShownState:
    """Whether mail leaves, as far as it was seen."""
    if shown := _of_trouble(request):
        return shown
    with Store() as store:
        primary = store.settings().primary_domain
        ways = routing.ways_out(store, primary) if primary else routing.WaysOut()
    return of_port(*_port_25(primary), ways)


def of_port(code: str, age: Text, ways: routing.WaysOut) -> ShownState:
    """The state by the last check of outgoing connections, if mail uses them."""
    if ways.direct and code == 'port-25-open':
        return ShownState(State.WORKS, _('Mail can be delivered directly'), _(words.PORT_OPEN), age)
    if not ways.direct or code not in _SHUT:
        return ShownState(State.UNKNOWN, _('Sending has not been tested'), _(words.TEST_IT))
    if not ways.needs_direct:
        return ShownState(State.LOOK, _('Mail can only leave by a relay'), _(words.PORT_SHUT), age)
    two_ways = str(Sentence(words.TWO_WAYS))
    if code == 'port-25-partly':
        return ShownState(State.LOOK, _('Mail can only leave over IPv6'), two_ways, age)
    title = _("Mail can't leave directly") if ways.relays else _("Mail can't leave")
    return ShownState(State.BROKEN, title, _(words.PORT_SHUT), two_ways)


class RoutePage(Editing):
    """The choice of a way for a domain, a mailbox, a destination, or all mail."""

    form_class = RouteForm
    template_name = 'email-route.html'
    back = 'delivery'

    @property
    def scope(self) -> str:
        """The kind of its matter."""
        return str(self.kwargs['scope'])

    @property
    def key(self) -> str:
        """The name of its matter."""
        return str(self.kwargs['key'])

    @property
    def is_usual(self) -> bool:
        """Whether the choice is that for all mail."""
        return self.key == EVERYWHERE

    def get_title(self) -> Text:
        """The title of the page."""
        if self.is_usual:
            return _('How all mail is sent')
        if self.scope == 'destination':
            return _('How mail to {name} is sent').format(name=self.key)
        return _('How mail from {name} is sent').format(name=self.key)

    def present(self, store: Store) -> str:
        """The choice of now; MailError for what is not there."""
        if self.scope == 'destination':
            rule = store.find(RouteRule, self.key)
            return rule.route if rule else ''
        if self.scope not in _SCOPES:
            raise MailError('route-invalid.scope')
        return store.get(_SCOPES[self.scope], self.key).route

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the ways there are."""
        with Store() as store:
            self.before = self.present(store)
            found = choices(store)
        if not self.is_usual:
            text = _('Remove this rule') if self.scope == 'destination' else _('As for all mail')
            found.insert(0, ('', text))
        return {**super().get_form_kwargs(), 'ways': found}

    def get_initial(self) -> dict[str, Any]:
        """Begin with the choice of now."""
        with Store() as store:
            return {'way': self.present(store) or (str(DIRECT) if self.is_usual else '')}

    def save(self, form: RouteForm) -> HttpResponse:
        """Choose."""
        choose(self, self.scope, self.key, form.cleaned_data['way'], self.before)
        return self.go('delivery')


def choose(page: Page, scope: str, key: str, way: str, before: str) -> None:
    """Choose a way, and tell what holds now."""
    call(privileged.route_set, scope, key, way, by=page.request.user.username)
    text = words.CHOSEN if way else words.CHOSEN_AS_USUAL
    take_back = Call('route_set', {'scope': scope, 'key': key, 'route': before})
    page.tell(str(Sentence(text, {'way': in_words(way)})), take_back)


class DestinationAdd(Editing):
    """A way for domains elsewhere."""

    title = gettext_lazy('Add rule for destinations')
    form_class = DestinationForm
    submit = gettext_lazy('Add rule')
    back = 'delivery'

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the ways there are."""
        with Store() as store:
            return {**super().get_form_kwargs(), 'ways': choices(store)}

    def save(self, form: DestinationForm) -> HttpResponse:
        """Choose the way for each."""
        way = form.cleaned_data['way']
        for place in form.cleaned_data['places']:
            call(privileged.route_set, 'destination', place, way, by=self.request.user.username)
        self.tell(str(Sentence(words.CHOSEN, {'way': in_words(way)})))
        return self.go('delivery')


class TrialPage(Editing):
    """The test of a way, and its last conversation."""

    title = gettext_lazy('Test sending')
    form_class = TrialForm
    template_name = 'email-route-test.html'
    submit = gettext_lazy('Run test')
    back = 'delivery'

    def save(self, form: TrialForm) -> HttpResponse:
        """Run the test; its result is shown on the page after this one."""
        given = form.cleaned_data
        found = call(privileged.route_test, given['sender'], given['recipient'])
        self.request.session[_SESSION] = found
        return self.go('route-test')

    def _found(self) -> Conversation | None:
        kept = self.request.session.get(_SESSION)
        try:
            return Conversation.from_json(kept) if kept else None
        except (ValueError, KeyError, TypeError):
            return None  # of another version of this app

    def get_initial(self) -> dict[str, Any]:
        """Begin with the last test."""
        found = self._found()
        return {'sender': found.sender, 'recipient': found.recipient} if found else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the conversation."""
        found = self._found()
        steps = [(step, words.step(step)) for step in found.steps] if found else []
        shown = _of_test(found) if found else None
        return super().get_context_data(steps=steps, shown=shown, **kwargs)


def _of_test(found: Conversation) -> ShownState:
    """The result of a test."""
    if found.works:
        return ShownState(State.WORKS, _('The test succeeded'), _(words.TEST_WORKED))
    return ShownState(State.BROKEN, _('The test failed'), _(words.TEST_FAILED))
