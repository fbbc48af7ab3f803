# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox app that asks about email at a box's first start.

It is essential and has no packages, because FreedomBox shows the steps of such apps only;
the mail server itself is the app `email`. Like that one its class is imported when asked
for, so that an error in it cannot take the web interface down.
"""

from typing import Any

first_boot_steps = [{'id': 'emailsetup_firstboot', 'url': 'emailsetup:firstboot', 'order': 9}]


def __getattr__(name: str) -> Any:
    """The app's class."""
    if name == 'EmailSetupApp':
        from .app import EmailSetupApp

        return EmailSetupApp
    raise AttributeError(f'module {__name__} has no attribute {name}')


def __dir__() -> list[str]:
    """Name the app's class too, because FreedomBox finds it by listing this package."""
    return [*globals(), 'EmailSetupApp']
