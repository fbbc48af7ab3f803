# SPDX-License-Identifier: AGPL-3.0-or-later
"""Times in the time zone of the box.

FreedomBox's web process lives in UTC, whatever time zone its page Date & Time sets.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ..system.box_zone import box_zone


class BoxTime:
    """Mixin of views whose times are those of the box, in forms and on the page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request, and render the page while the time zone holds."""
        with timezone.override(box_zone()):
            response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            if hasattr(response, 'render'):
                response.render()
        return response
