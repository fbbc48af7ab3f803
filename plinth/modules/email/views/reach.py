# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tests from outside: the answers for another box, and the choice of one to ask.

The answers are open to strangers, so they do little: they are off until an administrator allows
them, connect to nothing but the address the request came from, and two at a time are tested at the
most, for a thread of the web interface waits for each.
"""

import ipaddress
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from .. import privileged
from ..authentication.guesses import household
from ..dns import local_facts, other_box, reach, reached, setups_outside
from ..dns.memory import Memory
from ..errors import MailError
from ..forms.outside import OutsideForm
from ..status import State
from .autoconfig import nothing
from .editing import Editing
from .page import call
from .password import address_of
from .records import look_at
from .throttle import Throttle

MOST = 30
"""In ten minutes, of one household: one for the ports, one for each of its domains, twice with
IPv6."""
MOST_OF_ALL = 100
AT_ONCE = 2
FRESH = timedelta(days=2)
"""How old a check of our own way out may be; there is one each day."""
throttle = Throttle(most=MOST, most_at_account=MOST_OF_ALL)
_turns = threading.BoundedSemaphore(AT_ONCE)


def asker(request: HttpRequest) -> str:
    """The address a request came from, in its normal form; '' when it has none."""
    try:
        found = ipaddress.ip_address(address_of(request).partition('%')[0])
    except ValueError:
        return ''
    return str(getattr(found, 'ipv4_mapped', None) or found)


def can_see() -> bool:
    """Whether this box reached other mail servers lately."""
    try:
        _names, primary = local_facts.domains()
        latest = Memory().latest(primary)
    except MailError:
        return False
    found = latest.verdicts.get('port-25') if latest else None
    if latest is None or found is None:
        return False
    return found.state is State.WORKS and datetime.now(UTC) - latest.when < FRESH


def _later(seconds: int) -> HttpResponse:
    """Ask again later."""
    return HttpResponse(status=429, headers={'Retry-After': str(seconds)})


class AnswerView(View):
    """An answer about the box that asks."""

    http_method_names = ('post',)

    def look(self, address: str, body: bytes) -> dict[str, Any] | None:
        """The answer about the address a request came from; None for a request that is none."""
        raise NotImplementedError

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer when this is allowed, and not asked too often."""
        if not other_box.load().answers or request.content_type != reach.KIND:
            return nothing()
        address = asker(request)
        if seconds := throttle.wait('reach', household(address)):
            return _later(seconds)
        body = request.read(setups_outside.LONGEST_REQUEST + 1)
        if not _turns.acquire(blocking=False):
            return _later(int(reach.ANSWER_SECONDS))
        try:
            found = self.look(address, body)
        finally:
            _turns.release()
        return HttpResponseBadRequest() if found is None else JsonResponse(found)


class ReachView(AnswerView):
    """The greeting at port 25 of the box that asks, and its open ports."""

    def look(self, address: str, _body: bytes) -> dict[str, Any]:
        """The answer; the request says nothing."""
        return reached.write(reach.answer(address, local_facts.own_addresses(), can_see))


class ReachSetupView(AnswerView):
    """The settings that mail apps get at the address of the box that asks."""

    def look(self, address: str, body: bytes) -> dict[str, Any] | None:
        """The answer about a domain; the request names it, and the mail host."""
        names = setups_outside.read_request(body)
        if names is None:
            return None
        own = local_facts.own_addresses()
        return setups_outside.write(setups_outside.answer(address, own, *names))


class OutsideView(Editing):
    """Choose a box that tests ours, and whether ours tests others."""

    title = gettext_lazy('Test from outside')
    template_name = 'email-outside.html'
    form_class = OutsideForm
    back = 'index'

    def get_initial(self) -> dict[str, Any]:
        """The present values."""
        return other_box.load().to_json()

    def save(self, form: OutsideForm) -> HttpResponse:
        """Keep both, and test now if there is a box to ask."""
        host, answers = form.cleaned_data['host'], form.cleaned_data['answers']
        call(privileged.reach_set, host, answers)
        self.tell(_('Saved.'))
        _names, primary = local_facts.domains()
        if not host or not primary:
            return self.go('index')
        look_at(self.request, primary)
        return self.go('dns', primary)
