# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the settings of the mail services."""

from freedombox.actions import privileged

from ..activity import traffic
from ..maintenance import setup as maintenance_setup


@privileged
def setup(people: list[str] | None = None) -> None:
    """Make everything but the packages that the mail system needs. Safe to repeat.

    `people` are the users whose wish it follows, for the history.
    """
    maintenance_setup.setup(people)
    traffic.catch_up()


@privileged
def setup_rehearse() -> None:
    """Have the daemons check the files of `setup`; no setting is changed."""
    maintenance_setup.setup_rehearse()


@privileged
def settings_release(people: list[str]) -> None:
    """Let the app decide again about all settings that are kept since a change was undone."""
    maintenance_setup.settings_release(people)
