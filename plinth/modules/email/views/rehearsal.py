# SPDX-License-Identifier: AGPL-3.0-or-later
"""The delivery rehearsal: a message to a mailbox elsewhere, its answer, and the score.

The page itself reads no mailbox: it shows what the session knows of the test. The part that looks
for the answer comes after the page, and by a link where no scripts run. The guide has the same
part in its step with a real message.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, ngettext

from .. import privileged
from ..activity import status_codes
from ..activity.last_times import Times
from ..errors import MailError
from ..forms.guide import RoundTripForm
from ..sending.rehearsal import RehearsalMark, Score, marks_of, score
from ..sending.returned import Judgement, RoundTripAnswer
from ..sending.round_trip import RoundTrip
from ..status import State
from ..words import round_trip as words
from ..words.status_codes import MEANINGS
from ..words.text import Sentence, Text
from .editing import Editing
from .first_hour import address_of
from .page import Page, call

_SESSION = 'email-rehearsal'


@dataclass(frozen=True)
class ShownMark:
    """One check in words."""

    name: str
    state: State
    result: str
    sentence: str


def _shown(mark: RehearsalMark, sender: str) -> ShownMark:
    params = {
        'domain': mark.domain or sender or Sentence(words.UNKNOWN_DOMAIN),
        'host': mark.host,
    }
    sentence = Sentence(words.RESULTS[words.code(mark.check, mark.result)], params)
    return ShownMark(str(Sentence(words.NAMES[mark.check])), mark.state, mark.result, str(sentence))


def shown_marks(marks: Iterable[RehearsalMark], sender: str = '') -> list[ShownMark]:
    """Checks in words; those without a domain are about the one of the sender."""
    return [_shown(mark, sender) for mark in marks]


def shown_results(found: Judgement | None, sender: str = '') -> list[ShownMark]:
    """The results of a judgement in the order of the methods."""
    return shown_marks(marks_of(found), sender) if found else []


@dataclass(frozen=True)
class ShownScore:
    """The score in words, with its checks."""

    state: State
    host: str
    sentence: str
    untold: str
    marks: list[ShownMark]


def shown_score(answer: RoundTripAnswer, sender: str) -> ShownScore | None:
    """The score of an answer, None when the other server told nothing."""
    found: Score | None = score(answer)
    if not found:
        return None
    host = answer.theirs.host if answer.theirs else answer.received.by if answer.received else ''
    said = ngettext(*words.PASSED, found.known).format(passed=found.passed, count=found.known)
    untold = ngettext(*words.UNTOLD, found.unknown).format(count=found.unknown)
    marks = shown_marks(found.marks, sender)
    return ShownScore(found.state, host, said, untold if found.unknown else '', marks)


def why_refused(answer: RoundTripAnswer | None) -> list[Text]:
    """The meaning of a refusal and what to do, nothing for one that is not known."""
    found = status_codes.refusal(answer.refused) if answer and answer.is_bounce else None
    return [str(Sentence(each)) for each in MEANINGS[found.meaning]] if found else []


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


def context(request: HttpRequest, times: Times | None) -> dict[str, Any]:
    """The test under way with its answer, and the form for another one."""
    test, trouble = _kept(request), ''
    if 'look' in request.GET:
        try:
            test = _look(request)
        except MailError as error:
            trouble = error.sentence
    answer, sent = (test.answer if test else None), (times.sent if times else None)
    domain = test.sender.rpartition('@')[2] if test else ''
    return {
        'form': RoundTripForm(initial={'to': test.to if test else ''}),
        'sender': address_of(request.user.username),
        'test': test,
        'trouble': trouble,
        'has_left': bool(test and sent and sent >= test.sent),
        'answer': answer,
        'why_refused': why_refused(answer),
        'ours': shown_results(answer.ours, answer.sender) if answer else [],
        'score': shown_score(answer, domain) if answer else None,
        'domain': domain,
    }


def send(page: Page, to: str) -> None:
    """Send the message; MailError where that can't be."""
    made = call(privileged.round_trip_send, page.request.user.username, to)
    page.request.session[_SESSION] = made
    page.tell(str(Sentence(words.SENT, {'address': made['to']})))


class RehearsalPage(Editing):
    """The message that goes out and comes back, whenever an administrator wants to know."""

    title = gettext_lazy('Delivery rehearsal')
    template_name = 'email-rehearsal.html'
    form_class = RoundTripForm
    submit: Text = gettext_lazy('Send test message')
    back = 'delivery'

    def get_initial(self) -> dict[str, Any]:
        """Begin with the address of the last test."""
        test = _kept(self.request)
        return {'to': test.to if test else ''}

    def save(self, form: RoundTripForm) -> HttpResponse:
        """Send the message, and wait for its answer."""
        send(self, form.cleaned_data['to'])
        return self.go('rehearsal')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the test under way."""
        found = privileged.overview_times()
        times = Times.from_json(found) if found else None
        return super().get_context_data(**{**context(self.request, times), **kwargs})
