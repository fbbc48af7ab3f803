# SPDX-License-Identifier: AGPL-3.0-or-later
"""Patterns over strangers' text take time in proportion to it, whatever the text is."""

import importlib
import re
import time
from collections.abc import Iterator

import pytest

MODULES = (
    'directory.address',
    'directory.pattern',
    'directory.csv_escape',
    'reports.dmarc',
    'reports.message',
    'reports.tlsrpt',
    'reports.unpack',
    'reports.collect',
    'forms.fields',
    'sending.tls_policy',
    'views.throttle',
    'system.uploads',
)
PIECES = ('a', ' ', '(', '"', '\\', '<', '<a', '&', '&#', 'a@', 'a.', '-', '\r\n ', '$', '9', 'ü')


def _patterns() -> Iterator[tuple[str, 're.Pattern[str]']]:
    for module in MODULES:
        for name, value in vars(importlib.import_module(f'plinth.modules.email.{module}')).items():
            if isinstance(value, re.Pattern):
                yield f'{module}.{name}', value


PATTERNS = dict(_patterns())


def _seconds(pattern: 're.Pattern[str]', text: str) -> float:
    sought = text.encode() if isinstance(pattern.pattern, bytes) else text
    start = time.process_time()
    pattern.sub(sought[:0], sought)
    pattern.fullmatch(sought)
    return time.process_time() - start


def test_there_are_patterns() -> None:
    assert len(PATTERNS) >= 8, PATTERNS


@pytest.mark.parametrize('name', PATTERNS)
def test_a_pattern_is_linear(name: str) -> None:
    took = {}
    for piece in PIECES:
        short, long = (piece * 1_000_000)[:20_000], (piece * 1_000_000)[:1_000_000]
        took[piece] = _seconds(PATTERNS[name], short + 'x')
        if took[piece] < 0.05:  # one that is quadratic would take minutes with all of it
            took[piece] = _seconds(PATTERNS[name], long + 'x')
    slow = {piece: seconds for piece, seconds in took.items() if seconds > 2}
    assert not slow, f'{name} takes this many seconds for 1 MB: {slow}'
