# SPDX-License-Identifier: AGPL-3.0-or-later
"""Refusals by this box: what the texts of its services mean."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...config import mailbox_room
from ...sending import limits
from ...words import guard_refusals
from ...words.status_codes import FAULTS
from ...words.told_messages import LABELS
from ...words.told_messages import REFUSALS as SENTENCES
from ..refusals import REFUSALS, own_refusal

TO = '<x@example.test>: Recipient address rejected: '
FROM = '<x@example.test>: Sender address rejected: '


@pytest.mark.parametrize(
    ('text', 'meaning'),
    [
        (f'{TO}User unknown in virtual mailbox table', 'no-such-address'),
        (f'{TO}This address is switched off', 'address-off'),
        (f'{TO}To send as an address of example.test, log in first', 'not-logged-in'),
        (f'{FROM}not owned by user alice@example.test', 'not-allowed-sender'),
        (f'{FROM}Domain not found', 'invalid-sender'),
        (f'{TO}{mailbox_room.FULL}', 'mailbox-full'),
        ('<x@y.test>: Relay access denied', 'not-responsible'),
        (f'{TO}{limits.LATER}', 'filter-down'),
        (f'{TO}{limits.FULL}', 'too-much-held'),
        (f'{TO}{limits.CLOSED_NOW}', 'out-of-hours'),
        (f'{TO}{guard_refusals.WRITES_KNOWN}', 'known-only'),
        (f'{TO}No mail server has this name', 'no-such-domain'),
        (f'{TO}This return address has expired', 'return-address'),
        (f'{TO}This return address was not made here', 'return-address'),
        ('Not proven to come from a.test, which wants such mail refused (DMARC)', 'not-verified'),
        ('The message has more than one From line', 'more-than-one-line'),
        ('A field of the header is longer than 57,000 bytes', 'header-too-long'),
        ('The spam filter is not ready, try again later', 'filter-down'),
        ('Service unavailable - try again later', 'filter-down'),
        ('Try again later', 'try-again'),
        ('Spam message rejected', 'spam'),
        ('Gtube pattern', 'spam'),
        ('Message size exceeds fixed limit', 'too-large'),
        ('Error: too much mail from 192.0.2.1', 'too-many'),
        ('<x>: Helo command rejected: Invalid name', 'bad-server-name'),
    ],
)
def test_refusals_are_known(text: str, meaning: str) -> None:
    found = own_refusal(text)
    assert found
    assert found.meaning == meaning


def test_all_meanings_have_words() -> None:
    assert {each.meaning for each in REFUSALS} == set(SENTENCES)
    assert {each.fault for each in REFUSALS} <= set(FAULTS)
    assert {each.page for each in REFUSALS if each.page} <= set(LABELS)


@given(st.text(string.printable, max_size=400))
def test_any_text_is_borne(text: str) -> None:
    own_refusal(text)
