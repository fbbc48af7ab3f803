# SPDX-License-Identifier: AGPL-3.0-or-later
"""Records made of tags, as in `v=DMARC1; p=none` (DKIM, DMARC, MTA-STS, TLS-RPT)."""


def parse(text: str) -> dict[str, str]:
    """Return the tags of a record; ValueError if it is none.

    White space around tags means nothing, and neither does an empty tag at the end.
    """
    tags: dict[str, str] = {}
    for part in text.split(';'):
        if not part.strip():
            continue
        name, equals, value = part.partition('=')
        key = name.strip().lower()
        if not equals or not key or key in tags:
            raise ValueError(f'Not a tag: {part.strip()[:80]!r}')
        tags[key] = value.strip()
    return tags


def is_version(text: str, version: str) -> bool:
    """Return whether a text starts with this version, as these records must."""
    first = text.split(';', 1)[0].replace(' ', '').replace('\t', '')
    return first.lower() == f'v={version}'.lower()


def squeezed(value: str) -> str:
    """Return a value without white space, which keys may hold anywhere."""
    return ''.join(value.split())
