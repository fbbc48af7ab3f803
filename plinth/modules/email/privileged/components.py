# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on optional parts.

DIAGNOSTICS
    The errors of `maintenance.component_setup`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..maintenance import component_setup


@privileged
def components_look() -> dict[str, Any]:
    """The optional parts, and whether they run."""
    return component_setup.look().to_json()


@privileged
def component_install(name: str, people: list[str]) -> None:
    """Install an optional part and put it in force."""
    component_setup.install(name, people)


@privileged
def component_remove(name: str, people: list[str]) -> None:
    """Put an optional part out of force, and remove the packages that came with it."""
    component_setup.remove(name, people)


@privileged
def components_remove_all() -> None:
    """Remove all optional parts, as the app is being uninstalled."""
    component_setup.remove_all()


@privileged
def component_progress() -> dict[str, Any]:
    """How far the work on an optional part is."""
    return component_setup.progress().to_json()
