# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox app for email.

The app's class is imported when it is asked for, not with this package: Django imports
the package before anything guards it, so an error in the class would take the whole web
interface down, and small programs that need a submodule would wait for all of FreedomBox.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """The app's class."""
    if name == 'EmailApp':
        from .app import EmailApp

        return EmailApp
    raise AttributeError(f'module {__name__} has no attribute {name}')


def __dir__() -> list[str]:
    """Name the app's class too, because FreedomBox finds it by listing this package."""
    return [*globals(), 'EmailApp']
