# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where possible spam goes: the choice of a mailbox before that of the box."""

import pytest

from ...errors import MailError
from ..mailbox import Mailbox
from ..quarantine_choice import is_on
from ..settings import Settings


@pytest.mark.parametrize(
    ('own', 'usual', 'wanted'),
    [
        ('', '', False),
        ('', 'off', False),
        ('', 'on', True),
        ('on', '', True),
        ('on', 'off', True),
        ('off', 'on', False),
    ],
)
def test_the_own_choice_comes_first(own: str, usual: str, wanted: bool) -> None:
    mailbox, settings = Mailbox('a@example.test', quarantine=own), Settings(quarantine=usual)
    assert is_on(mailbox, settings) is wanted


@pytest.mark.parametrize('text', ['yes', 'ON', ' on', 'on\n'])
def test_other_words_are_no_choice(text: str) -> None:
    for make in (lambda: Mailbox('a@example.test', quarantine=text),
                 lambda: Settings(quarantine=text)):  # fmt: skip
        with pytest.raises(MailError, match='not a valid choice'):
            make()
