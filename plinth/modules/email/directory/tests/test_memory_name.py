# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names of what the spam filter learned."""

import pytest

from ...errors import MailError
from ..memory_name import check_memory, is_memory, new_memory


def test_each_memory_has_another_name() -> None:
    names = {new_memory() for _each in range(100)}
    assert len(names) == 100
    assert all(map(is_memory, names))


@pytest.mark.parametrize(
    'text', ['a' * 31, 'a' * 33, 'A' * 32, 'g' * 32, 'a' * 31 + '\n', '*' * 32]
)
def test_a_name_of_another_form_is_refused(text: str) -> None:
    """It is a part of keys in Redis and of a header."""
    with pytest.raises(MailError) as caught:
        check_memory(text)
    assert caught.value.code == 'memory-invalid'


def test_a_mailbox_may_have_none_yet() -> None:
    check_memory('')
