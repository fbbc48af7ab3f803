# SPDX-License-Identifier: AGPL-3.0-or-later
"""The place of the spam filter's web console, which is not there.

FreedomBox's built-in app has one, and strangers look for it. Who looks often is named in the
journal, for fail2ban to block.
"""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.generic import View

from ..words import pages
from .password import named

logger = logging.getLogger(__name__)


class NoConsole(View):
    """The answer to all requests for the console."""

    def dispatch(self, request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
        """Say that there is none, and note who asked."""
        logger.warning('Request for the console of the spam filter from %s', named(request))
        return HttpResponse(pages.NO_CONSOLE, status=404, content_type='text/plain; charset=utf-8')
