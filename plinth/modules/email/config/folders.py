# SPDX-License-Identifier: AGPL-3.0-or-later
"""The folders of a mailbox and their special uses (RFC 6154)."""

from .blocks import within
from .state import DovecotSetting

FOLDERS = (
    ('Archive', 'subscribe', 'Archive'), ('Archives', 'no', 'Archive'),
    ('Drafts', 'subscribe', 'Drafts'),
    ('Sent', 'subscribe', 'Sent'), ('Sent Items', 'no', 'Sent'), ('Sent Messages', 'no', 'Sent'),
    ('Junk', 'subscribe', 'Junk'), ('Junk E-mail', 'no', 'Junk'), ('Spam', 'no', 'Junk'),
    ('Trash', 'subscribe', 'Trash'), ('Deleted Items', 'no', 'Trash'),
    ('Deleted Messages', 'no', 'Trash'),
)  # fmt: skip
"""Folders by name; names other programs use are marked but made only by such a program."""
QUARANTINE = 'Quarantine'
"""The folder of possible spam, made with the first message; no mail app is told to show it."""


def names_of(use: str) -> tuple[str, ...]:
    """The names of folders with a special use."""
    return tuple(name for name, _auto, each in FOLDERS if each == use)


def folder_settings() -> tuple[DovecotSetting, ...]:
    """Settings of Dovecot for the folders of a mailbox."""
    inbox = ('namespace', 'inbox')
    settings = within((inbox,), {'inbox': 'yes', 'separator': '/'})
    for name, auto, use in FOLDERS:
        settings += within((inbox, ('mailbox', name)), {'auto': auto, 'special_use': f'\\{use}'})
    return settings
