# SPDX-License-Identifier: AGPL-3.0-or-later
"""The step of the guide with a real message: out to a mailbox elsewhere, and back."""

from typing import Any

from django.http import HttpResponse

from ..errors import MailError
from ..forms.guide import RoundTripForm
from ..health.first_steps import Ground
from . import rehearsal
from .first_hour import waiting
from .page import Page


def context(page: Page, ground: Ground) -> dict[str, Any]:
    """The form, the test under way with its answer, and the address to write to."""
    found = rehearsal.context(page.request, ground.seen.times)
    wait = waiting(page.request, ground.seen.times, found['sender'])
    return {**wait, 'has_action': True, **found}


def send(page: Any, _ground: Ground) -> HttpResponse | None:
    """Send the test message, or show what is wrong with its address."""
    form = RoundTripForm(page.request.POST)
    if form.is_valid():
        try:
            rehearsal.send(page, form.cleaned_data['to'])
        except MailError as error:
            form.blame(error)
        else:
            return None
    return page.show(form=form)
