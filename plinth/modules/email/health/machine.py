# SPDX-License-Identifier: AGPL-3.0-or-later
"""The machine under the mail services: files that can still be made, free memory, the clock."""

import os
import pathlib

from . import ram

MAIL_ROOT = '/var'
TIME_SERVICE = pathlib.Path('/run/systemd/timesync')
"""The folder systemd-timesyncd has while it runs; it puts a file there when the clock is right."""


def free_inodes() -> int:
    """Files that can still be made, in percent; 100 where the file system has no limit."""
    found = os.statvfs(MAIL_ROOT)
    return 100 * found.f_favail // found.f_files if found.f_files else 100


def free_memory_mb() -> int:
    """Memory programs can still have, in MB."""
    return ram.available_mb()


def is_synchronized(folder: pathlib.Path = TIME_SERVICE) -> bool | None:
    """Whether a time server has set the clock since the start; None where another program does.

    adjtimex(2) would tell, but a service with `ProtectClock=` may not ask it.
    """
    return (folder / 'synchronized').exists() if folder.is_dir() else None
