# SPDX-License-Identifier: AGPL-3.0-or-later
"""Needs of email towards a box and its line, told before anything is installed.

Measured: with 1 GB of memory 200 messages arrive, ten of 25 MB among them, and no program is
killed; with 768 MB the kernel kills the installation.
"""

from django.utils.functional import lazy

from ..words import requirements as words
from ..words.text import Text, with_box_name
from . import installation, ram

NEEDED_MB = 900
"""The memory a machine sold with 1 GB shows: its kernel and its firmware keep some."""


def _memory() -> str:
    """The memory of this box, or the end of an installation that had too little."""
    if text := installation.cut_short():
        return str(installation.sentence(text))
    there = ram.there_mb()
    if there is None:
        return str(words.MEMORY_UNKNOWN)
    text = words.MEMORY_LACKING if there < NEEDED_MB else words.MEMORY_ENOUGH
    return str(with_box_name(text, there=there))


SUMMARY: Text = with_box_name(words.SUMMARY)
DESCRIPTION: list[Text] = [
    SUMMARY,
    words.DOMAIN,
    with_box_name(words.PORTS),
    words.PORT_25,
    with_box_name(words.ALWAYS_ON),
    words.DYNAMIC_DNS,
    lazy(_memory, str)(),
]
