# SPDX-License-Identifier: AGPL-3.0-or-later
"""The step of the guide with a real message: out to a mailbox elsewhere, and back.

The page itself reads no mailbox: it shows what the session knows of the test. The part that looks
for the answer comes after the page, and by a link where no scripts run.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from .. import privileged
from ..errors import MailError
from ..forms.guide import RoundTripForm
from ..health.first_steps import Ground
from ..sending.returned import Judgement
from ..sending.round_trip import RoundTrip
from ..status import State
from ..words import round_trip as words
from ..words.text import Sentence
from .first_hour import address_of, waiting
from .page import Page, call

_SESSION = 'email-guide-message'
_STATES = {'pass': State.WORKS, 'fail': State.BROKEN, 'permerror': State.BROKEN}


@dataclass(frozen=True)
class ShownResult:
    """The result of one method, in words."""

    name: str
    state: State
    result: str
    sentence: str


def shown_results(found: Judgement | None, sender: str = '') -> list[ShownResult]:
    """The results of a judgement in the order of the methods; those without a domain are of one."""
    return [
        ShownResult(
            words.NAMES[each.method],
            _STATES.get(each.result, State.UNKNOWN if each.result == 'missing' else State.LOOK),
            each.result,
            str(Sentence(
                words.RESULTS[words.code(each.method, each.result)],
                {'domain': each.domain or sender or Sentence(words.UNKNOWN_DOMAIN)},
            )),
        )
        for each in (found.results if found else ())
    ]  # fmt: skip


def _domain_of(test: RoundTrip | None) -> str:
    """The domain a test was sent from."""
    return test.sender.rpartition('@')[2] if test else ''


def _kept(request: HttpRequest) -> RoundTrip | None:
    """The test under way as this session knows it."""
    try:
        kept = request.session.get(_SESSION)
        return RoundTrip.from_json(kept) if kept else None
    except ValueError:
        return None  # of another version of this app


def _look(request: HttpRequest) -> RoundTrip | None:
    """The test as root sees it now."""
    found = call(privileged.round_trip_look, request.user.username)
    request.session[_SESSION] = found
    return RoundTrip.from_json(found) if found else None


def context(page: Page, ground: Ground) -> dict[str, Any]:
    """The form, the test under way with its answer, and the address to write to."""
    request, trouble = page.request, ''
    sender = address_of(request.user.username)
    test = _kept(request)
    if 'look' in request.GET:
        try:
            test = _look(request)
        except MailError as error:
            trouble = error.sentence
    answer, sent = (test.answer if test else None), (ground.seen.times and ground.seen.times.sent)
    return {
        **waiting(request, ground.seen.times, sender),
        'has_action': True,
        'form': RoundTripForm(initial={'to': test.to if test else ''}),
        'sender': sender,
        'test': test,
        'trouble': trouble,
        'has_left': bool(test and sent and sent >= test.sent),
        'answer': answer,
        'ours': shown_results(answer.ours, answer.sender) if answer else [],
        'theirs': shown_results(answer.theirs, _domain_of(test)) if answer else [],
    }


def send(page: Any, _ground: Ground) -> HttpResponse | None:
    """Send the test message, or show what is wrong with its address."""
    form = RoundTripForm(page.request.POST)
    if form.is_valid():
        try:
            made = call(
                privileged.round_trip_send, page.request.user.username, form.cleaned_data['to']
            )
        except MailError as error:
            form.blame(error)
        else:
            page.request.session[_SESSION] = made
            page.tell(str(Sentence(words.SENT, {'address': made['to']})))
            return None
    return page.show(form=form)
