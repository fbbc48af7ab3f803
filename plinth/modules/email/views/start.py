# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way to one's own mail: to the devices until there is one, then to the addresses."""

from django.http import HttpRequest, HttpResponseRedirect
from django.views.generic import View

from ..directory import apppassword
from ..directory.store import Store
from .page import UserPage


class StartView(UserPage, View):
    """The page behind FreedomBox's tile."""

    def get(self, _request: HttpRequest) -> HttpResponseRedirect:
        """Go to the page a person needs first."""
        with Store() as store:
            devices = apppassword.of_owner(store, self.owner(store))
        return self.go('my' if devices else 'my-devices')
