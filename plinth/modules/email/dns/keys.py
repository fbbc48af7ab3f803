# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether signatures can be verified by the published record of a signing key (RFC 6376).

The one judge of key records: the page, the rotation and `propagation` all ask here.
"""

import re
from collections.abc import Sequence

from . import tags
from .records import Key

RIGHT, ABSENT, DUPLICATED, GARBAGE = 'right', 'absent', 'duplicated', 'garbage'
REVOKED, OTHER, TESTING = 'dkim-revoked', 'dkim-other', 'dkim-testing'
HASH, SERVICE = 'dkim-hash', 'dkim-service'
_FIRST = 'v'
_MEANT = re.compile(r'[\W_]*([vkptsgnh]\s*=|dkim)', re.IGNORECASE)
_OTHERS = re.compile(r'[\W_]*v\s*=(?!\s*dkim)', re.IGNORECASE)


def is_meant(text: str) -> bool:
    """Whether a text is meant to be a key; a wildcard may have put another one there."""
    return _MEANT.match(text) is not None and _OTHERS.match(text) is None


def judge(texts: Sequence[str], key: Key) -> str:
    """The code for the records published under a key's name.

    Of several records verifiers may take any (section 3.6.2.2), so one has to stand alone.
    """
    if not any(map(is_meant, texts)):
        return ABSENT
    if len(texts) > 1:
        return DUPLICATED
    try:
        return _judge(tags.parse(texts[0]), key)
    except ValueError:
        return GARBAGE


def _judge(found: dict[str, str], key: Key) -> str:
    """The code for the tags of a record (section 3.6.1); those unknown mean nothing."""
    if 'p' not in found or found.get('v', 'DKIM1') != 'DKIM1':
        return GARBAGE
    if _FIRST in found and next(iter(found)) != _FIRST:
        return GARBAGE
    if not found['p']:
        return REVOKED
    if found.get('k', 'rsa') != key.kind or tags.squeezed(found['p']) != key.public:
        return OTHER
    if 'h' in found and 'sha256' not in _words(found['h']):
        return HASH
    if not _words(found.get('s', '*')) & {'*', 'email'}:
        return SERVICE
    return TESTING if 'y' in _words(found.get('t', '')) else RIGHT


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(':')}
