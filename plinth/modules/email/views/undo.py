# SPDX-License-Identifier: AGPL-3.0-or-later
"""The button that takes back the last change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View
from freedombox.utils import is_user_admin
from freedombox.views import is_safe_url

from ..errors import MailError
from . import undo_offer
from .page import UserPage


class UndoView(UserPage, View):
    """Undoes the last change of the user."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Take it back, say so and show the page again."""
        try:
            undo_offer.take_back(request, self.visitor)
        except MailError as error:
            messages.error(request, _('Could not undo: {why}').format(why=error.sentence))
        else:
            messages.success(request, _('Undone.'))
        back = request.POST.get('next', '')
        home = reverse('email:index' if is_user_admin(request) else 'email:my')
        return HttpResponseRedirect(back if is_safe_url(back) else home)
