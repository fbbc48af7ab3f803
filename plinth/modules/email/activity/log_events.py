# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events in the life of a message, as single lines of the mail log tell them.

An entry of the journal becomes at most one event (`activity/log_lines.py`); events become the story
of a message (`activity/stories.py`). Text in them that other people wrote (replies of servers,
Message-IDs, addresses) is cut to a length and never taken for anything but text.
"""

from dataclasses import dataclass
from typing import Literal

LONGEST_TEXT = 400
"""Characters of a reply or a reason that are kept."""
LONGEST_ADDRESS = 320
LONGEST_ID = 250

Way = Literal['server', 'login', 'rule', 'program']
"""How a message came in: from another server, after a login, from a Sieve script, from a program
of this machine."""
Attempt = Literal['sent', 'deferred', 'bounced', 'expired']
Notice = Literal['returned', 'delayed', 'success', 'postmaster']
Decision = Literal['reject', 'hold', 'discard']
RuleAction = Literal[
    'stored', 'forwarded', 'discarded', 'rejected', 'replied', 'failed', 'looped', 'ruled',
    'common',
]  # fmt: skip
"""The last two name the filter that acts, of a mailbox or of all mailboxes."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An entry of the journal: its text, who wrote it, when, and its place."""

    text: str
    source: str
    """The name under which a program logs: `postfix/smtpd`."""
    at: float
    cursor: str = ''


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message has a number in the queue; it is not all there yet."""

    queue_id: str
    way: Way
    client: str = ''
    """The IP address of the other side."""
    host: str = ''
    login: str = ''
    earlier_id: str = ''
    """The number it had before, where Postfix says so."""


@dataclass(frozen=True, slots=True)
class Named:
    """The Message-ID of a message."""

    queue_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Titled:
    """The subject of a message, which is logged only where it is wanted."""

    queue_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The spam filter's result; `reasons` are its rules with points, the heaviest first."""

    queue_id: str
    message_id: str
    action: str
    score: float
    required: float
    reasons: tuple[tuple[str, float], ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A server process refused, held or dropped a message or a recipient.

    Without a number (`queue_id` is '') there was no message yet.
    """

    queue_id: str
    decision: Decision
    stage: str
    """The SMTP command: RCPT, END-OF-MESSAGE."""
    client: str = ''
    code: str = ''
    """The enhanced status code, or the reply code where there is no other."""
    text: str = ''
    sender: str = ''
    recipient: str = ''
    login: str = ''
    by_filter: bool = False
    is_temporary: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """A message is all there, and the queue manager has it."""

    queue_id: str
    sender: str
    size: int
    recipients: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt to deliver a message to one recipient."""

    queue_id: str
    recipient: str
    asked_for: str
    """The recipient the sender gave, where it is another one."""
    agent: str
    """The program of Postfix: smtp, lmtp, local, error."""
    relay: str
    result: Attempt
    code: str
    reply: str
    session: str = ''
    """Dovecot's session, by which its own lines are found."""
    next_id: str = ''
    """The number of the message the delivery made, in this same queue."""


@dataclass(frozen=True, slots=True)
class Expired:
    """A message waited longer than the queue keeps mail."""

    queue_id: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A message left the queue; with `is_by_hand` an administrator removed it."""

    queue_id: str
    is_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Canceled:
    """The sender ended the connection before the message was all there."""

    queue_id: str


@dataclass(frozen=True, slots=True)
class Switched:
    """An administrator put a message on hold, or released it."""

    queue_id: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Noticed:
    """Postfix wrote to the sender, or to the postmaster, about a message."""

    queue_id: str
    kind: Notice
    notice_id: str


@dataclass(frozen=True, slots=True)
class RuleActed:
    """Delivery by Dovecot, with what Sieve scripts made of the message."""

    session: str
    mailbox: str
    action: RuleAction
    message_id: str
    target: str = ''
    """The folder, the address forwarded to, the words of a failure, the name of a filter."""
    by_rule: bool = False
    """Whether a script asked for it, and it is not what happens to mail without rules."""


Event = (
    Arrived
    | Named
    | Titled
    | Checked
    | Decided
    | Queued
    | Tried
    | Expired
    | Removed
    | Canceled
    | Switched
    | Noticed
    | RuleActed
)
