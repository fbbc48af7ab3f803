# SPDX-License-Identifier: AGPL-3.0-or-later
"""A copy is known as ours until another program changes it."""

from hypothesis import given

from .. import managed_copy
from .test_sieve_text import TEXTS


@given(TEXTS.filter(lambda text: '# mark: ' not in text and '\r' not in text))
def test_a_copy_is_ours_until_it_is_changed(script: str) -> None:
    text = managed_copy.copy_of(script)
    assert managed_copy.is_ours(text)
    assert managed_copy.is_ours(text.replace('\n', '\r\n'))
    assert not managed_copy.is_ours(f'{text}keep;')
    assert not managed_copy.is_ours(script)
