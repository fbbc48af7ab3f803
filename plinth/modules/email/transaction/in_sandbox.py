# SPDX-License-Identifier: AGPL-3.0-or-later
"""Run one program in a view of the system where some paths show other files.

    python3 -I in_sandbox.py SOURCE TARGET [SOURCE TARGET ...] -- PROGRAM [ARGUMENT ...]

Each SOURCE is bind-mounted over its TARGET in a mount namespace of the program's own, so a
daemon's check reads the staged configuration at its real path, absolute includes and all,
and no other program sees it. The mounts are gone when the program ends, however it ends.

This is a program of its own because a namespace belongs to a process, and the process that
wants the check has other threads at work.
"""

import ctypes
import os
import sys

MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000


def _mount(source: str, target: str, flags: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(os.fsencode(source), os.fsencode(target), None, flags, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


def main(arguments: list[str]) -> None:
    """Lay the sources over the targets, then become the program."""
    end = arguments.index('--')
    os.unshare(os.CLONE_NEWNS)
    _mount('none', '/', MS_REC | MS_PRIVATE)
    for source, target in zip(arguments[:end:2], arguments[1:end:2], strict=True):
        _mount(source, target, MS_BIND)
    os.execv(arguments[end + 1], arguments[end + 1 :])  # noqa: S606


if __name__ == '__main__':
    main(sys.argv[1:])
