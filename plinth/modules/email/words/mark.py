# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mark for texts to be translated later, which programs without Django can use too."""


def gettext_noop(text: str) -> str:
    """The text itself; translators' programs find it by this name."""
    return text
