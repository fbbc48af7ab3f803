# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keep which other box tests our port 25, and whether this one tests others.

DIAGNOSTICS
    domain-invalid   this is no host name
    And what `files` says of a file that cannot be written.
"""

from freedombox.actions import privileged

from ..directory.address import parse_domain
from ..dns.other_box import PATH, OtherBox
from ..system import files


@privileged
def reach_set(host: str, answers: bool) -> None:
    """Keep the name of another box, '' for none, and whether others may have us test them."""
    kept = OtherBox(parse_domain(host) if host else '', answers)
    files.tell_web(PATH, kept.to_json())
