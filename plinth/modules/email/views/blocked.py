# SPDX-License-Identifier: AGPL-3.0-or-later
"""Blocked logins: households that are kept out, the rules, and blocking and unblocking by hand."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.generic import View

from .. import privileged
from ..authentication import bans, guesses
from ..authentication.bans import Ban, Bans, JailRules
from ..config import strangers
from ..errors import MailError
from ..forms.blocked import BlockForm
from ..status import State
from ..words import bans as words
from ..words.text import Sentence, Text
from .editing import Editing
from .listing import LONGEST_QUERY, ROWS
from .page import Page, call
from .password import address_of
from .shown import ShownState

SEARCHED_FROM = 10
"""Rows from which on there is a box to search in."""
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ShownBan:
    """A household in the list, and why it is kept out."""

    ban: Ban
    reason: Text


@dataclass(frozen=True)
class ShownRule:
    """A rule in words: what it is about, for how long it blocks, and whether it is in effect."""

    sentence: Text
    effect: Text
    runs: bool


def _time(seconds: int) -> Sentence:
    """A time in its largest unit."""
    phrase, count = words.duration(seconds)
    return Sentence(phrase, {'count': count})


def _effect(rules: JailRules | None) -> Sentence:
    """For how long a rule blocks."""
    if rules is None:
        return Sentence(words.NOT_RUNNING)
    if rules.bantime < 0:
        return Sentence(words.BLOCKED_FOREVER)
    return Sentence(words.BLOCKED_FOR, {'time': _time(rules.bantime)})


def _condition(jail: str, rules: JailRules | None) -> Sentence:
    """The reason for which a rule blocks."""
    if rules is None:
        return Sentence(words.BY_JAIL[jail])
    return Sentence(words.RULES[jail], {'tries': rules.tries, 'window': _time(rules.seconds)})


def shown_rules(running: Iterable[JailRules]) -> list[ShownRule]:
    """All rules; one that is not in effect is there as well."""
    found = {each.jail: each for each in running}
    return [
        ShownRule(str(_condition(jail, rules)), str(_effect(rules)), rules is not None)
        for jail, rules in ((jail, found.get(jail)) for jail in bans.JAILS)
    ]


def shown_bans(found: Iterable[Ban], query: str) -> list[ShownBan]:
    """The households whose address holds a text, the newest first."""
    wanted = [ban for ban in found if query in ban.network]
    wanted.sort(key=lambda ban: (ban.since or _BEGINNING, ban.network), reverse=True)
    return [ShownBan(ban, str(Sentence(words.BY_JAIL[ban.jail]))) for ban in wanted]


def answer(found: Bans) -> ShownState:
    """The answer at the top: how many are kept out, and whether all rules are in effect."""
    if found.missing or not found.counts:
        return ShownState(State.LOOK, str(Sentence(words.NOT_ALL_RULES)), '')
    count = len(found.bans)
    if not count:
        return ShownState(State.WORKS, str(Sentence(words.NONE_BLOCKED)), '')
    return ShownState(State.WORKS, str(Sentence(words.SOME_BLOCKED, {'count': count})), '')


class BlockedView(Editing):
    """Households that are kept out, and one more to block."""

    title = gettext_lazy('Blocked logins')
    template_name = 'email-blocked.html'
    form_class = BlockForm
    submit = gettext_lazy('Block')
    back = 'activity'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add who is kept out and why."""
        context = super().get_context_data(**kwargs)
        try:
            found = Bans.from_json(call(privileged.bans_look))
        except MailError as error:
            cannot = ShownState(State.UNKNOWN, str(Sentence(words.CANT_TELL)), error.sentence)
            return {**context, 'shown': cannot, 'rules': shown_rules(())}
        query = self.request.GET.get('q', '').strip()[:LONGEST_QUERY]
        rows = shown_bans(found.bans, query)
        return {
            **context,
            'shown': answer(found),
            'query': query,
            'rows': rows[:ROWS],
            'more': len(rows[ROWS:]),
            'searches': len(found.bans) >= SEARCHED_FROM,
            'rules': shown_rules(found.jails),
            'limits': strangers,
            'most_wrong': guesses.MOST_WRONG,
            'most_on_connection': guesses.MOST_ON_CONNECTION,
        }

    def save(self, form: BlockForm) -> HttpResponse:
        """Block a household or network, though never that of the administrator."""
        text = form.cleaned_data['network']
        _refuse_own(self.request, text)
        done = Ban.from_json(call(privileged.ban_add, text))
        self.tell(str(Sentence(words.BLOCKED, {'network': done.network})))
        return self.go('blocked')


def _refuse_own(request: HttpRequest, text: str) -> None:
    """Refuse a network the request comes from, in which the administrator would lock themselves."""
    network = bans.parse(text.strip())
    try:
        client = ipaddress.ip_address(address_of(request).partition('%')[0])
    except ValueError:
        return
    if client in network:
        raise MailError('ban-invalid.self', network=str(network))


class UnblockView(Page, View):
    """The button that unblocks a household."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Unblock it."""
        network = request.POST.get('network', '')
        try:
            call(privileged.ban_remove, network)
        except MailError as error:
            messages.error(request, error.sentence)
        else:
            self.tell(str(Sentence(words.UNBLOCKED, {'network': network})))
        return self.go('blocked')
