# SPDX-License-Identifier: AGPL-3.0-or-later
"""Marks for texts to be translated later, which programs without Django can use too.

Import them as `_` and as `ngettext`: programs that collect texts for translators know these names.
"""


def gettext_noop(text: str) -> str:
    """The text itself."""
    return text


def ngettext_noop(one: str, more: str) -> tuple[str, str]:
    """Singular and plural of a text, chosen later by its `count`."""
    return one, more
