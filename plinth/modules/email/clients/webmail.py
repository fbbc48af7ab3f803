# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether FreedomBox's Roundcube lacks something that only a package can bring.

Its filters page is in Debian's package `roundcube-plugins`, which FreedomBox does not install.
"""

import pathlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

TRY_AGAIN_SECONDS = 3600.0
"""Without a network an installation fails, and the next look comes two minutes later."""
PACKAGE = 'roundcube-plugins'
WEBMAIL: dict[str, Any] = {
    'name': _('Roundcube'),
    'platforms': [{'type': 'web', 'url': '/roundcube/'}],
}
_PLACE = pathlib.Path('/usr/share/roundcube')


def lacks_filters(place: pathlib.Path = _PLACE) -> bool:
    """Whether Roundcube is there, and its filters page is not."""
    filters = place / 'plugins/managesieve/managesieve.php'
    return (place / 'index.php').exists() and not filters.exists()


@dataclass
class Completion:
    """When the filters page was last installed, or tried to be."""

    lacks: Callable[[], bool] = lacks_filters
    clock: Callable[[], float] = time.monotonic
    _tried: float | None = field(default=None)

    def begin_anew(self) -> None:
        """Note that Roundcube was installed just now, perhaps again."""
        self._tried = None

    def is_due(self) -> bool:
        """Whether to install it now; a second question finds it tried already."""
        if not self.lacks():
            self._tried = None
            return False
        now = self.clock()
        if self._tried is not None and now < self._tried + TRY_AGAIN_SECONDS:
            return False
        self._tried = now
        return True
