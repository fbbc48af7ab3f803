# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Postfix by which a shared mailbox has all that was sent in its name.

A copy of what is submitted with its address as sender goes to an address that no one else can write
to, and from there to our program: see `mailstore/sent_copies.py`.
"""

SENT = 'sent.invalid'
"""Stands for folders of sent mail: `treasurer=example.org@sent.invalid`."""
SENT_SOCKET = 'lmtp:unix:freedombox-email-sent/lmtp'
"""Where our program takes mail; systemd starts it."""


def sent_transport() -> str:
    """The way to our program, as a part of a table."""
    return f'{SENT}={SENT_SOCKET}'
