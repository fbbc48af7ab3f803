# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where and when administrators are told: an address outside, quiet hours, the monthly report."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import privileged
from ..forms.telling import CodeForm, TellingForm
from ..maintenance import monthly_report
from ..sending import telling
from ..sending.telling import TellingChoice
from ..words import pages
from .editing import Editing
from .page import call


class TellingPage(Editing):
    """Choose all of it."""

    title = gettext_lazy('Notifications')
    template_name = 'email-telling.html'
    form_class = TellingForm
    back = 'health'

    def get_initial(self) -> dict[str, Any]:
        """The present values; an address that waits for its code is shown too."""
        now = telling.load()
        return {
            'address': now.waiting or now.address,
            'quiet_from': now.quiet_from,
            'quiet_until': now.quiet_until,
            'monthly': monthly_report.is_on(),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is in force."""
        return super().get_context_data(telling=telling.load(), **kwargs)

    def save(self, form: TellingForm) -> HttpResponse:
        """Keep them; a new address gets a code."""
        values = form.cleaned_data
        chosen = TellingChoice.from_json(
            call(
                privileged.telling_set,
                values['address'],
                values['quiet_from'],
                values['quiet_until'],
            )
        )
        if 'monthly' in form.changed_data:
            call(privileged.monthly_report_set, values['monthly'])
        if chosen.waiting:
            return self.go('telling-code')
        self.tell(_('Saved.'))
        return self.go('health')


class TellingCode(Editing):
    """Enter the code that was sent to the new address."""

    title = gettext_lazy('Confirm the address')
    template_name = 'email-telling-code.html'
    form_class = CodeForm
    submit = gettext_lazy('Confirm')
    back = 'telling'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the address."""
        return super().get_context_data(address=telling.load().waiting, **kwargs)

    def save(self, form: CodeForm) -> HttpResponse:
        """Use the address."""
        confirmed = call(privileged.telling_confirm, form.cleaned_data['code'])
        address = TellingChoice.from_json(confirmed).address
        self.tell(pages.TELLING_OUTSIDE.format(address=address))
        return self.go('health')
