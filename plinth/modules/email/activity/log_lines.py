# SPDX-License-Identifier: AGPL-3.0-or-later
"""The event an entry of the journal tells of, if it is one about a message.

DIAGNOSTICS
    Nothing is raised: an entry that tells of nothing is None.
"""

from . import dovecot_lines, postfix_lines, rspamd_lines
from .log_events import Event, JournalEntry

LONGEST_LINE = 20_000
"""No line of these programs is longer; a longer one is not looked at."""


def read(entry: JournalEntry) -> Event | None:
    """The event of an entry."""
    if len(entry.text) > LONGEST_LINE:
        return None
    if entry.source.startswith(postfix_lines.PREFIX):
        return postfix_lines.read(entry.text, entry.source)
    if entry.source == dovecot_lines.SOURCE:
        return dovecot_lines.read(entry.text)
    return rspamd_lines.read(entry.text) if entry.source == rspamd_lines.SOURCE else None
