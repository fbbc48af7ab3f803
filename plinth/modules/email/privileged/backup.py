# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail directory as a file, for a backup and back."""

from freedombox.actions import privileged

from ..backup import dump, last_backup


@privileged
def backup_noted() -> None:
    """Keep that a backup with email was made now."""
    last_backup.note()


@privileged
def directory_dump() -> None:
    """Write the mail directory where a backup picks it up."""
    dump.directory_dump()


@privileged
def directory_load() -> list[str]:
    """Load the mail directory a backup brought; aliases that expired since are off.

    Returns the entries that were left out. The aliases of the system are read again first,
    for also a backup without a directory brings them.
    """
    return dump.directory_load()


@privileged
def directory_forget_dump() -> None:
    """Remove the file, so that only one a backup brings is loaded."""
    dump.directory_forget_dump()
