# SPDX-License-Identifier: AGPL-3.0-or-later
"""Room as mailboxes and domains have it: quotas, and days after which old mail is deleted.

DIAGNOSTICS
    The errors of `quota` and `old_mail`, unchanged.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from .old_mail import DAYS_ATTRIBUTES, normal_days
from .quota import normal

OwnRoom = Mapping[str, str | None]
"""New values by the names of their fields; None leaves one as it is, '' takes it away."""
AS_IT_IS: OwnRoom = MappingProxyType({})
MAILBOX_ROOM = ('quota', *DAYS_ATTRIBUTES)
DOMAIN_ROOM = ('quota', 'total_quota', *DAYS_ATTRIBUTES)
"""The fields of a mailbox and of a domain."""
_NORMAL: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {'quota': normal, 'total_quota': normal, **dict.fromkeys(DAYS_ATTRIBUTES, normal_days)}
)


def given_room(room: OwnRoom) -> dict[str, Any]:
    """The values that are to be changed, as they are stored."""
    return {name: _NORMAL[name](text) for name, text in room.items() if text is not None}
