# SPDX-License-Identifier: AGPL-3.0-or-later
"""App passwords have names that tell them apart."""

import pytest

from plinth.modules.email.directory.apppassword import LONGEST_LABEL, AppPassword, free_label
from plinth.modules.email.directory.entry import now


def named(*labels: str) -> list[AppPassword]:
    """App passwords with these names."""
    return [AppPassword('abcd', 'alice', label, now(), 'an-id') for label in labels]


@pytest.mark.parametrize(
    ('wanted', 'present', 'free'),
    [
        ('Phone', (), 'Phone'),
        ('Phone', ('Laptop',), 'Phone'),
        ('Phone', ('phone',), 'Phone 2'),
        ('Phone', ('Phone', 'Phone 2'), 'Phone 3'),
        ('x' * LONGEST_LABEL, ('x' * LONGEST_LABEL,), 'x' * (LONGEST_LABEL - 2) + ' 2'),
    ],
)
def test_a_name_that_is_taken_gets_a_number(
    wanted: str, present: tuple[str, ...], free: str
) -> None:
    assert free_label(wanted, named(*present)) == free
