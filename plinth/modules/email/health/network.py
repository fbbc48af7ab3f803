# SPDX-License-Identifier: AGPL-3.0-or-later
"""How this box is connected, as far as it can know or an administrator told FreedomBox."""

from freedombox.modules import dynamicdns, networks

from ..dns import local_facts
from .first_steps import Network

_CHANGES = {'dynamic_public_ip': True, 'static_public_ip': False}


def look() -> Network:
    """The network by its addresses, the answers under Networks, and Dynamic DNS."""
    return Network(
        behind_router=local_facts.is_behind_router(),
        changes=_CHANGES.get(networks.get_internet_connection_type()),
        dynamic_dns=bool(dynamicdns.get_config().get('domains')),
    )
