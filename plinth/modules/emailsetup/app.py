# SPDX-License-Identifier: AGPL-3.0-or-later
"""The app as FreedomBox sees it."""

import freedombox.app
from django.utils.translation import gettext_lazy as _
from freedombox import glib

from . import first_boot_steps

__all__ = ['EmailSetupApp', 'first_boot_steps']  # FreedomBox looks for the steps beside the app

CHECK_SECONDS = 60


class EmailSetupApp(freedombox.app.App):
    """The question about email at the first start."""

    app_id = 'emailsetup'

    _version = 1

    can_be_disabled = False

    def __init__(self) -> None:
        """Put the app together."""
        super().__init__()
        self.add(
            freedombox.app.Info(
                app_id=self.app_id,
                version=self._version,
                is_essential=True,
                name=_('Email setup'),
                icon='fa-magic',
            )
        )

    @staticmethod
    def post_init() -> None:
        """Look now and then whether email waits to be installed."""
        from . import plan  # needs the database, which root's service has not

        glib.schedule(CHECK_SECONDS, lambda _data: plan.carry_on(), add_jitter=False)

    def setup(self, old_version: int) -> None:
        """Set the app up; there is nothing to install."""
        super().setup(old_version)
        self.enable()
