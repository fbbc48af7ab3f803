# SPDX-License-Identifier: AGPL-3.0-or-later
"""The machine under the mail services: files that can still be made, free memory, the clock."""

import ctypes
import os

from . import ram

MAIL_ROOT = '/var'
_CLOCK_IS_OFF = 5
"""The answer of adjtimex(2) while no time server keeps the clock right (TIME_ERROR)."""
_LARGEST_STRUCT = 512


def free_inodes() -> int:
    """Files that can still be made, in percent; 100 where the file system has no limit."""
    found = os.statvfs(MAIL_ROOT)
    return 100 * found.f_favail // found.f_files if found.f_files else 100


def free_memory_mb() -> int:
    """Memory programs can still have, in MB."""
    return ram.available_mb()


def is_synchronized() -> bool:
    """Whether the kernel says that a time server keeps the clock right; nothing is changed."""
    libc = ctypes.CDLL(None, use_errno=True)
    state = int(libc.adjtimex(ctypes.create_string_buffer(_LARGEST_STRUCT)))
    if state < 0:
        raise OSError(ctypes.get_errno(), 'adjtimex')
    return state != _CLOCK_IS_OFF
