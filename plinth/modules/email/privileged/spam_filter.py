# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the spam filter's Redis."""

from freedombox.actions import privileged

from ..filtering import learned


@privileged
def learned_leave(forget: bool, stop: bool) -> None:
    """Leave the Redis of all apps to others.

    With `forget`, what was carried over is removed there. With `stop` it is switched off
    if it holds nothing of others.
    """
    learned.learned_leave(forget, stop)
