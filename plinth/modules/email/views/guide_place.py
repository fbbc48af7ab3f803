# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way back to the guide from other pages of the app, for those who came from it.

A step of the guide leads to the ordinary pages, which go on to their own results. So the session
notes the step, and each page of the app has a link back to it until the guide is left: by the
overview, or by setting up later.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from ..health.first_steps import CODES
from ..words import health as words
from ..words.text import Text, say

_KEY = 'email-guide'


@dataclass(frozen=True)
class GuideLink:
    """A link to a step of the guide."""

    title: Text
    number: int
    url: str


def link_to(code: str) -> GuideLink:
    """The link to a step."""
    title = say(words.STEPS[code], {})
    return GuideLink(title, CODES.index(code) + 1, reverse('email:guide', args=[code]))


def remember(request: HttpRequest, code: str) -> None:
    """Note the step a person is at."""
    if request.session.get(_KEY) != code:
        request.session[_KEY] = code


def forget(request: HttpRequest) -> None:
    """Note that the guide was left."""
    request.session.pop(_KEY, None)


def way_back(request: HttpRequest) -> GuideLink | None:
    """The link back to the guide, None on its own pages and for those who did not come from it."""
    code = request.session.get(_KEY)
    if code not in CODES:
        return None
    found = link_to(str(code))
    is_there = request.path.startswith(reverse('email:guide-start'))
    return None if is_there else found
