# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Sieve scripts that put possible spam into quarantine, for one mailbox or for all.

The script of a mailbox runs before the one of all. So where the usual choice is quarantine, the
script of a mailbox that is to have none puts everything the filter marked into Junk.
"""

from ..config.folders import QUARANTINE
from ..config.state import MADE

MARK = 'X-FreedomBox-Undecided'
"""The line by which Rspamd says that it is not sure (`rspamd/undecided.lua`)."""
SEVERAL = 'X-FreedomBox-Score'
"""The line of a message for several mailboxes, on which the script for Junk decides for each."""

_KEEP = f"""# {MADE}
require ["fileinto", "mailbox"];

if allof (header :is "X-Spam" "Yes", exists "{MARK}", not exists "{SEVERAL}") {{
	fileinto :create "{QUARANTINE}";
	stop;
}}
"""
_JUNK = f"""# {MADE}
require ["fileinto", "mailbox"];

if allof (header :is "X-Spam" "Yes", not exists "{SEVERAL}") {{
	fileinto :create "Junk";
	stop;
}}
"""


def quarantine_script(choice: str) -> str:
    """The script for a choice; '' where there is none."""
    return {'on': _KEEP, 'off': _JUNK}.get(choice, '')
