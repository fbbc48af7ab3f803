# SPDX-License-Identifier: AGPL-3.0-or-later
"""Records made of tags, as in `v=DMARC1; p=none` (DKIM, DMARC, MTA-STS, TLS-RPT)."""

import re

DMARC, MTA_STS, TLS_RPT = 'DMARC1', 'STSv1', 'TLSRPTv1'
_NAME = re.compile(r'[A-Za-z][A-Za-z0-9_]*')
_STARTS = {
    DMARC: re.compile(r'[vV][ \t]*=[ \t]*DMARC1[ \t]*(;|$)'),
    MTA_STS: re.compile(r'v=STSv1[ \t]*;'),
    TLS_RPT: re.compile(r'v=TLSRPTv1[ \t]*;'),
}
"""How records start that are not ignored: RFC 9989 (4.8), RFC 8461 (3.1), RFC 8460 (3)."""
_MEANT = {
    DMARC: re.compile(r'v\s*=\s*dmarc|^[\W_]*p\s*=', re.IGNORECASE),
    MTA_STS: re.compile(r'v\s*=\s*sts', re.IGNORECASE),
    TLS_RPT: re.compile(r'v\s*=\s*tlsrpt', re.IGNORECASE),
}


def parse(text: str) -> dict[str, str]:
    """The tags of a record; ValueError if it is none (RFC 6376 section 3.2).

    White space around tags means nothing, and neither does an empty tag at the end. Capital
    letters do.
    """
    tags: dict[str, str] = {}
    for part in text.split(';'):
        if not part.strip():
            continue
        name, equals, value = part.partition('=')
        key = name.strip()
        if not equals or not _NAME.fullmatch(key) or key in tags:
            raise ValueError(f'Not a tag: {part.strip()[:80]!r}')
        tags[key] = value.strip()
    return tags


def is_version(text: str, version: str) -> bool:
    """Whether a text starts with this version as records must that receivers do not ignore."""
    return _STARTS[version].match(text) is not None


def is_meant(text: str, version: str) -> bool:
    """Whether a text is meant to be a record of this version, be it one or not.

    Others can be at the same name because of a wildcard.
    """
    return is_version(text, version) or _MEANT[version].search(text) is not None


def squeezed(value: str) -> str:
    """A value without white space, which keys may hold anywhere."""
    return ''.join(value.split())
