# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings of the mail services that something else changed, line by line."""

from typing import Any

from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from .. import privileged
from ..activity.root_part import RootPart
from .page import Page, call


class DriftView(Page, TemplateView):
    """The settings that Repair would restore."""

    title = gettext_lazy('Changed settings')
    template_name = 'email-drift.html'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the differences; None when they cannot be seen."""
        found = RootPart.from_json(call(privileged.overview_data))
        return super().get_context_data(drifts=found.drift, **kwargs)
