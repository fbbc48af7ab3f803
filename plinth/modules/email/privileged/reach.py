# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root action on the test of port 25 from outside.

DIAGNOSTICS
    The errors of `dns.other_box`, unchanged.
"""

from freedombox.actions import privileged

from ..dns import other_box


@privileged
def reach_set(host: str, answers: bool) -> None:
    """Keep the name of another box, '' for none, and whether others may have us test them."""
    other_box.choose(host, answers)
