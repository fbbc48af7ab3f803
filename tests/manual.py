# SPDX-License-Identifier: AGPL-3.0-or-later
"""The examples of the manual page, as a reader would type them."""

import re

_BLOCK = re.compile(r'^\.RS\n(.*?)^\.RE$', re.MULTILINE | re.DOTALL)


def examples(page: str) -> list[list[str]]:
    """The commands of each example in the source of a manual page."""
    _before, _heading, after = page.partition('\n.SH EXAMPLES\n')
    shown = after.partition('\n.SH ')[0]
    return [_plain(block).splitlines() for block in _BLOCK.findall(shown)]


def _plain(text: str) -> str:
    """The lines groff shows without filling: `\\-` is a hyphen, `\\e` a backslash."""
    return re.sub(r'\\(.)', lambda found: {'e': '\\'}.get(found[1], found[1]), text)
